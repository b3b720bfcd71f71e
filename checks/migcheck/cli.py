"""The command line: parse, dispatch, turn outcomes into exit codes; nothing else."""

# Each command imports its own work: `migcheck --version` and a hook must not pay for a database driver.
# ruff: noqa: PLC0415
# A command's parameters are its options, by the names of the fields of Options: Typer hands them on in the context.
# ruff: noqa: ARG001, PLR0913

import gc
from typing import Annotated

import typer

from migcheck import __version__
from migcheck.commands import arguments as given
from migcheck.commands.options import Format, Options
from migcheck.exits import finish

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

    Exit codes: 0 clear, 1 findings that block, 2 usage or configuration, 3 undecided, 130 interrupted.
    """


@app.command()
def verify(
    context: typer.Context,
    folder: given.Folder = None,
    *,
    base: given.Base = None,
    offline: given.Offline = False,
    staged: given.Staged = False,
    scratch: given.Scratch = None,
    ledger: given.Ledger = None,
    env_file: given.EnvFile = None,
    trust_prelude: given.TrustPrelude = False,
    config: given.Config = None,
    clearance: given.Clearance = None,
    output_format: given.OutputFormat = Format.TEXT,
    output: given.Output = None,
    verbose: given.Verbose = False,
) -> None:
    """Prove that the folder is sound and that it runs, twice.

    Nothing that landed may have changed, and what is new must come after it. The migrations are rehearsed on a
    disposable Postgres, the way Drizzle runs them. Where DATABASE_URL is set, the target is read, never written.
    """
    from migcheck.commands.verify import run

    finish(lambda: run(Options(**context.params)))


@app.command()
def apply(
    context: typer.Context,
    folder: given.Folder = None,
    *,
    dry_run: given.DryRun = False,
    clearance: given.Clearance = None,
    base: given.Base = None,
    scratch: given.Scratch = None,
    env_file: given.EnvFile = None,
    trust_prelude: given.TrustPrelude = False,
    config: given.Config = None,
    output_format: given.OutputFormat = Format.TEXT,
    output: given.Output = None,
    verbose: given.Verbose = False,
) -> None:
    """Deploy to the target what every gate has cleared.

    Runs all of `verify` against the target's own ledger first; there is no way around it. Then runs what is pending as
    Drizzle would, under a lock and in one transaction, and reads it back.
    """
    from migcheck.commands.apply import run

    finish(lambda: run(Options(**context.params)))


@app.command()
def status(
    context: typer.Context,
    folder: given.Folder = None,
    *,
    base: given.Base = None,
    staged: given.Staged = False,
    ledger: given.Ledger = None,
    env_file: given.EnvFile = None,
    config: given.Config = None,
    output_format: given.OutputFormat = Format.TEXT,
    output: given.Output = None,
) -> None:
    """Show what is applied, pending, skipped or edited on the target."""
    from migcheck.commands.status import run

    finish(lambda: run(Options(**context.params)))


@app.command()
def explain(code: given.Code, *, output_format: given.OutputFormat = Format.TEXT, output: given.Output = None) -> None:
    """Tell why a rule is one, and how to fix what breaks it."""
    from migcheck.commands.explain import run

    finish(lambda: run(code, output_format, output))


@app.command()
def rules(*, output_format: given.OutputFormat = Format.TEXT, output: given.Output = None) -> None:
    """List every rule, gate by gate."""
    from migcheck.commands.rules import run

    finish(lambda: run(output_format, output))


def main() -> None:
    """Run the command line."""
    # Half of an offline run is imports, which leave no garbage behind: looking for it less often saves a tenth.
    gc.set_threshold(100_000, 50, 50)
    app(prog_name="migcheck")
