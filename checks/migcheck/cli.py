"""The command line: parse, dispatch, turn outcomes into exit codes; nothing else."""

# A command's parameters are its options, by the names of the fields of Options: Typer hands them on in the context.
# ruff: noqa: ARG001, PLR0913

import gc
import sys
from io import StringIO
from typing import Annotated

import typer
from typer.main import get_command

from migcheck import __version__
from migcheck.cli_authoring import authoring
from migcheck.commands import arguments
from migcheck.commands.ended import do, tell_ended
from migcheck.commands.lenient import leniently
from migcheck.commands.options import Format, Options, Parsed
from migcheck.commands.staged import with_something_staged
from migcheck.errors import UsageError
from migcheck.exits import CLEAR, USAGE, finish
from migcheck.report.emit import say
from migcheck.report.visible import visible

# Typer carries a click of its own and exports of its usage errors this leaf alone.
_UsageError: type[typer.BadParameter] = typer.BadParameter.__bases__[0]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)


def _print_version(asked: bool) -> None:  # noqa: FBT001 - Typer calls it with the flag's value
    if asked:
        typer.echo(f"migcheck {__version__}")
        raise typer.Exit


@app.callback()
def migcheck(
    *,
    _version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version.")
    ] = False,
) -> None:
    """The gate between a Drizzle migrations folder and a Postgres database.

    `verify` proves the folder; `apply` proves it against the target and then deploys it as Drizzle would.

    Exit codes: 0 clear, 1 findings that block, 2 usage or configuration, 3 undecided, 130 or 143 interrupted.
    """


@app.command()
def verify(
    context: typer.Context,
    folder: arguments.Folder = None,
    *,
    base: arguments.Base = None,
    offline: arguments.Offline = False,
    staged: arguments.Staged = False,
    revision: arguments.Revision = None,
    if_changed: arguments.IfChanged = False,
    scratch: arguments.Scratch = None,
    start_from: arguments.StartFrom = None,
    ledger: arguments.Ledger = None,
    env_file: arguments.EnvFile = None,
    transport: arguments.Transport = None,
    wait: arguments.Wait = 0,
    target_sizes: arguments.TargetSizes = False,
    trust_prelude: arguments.TrustPrelude = False,
    config: arguments.Config = None,
    clearance: arguments.Clearance = None,
    output_format: arguments.OutputFormat = Format.TEXT,
    output: arguments.Output = None,
    report: arguments.Report = None,
    verbose: arguments.Verbose = False,
) -> Parsed:
    """Prove that the folder is sound and that it runs, twice.

    Nothing that landed may have changed, and what is new must come after it. The migrations are rehearsed on a
    disposable Postgres, the way Drizzle runs them. Where DATABASE_URL is set, the target is read, never written.
    """
    options = Options.of("verify", context.params)

    def work() -> int:
        met = with_something_staged(staged=staged, clearing=clearance is not None) if if_changed else None
        if if_changed and met is None:
            return CLEAR
        from migcheck.commands.verify import run  # noqa: PLC0415 - as the others, in `Parsed.of`

        return run(options, met)

    return Parsed(options, work)


@app.command()
def apply(
    context: typer.Context,
    folder: arguments.Folder = None,
    *,
    dry_run: arguments.DryRun = False,
    clearance: arguments.Clearance = None,
    base: arguments.Base = None,
    scratch: arguments.Scratch = None,
    start_from: arguments.StartFrom = None,
    env_file: arguments.EnvFile = None,
    transport: arguments.Transport = None,
    wait: arguments.Wait = 0,
    target_sizes: arguments.TargetSizes = False,
    trust_prelude: arguments.TrustPrelude = False,
    config: arguments.Config = None,
    output_format: arguments.OutputFormat = Format.TEXT,
    output: arguments.Output = None,
    report: arguments.Report = None,
    verbose: arguments.Verbose = False,
) -> Parsed:
    """Deploy to the target what every gate has cleared.

    Runs all of `verify` against the target's own ledger first; there is no way around it. Then runs what is pending as
    Drizzle would, under a lock and in one transaction, and reads it back.
    """
    return Parsed.of("apply", context.params)


@app.command()
def undo(
    context: typer.Context,
    folder: arguments.Folder = None,
    *,
    to: arguments.UndoTo,
    dry_run: arguments.DryRun = False,
    base: arguments.Base = None,
    scratch: arguments.Scratch = None,
    env_file: arguments.EnvFile = None,
    transport: arguments.Transport = None,
    wait: arguments.Wait = 0,
    trust_prelude: arguments.TrustPrelude = False,
    config: arguments.Config = None,
    output_format: arguments.OutputFormat = Format.TEXT,
    output: arguments.Output = None,
    report: arguments.Report = None,
    verbose: arguments.Verbose = False,
) -> Parsed:
    """Undo on the target what was applied last, by its rollbacks.

    Runs all of `verify` first, then proves each rollback on a disposable Postgres. Only then runs them, newest first,
    under the lock of a deploy and in one transaction, and takes the rows out of the ledger with them.
    """
    return Parsed.of("undo", context.params)


@app.command()
def baseline(
    context: typer.Context,
    folder: arguments.Folder = None,
    *,
    to: arguments.To = None,
    dry_run: arguments.DryRun = False,
    base: arguments.Base = None,
    scratch: arguments.Scratch = None,
    env_file: arguments.EnvFile = None,
    wait: arguments.Wait = 0,
    transport: arguments.Transport = None,
    trust_prelude: arguments.TrustPrelude = False,
    config: arguments.Config = None,
    output_format: arguments.OutputFormat = Format.TEXT,
    output: arguments.Output = None,
    report: arguments.Report = None,
    verbose: arguments.Verbose = False,
) -> Parsed:
    """Begin the ledger of a database that has its tables already.

    For one that `drizzle-kit push` or a person built. Writes the rows of the migrations that the target has, and runs
    none of them: only where it equals what these build on a disposable Postgres, else it lists the differences.
    """
    return Parsed.of("baseline", context.params)


@app.command()
def status(
    context: typer.Context,
    folder: arguments.Folder = None,
    *,
    base: arguments.Base = None,
    staged: arguments.Staged = False,
    ledger: arguments.Ledger = None,
    env_file: arguments.EnvFile = None,
    transport: arguments.Transport = None,
    wait: arguments.Wait = 0,
    config: arguments.Config = None,
    output_format: arguments.OutputFormat = Format.TEXT,
    output: arguments.Output = None,
    verbose: arguments.Verbose = False,
) -> Parsed:
    """Show what is applied, pending, skipped or edited on the target."""
    return Parsed.of("status", context.params)


app.add_typer(authoring)
_command = get_command(app)


def main() -> None:
    """Run the command line."""
    # Half of an offline run is imports, which leave no garbage behind: looking for it less often saves a tenth.
    gc.set_threshold(100_000, 50, 50)
    finish(_run)


def _run() -> int:
    try:
        asked = _command(prog_name="migcheck", standalone_mode=False)
    except _UsageError as error:
        # Through `visible`: a URL that strayed into the command line holds a password.
        told = StringIO()
        error.show(file=told)
        say(visible(told.getvalue()).rstrip())
        if asked_for := leniently(_command, sys.argv[1:]):
            help_of = f"`migcheck {asked_for.command} --help` has the options"
            tell_ended(asked_for, UsageError(error.format_message(), help_of))
        return USAGE
    # Of --help and --version there is an exit code alone.
    return do(asked) if isinstance(asked, Parsed) else int(asked or 0)
