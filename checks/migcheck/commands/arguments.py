"""The arguments and options of the command line: the same names, with the same meaning, in every command."""

from pathlib import Path
from typing import Annotated

import typer

from migcheck.commands.options import Format
from migcheck.config import KINDS
from migcheck.config import StartFrom as _StartFrom
from migcheck.route import Transport as _Transport

Folder = Annotated[
    str | None,
    typer.Argument(metavar="FOLDER", help="The migrations folder. Default: what migcheck.toml or drizzle.config say."),
]
Base = Annotated[
    str | None,
    typer.Option(metavar="REV", help="The git revision that has landed. Default: from CI, else the default branch."),
]
Offline = Annotated[bool, typer.Option("--offline", help="Only the gates that need no server.")]
Staged = Annotated[bool, typer.Option("--staged", help="Judge the git index, as a pre-commit hook must.")]
Revision = Annotated[
    str | None,
    typer.Option(metavar="REV", help="Judge this commit, not what lies about, as a pre-push hook must."),
]
IfChanged = Annotated[
    bool,
    typer.Option("--if-changed", help="Say nothing where no staged change is one of migrations, or of what runs them."),
]
Scratch = Annotated[
    str | None,
    typer.Option(metavar="KIND", help=f"Where to rehearse: {', '.join(KINDS)}, or an administrator's URL."),
]
StartFrom = Annotated[
    _StartFrom | None,
    typer.Option(
        metavar="WHAT",
        help="What a rehearsal begins with: files, or target: a copy of its schema, where only what is pending runs.",
    ),
]
OutputFormat = Annotated[Format, typer.Option("--format", help="How to write the report.")]
Output = Annotated[
    Path | None, typer.Option(path_type=Path, metavar="FILE", help="Write the report here, not to standard output.")
]
Report = Annotated[
    Path | None, typer.Option(path_type=Path, metavar="FILE", help="Write the JSON report here as well.")
]
Config = Annotated[str | None, typer.Option(metavar="FILE", help="The configuration. Default: searched upward.")]
Ledger = Annotated[
    list[Path] | None,
    typer.Option(
        path_type=Path, metavar="FILE", help="A ledger that `status --format json` wrote, in place of the target's."
    ),
]
EnvFile = Annotated[
    Path | None,
    typer.Option(path_type=Path, metavar="FILE", help="Read variables such as DATABASE_URL from this .env file."),
]
Transport = Annotated[
    _Transport | None,
    typer.Option(
        metavar="WAY",
        help="How to reach the target: tcp, websocket, or auto: where its port is closed a WebSocket, for Neon or "
        "through the wsproxy that is named.",
    ),
]
Wait = Annotated[
    int,
    typer.Option(min=0, metavar="SECONDS", help="How long to wait for a target that is still starting."),
]
TargetSizes = Annotated[
    bool,
    typer.Option("--target-sizes", help="Show how large the tables that pending migrations touch are on the target."),
]
TrustPrelude = Annotated[
    bool,
    typer.Option("--trust-prelude", help="Take prelude, image, extensions and dsn from this change, not from base."),
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show everything, not the first of each kind.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the plan and touch nothing.")]
Clearance = Annotated[
    Path | None,
    typer.Option(
        path_type=Path,
        metavar="FILE",
        help="What verify clears goes here; apply takes it in place of git and a rehearsal.",
    ),
]
To = Annotated[
    str | None,
    typer.Option(metavar="MIGRATION", help="The last migration that the target has: its tag or number. Default: all."),
]
UndoTo = Annotated[str, typer.Option(metavar="MIGRATION", help="The last migration that stays: its tag or number.")]
Migration = Annotated[str, typer.Argument(metavar="MIGRATION", help="Its tag or number.")]
WriteRollback = Annotated[bool, typer.Option("--write", help="Write it beside the migration.")]
Code = Annotated[str, typer.Argument(metavar="CODE", help="A rule's code or name, such as MC201; or rollback.")]
Case = Annotated[str | None, typer.Argument(metavar="CASE", help="A case of rollback, which lists them.")]
Landed = Annotated[bool, typer.Option("--landed", help="Waive what base has already, and nothing of this change.")]
Reason = Annotated[str | None, typer.Option(metavar="TEXT", help="Why it is accepted. Default: that it is old debt.")]
Until = Annotated[str | None, typer.Option(metavar="DATE", help="The last day of the waivers. Default: in a year.")]
OnlyShow = Annotated[bool, typer.Option("--dry-run", help="Show the waivers and write nothing.")]
Write = Annotated[bool, typer.Option("--write", help="Write it into the repository: MIGRATIONS.md beside the folder.")]
GuideFile = Annotated[
    Path | None, typer.Option(path_type=Path, metavar="FILE", help="Write it there, below what the file has already.")
]
