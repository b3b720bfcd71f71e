"""The command line: parse, dispatch, turn outcomes into exit codes; nothing else."""

import gc
import sys
from collections.abc import Callable
from importlib import import_module
from inspect import Parameter, Signature
from io import StringIO
from typing import Annotated, Any, get_type_hints

import typer
from typer.core import TyperGroup
from typer.main import get_command

from migcheck import __version__
from migcheck.commands.ended import do, tell_ended
from migcheck.commands.options import Options
from migcheck.errors import UsageError
from migcheck.exits import USAGE, finish
from migcheck.regex import regex
from migcheck.report.emit import say_problem

# Typer carries a click of its own and exports of its usage errors this leaf alone.
_UsageError: type[typer.BadParameter] = typer.BadParameter.__bases__[0]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
# What people try who look for the target among the options: one there is not, for a URL of a command line is in the
# list of processes.
_OF_TARGET = regex(r"(?i)No such option: -+\S*(?:url|dsn|db|datab|target(?!-s)|conn)")
_TARGET = "DATABASE_URL names the target, in the environment or in a file: --env-file FILE"
_TYPES = get_type_hints(Options, include_extras=True)
_DEFAULTS = dict(zip(Options.__struct_fields__, Options.__struct_defaults__, strict=True))


def _print_version(asked: bool) -> None:  # noqa: FBT001 - Typer calls it with the flag's value
    if asked:
        typer.echo(f"migcheck {__version__}")
        raise typer.Exit


@app.callback()
def _migcheck(
    *,
    _version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version.")
    ] = False,
) -> None:
    """The gate between a Drizzle migrations folder and a Postgres database.

    `verify` proves the folder; `apply` proves it against the target and then deploys it as Drizzle would.

    Exit codes: 0 clear, 1 findings that block, 2 usage or configuration, 3 undecided, 128 + the signal if interrupted.
    """


def _takes(names: str, **own: object) -> Callable[[Callable[[], None]], None]:
    """Make a command that takes those fields of Options, in this order, of the name and the help of what it decorates.

    `own` are types of fields that have other words in this command.
    """

    def register(said: Callable[[], None]) -> None:
        def parse(**told: Any) -> Options:  # noqa: ANN401 - Typer has seen to their types
            return Options(command=said.__name__, **told)

        parse.__doc__ = said.__doc__
        types = {name: own.get(name, _TYPES[name]) for name in names.split()}
        parse.__signature__ = Signature(list(map(_parameter, types, types.values())))  # type: ignore[attr-defined] # as inspect has it
        app.command(said.__name__)(parse)

    return register


def _parameter(name: str, kind: Any) -> Parameter:  # noqa: ANN401 - a type
    default = Parameter.empty if kind.__origin__ is str else _DEFAULTS[name]
    return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=kind)


def _work(options: Options) -> int:
    """Have `run` of the command's own module do it.

    That is imported only then, where faults are told: `migcheck --version` and a hook must not pay for a database
    driver, and one that cannot be loaded must not look like findings.
    """
    module = "staged" if options.if_changed else options.command
    run: Callable[[Options], int] = import_module(f"migcheck.commands.{module}").run
    return run(options)


@_takes(
    "folder base offline staged revision if_changed scratch start_from ledger env_file transport wait target_sizes "
    "trust_prelude config clearance output_format output report verbose"
)
def verify() -> None:
    """Prove that the folder is sound and that it runs, twice.

    Nothing that landed may have changed, and what is new must come after it. The migrations are rehearsed on a
    disposable Postgres, the way Drizzle runs them. Where DATABASE_URL is set, the target is read, never written.
    """


@_takes(
    "folder dry_run clearance base scratch start_from env_file transport wait target_sizes trust_prelude config "
    "output_format output report verbose"
)
def apply() -> None:
    """Deploy to the target what every gate has cleared.

    Runs all of `verify` against the target's own ledger first; there is no way around it. Then runs what is pending as
    Drizzle would, under a lock and in one transaction, and reads it back.
    """


@_takes(
    "folder to dry_run base scratch env_file transport wait trust_prelude config output_format output report verbose",
    to=Annotated[str, typer.Option(metavar="MIGRATION", help="The last migration that stays: its tag or number.")],
)
def undo() -> None:
    """Undo on the target what was applied last, by its rollbacks.

    Runs all of `verify` first, then proves each rollback on a disposable Postgres. Only then runs them, newest first,
    under the lock of a deploy and in one transaction, and takes the rows out of the ledger with them.
    """


@_takes(
    "folder to dry_run base scratch env_file wait transport trust_prelude config output_format output report verbose"
)
def baseline() -> None:
    """Begin the ledger of a database that has its tables already.

    For one that `drizzle-kit push` or a person built. Writes the rows of the migrations that the target has, and runs
    none of them: only where it equals what these build on a disposable Postgres, else it lists the differences.
    """


@_takes("folder base staged ledger env_file transport wait config output_format output verbose")
def status() -> None:
    """Show what is applied, pending, skipped or edited on the target."""


@_takes(
    "folder landed reason until dry_run base offline scratch ledger env_file transport trust_prelude config",
    dry_run=Annotated[bool, typer.Option("--dry-run", help="Show the waivers and write nothing.")],
)
def waive() -> None:
    """Accept old debt by name, so that whatever is new stands out.

    Runs all of `verify`, on the folder as it is and as base has it, and adds a waiver to the configuration for each
    finding that blocks and that base has already. Then it says what still blocks.
    """


@_takes("folder write file config")
def guide() -> None:
    """Tell people and assistants how migrations are written here.

    One page from the project's own configuration: the rule, the steps with its commands, what never to do and why, and
    what to do when it fails. A file that is there keeps all its text: the page stands between two marks.
    """


@_takes(
    "migration folder write base scratch env_file trust_prelude config output",
    write=Annotated[bool, typer.Option("--write", help="Write it beside the migration.")],
)
def rollback() -> None:
    """Print what undoes a migration, proven before it is shown.

    The rollback that the folder has, else one that is derived from what the migration changes. On a disposable Postgres
    runs the migration, the rollback and the migration again, and says what is lost by it.
    """


@_takes("code case output_format output")
def explain() -> None:
    """Tell why a rule is one, and how to fix what breaks it.

    `migcheck explain rollback` tells how a deploy is undone, case by case.
    """


@_takes("output_format output")
def rules() -> None:
    """List every rule, gate by gate."""


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
        names_target = _OF_TARGET.match(error.format_message()) is not None
        say_problem(told.getvalue().rstrip(), _TARGET if names_target else "")
        if asked_for := _leniently(sys.argv[1:]):
            help_of = _TARGET if names_target else f"`migcheck {asked_for.command} --help` has the options"
            tell_ended(asked_for, UsageError(error.format_message(), help_of))
        return USAGE
    # Of --help and --version there is an exit code alone.
    return do(asked, _work) if isinstance(asked, Options) else int(asked or 0)


def _leniently(words: list[str]) -> Options | None:
    """What `words`, which cannot be used, ask for all the same; None where they name no command."""
    commands = _command.commands if isinstance(_command, TyperGroup) else {}
    at = next((at for at, word in enumerate(words) if word in commands), None)
    if at is None:
        return None
    command, rest = commands[words[at]], words[at + 1 :]
    with command.make_context(words[at], rest, resilient_parsing=True, ignore_unknown_options=True) as context:
        options: Options = command.invoke(context)
        return options
