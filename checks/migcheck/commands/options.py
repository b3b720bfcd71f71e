"""What the command line can say: each argument and option once, the same in every command that has it."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from msgspec import Struct
from typer import Argument, Option

from migcheck.config.config import KINDS, StartFrom
from migcheck.route import Transport


class Format(StrEnum):
    """How a report is written."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


class Options(Struct, frozen=True):
    """What a command was told: the types and defaults of its parameters, and their help.

    `command` is its own name. Paths are relative to the working directory. What is a plain `str` has to be told.
    """

    command: str = "verify"
    folder: Annotated[
        str | None,
        Argument(metavar="FOLDER", help="The migrations folder. Default: what migcheck.toml or drizzle.config say."),
    ] = None
    base: Annotated[
        str | None,
        Option(metavar="REV", help="The git revision that has landed. Default: from CI, else the default branch."),
    ] = None
    offline: Annotated[bool, Option("--offline", help="Only the gates that need no server.")] = False
    staged: Annotated[bool, Option("--staged", help="Judge the git index, as a pre-commit hook must.")] = False
    revision: Annotated[
        str | None, Option(metavar="REV", help="Judge this commit, not what lies about, as a pre-push hook must.")
    ] = None
    if_changed: Annotated[
        bool,
        Option("--if-changed", help="Say nothing where no staged change is one of migrations, or of what runs them."),
    ] = False
    scratch: Annotated[
        str | None,
        Option(metavar="KIND", help=f"Where to rehearse: {', '.join(KINDS)}, or an administrator's URL."),
    ] = None
    start_from: Annotated[
        StartFrom | None,
        Option(
            metavar="WHAT",
            help="What a rehearsal begins with: files, or target: a copy of its schema, where only what is pending "
            "runs.",
        ),
    ] = None
    ledger: Annotated[
        list[Path] | None,
        Option(
            path_type=Path, metavar="FILE", help="A ledger that `status --format json` wrote, in place of the target's."
        ),
    ] = None
    env_file: Annotated[
        Path | None,
        Option(path_type=Path, metavar="FILE", help="Read variables such as DATABASE_URL from this .env file."),
    ] = None
    transport: Annotated[
        Transport | None,
        Option(
            metavar="WAY",
            help="How to reach the target: tcp, websocket, or auto: where its port is closed a WebSocket, for Neon or "
            "through the wsproxy that is named.",
        ),
    ] = None
    wait: Annotated[
        int, Option(min=0, metavar="SECONDS", help="How long to wait for a target that is still starting.")
    ] = 0
    target_sizes: Annotated[
        bool,
        Option("--target-sizes", help="Show how large the tables that pending migrations touch are on the target."),
    ] = False
    trust_prelude: Annotated[
        bool, Option("--trust-prelude", help="Take prelude, image, extensions and dsn from this change, not from base.")
    ] = False
    config: Annotated[str | None, Option(metavar="FILE", help="The configuration. Default: searched upward.")] = None
    clearance: Annotated[
        Path | None,
        Option(
            path_type=Path,
            metavar="FILE",
            help="What verify clears goes here; apply takes it in place of git and a rehearsal.",
        ),
    ] = None
    output_format: Annotated[Format, Option("--format", help="How to write the report.")] = Format.TEXT
    output: Annotated[
        Path | None, Option(path_type=Path, metavar="FILE", help="Write the report here, not to standard output.")
    ] = None
    report: Annotated[
        Path | None, Option(path_type=Path, metavar="FILE", help="Write the JSON report here as well.")
    ] = None
    verbose: Annotated[bool, Option("--verbose", "-v", help="Show everything, not the first of each kind.")] = False
    dry_run: Annotated[bool, Option("--dry-run", help="Print the plan and touch nothing.")] = False
    to: Annotated[
        str | None,
        Option(metavar="MIGRATION", help="The last migration that the target has: its tag or number. Default: all."),
    ] = None
    migration: Annotated[str, Argument(metavar="MIGRATION", help="Its tag or number.")] = ""
    landed: Annotated[bool, Option("--landed", help="Waive what base has already, and nothing of this change.")] = False
    reason: Annotated[str | None, Option(metavar="TEXT", help="Why it is accepted. Default: that it is old debt.")] = (
        None
    )
    until: Annotated[str | None, Option(metavar="DATE", help="The last day of the waivers. Default: in a year.")] = None
    write: Annotated[bool, Option("--write", help="Write it into the repository: MIGRATIONS.md beside the folder.")] = (
        False
    )
    file: Annotated[
        Path | None, Option(path_type=Path, metavar="FILE", help="Write it there, below what the file has already.")
    ] = None
    code: Annotated[str, Argument(metavar="CODE", help="A rule's code or name, such as MC201; or rollback.")] = ""
    case: Annotated[str | None, Argument(metavar="CASE", help="A case of rollback, which lists them.")] = None

    @property
    def typed(self) -> str:
        """The command with what has to stand in front of a FOLDER."""
        return f"{self.command} MIGRATION" if self.command == "rollback" else self.command
