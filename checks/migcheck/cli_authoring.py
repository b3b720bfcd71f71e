"""The commands for whoever writes migrations: old debt, the guide, rollbacks, and what the rules say."""

# Each command imports its own work, and its parameters are the fields of Options, as in `cli`.
# ruff: noqa: PLC0415, ARG001, PLR0913

import typer

from migcheck.commands import arguments
from migcheck.commands.options import Format, Options, Parsed

authoring = typer.Typer()


@authoring.command()
def waive(
    context: typer.Context,
    folder: arguments.Folder = None,
    *,
    landed: arguments.Landed = False,
    reason: arguments.Reason = None,
    until: arguments.Until = None,
    dry_run: arguments.OnlyShow = False,
    base: arguments.Base = None,
    offline: arguments.Offline = False,
    scratch: arguments.Scratch = None,
    ledger: arguments.Ledger = None,
    env_file: arguments.EnvFile = None,
    transport: arguments.Transport = None,
    trust_prelude: arguments.TrustPrelude = False,
    config: arguments.Config = None,
) -> Parsed:
    """Accept old debt by name, so that whatever is new stands out.

    Runs all of `verify`, on the folder as it is and as base has it, and adds a waiver to the configuration for each
    finding that blocks and that base has already. Then it says what still blocks.
    """
    return Parsed.of("waive", context.params)


@authoring.command()
def guide(
    context: typer.Context,
    folder: arguments.Folder = None,
    *,
    write: arguments.Write = False,
    file: arguments.GuideFile = None,
    config: arguments.Config = None,
) -> Parsed:
    """Tell people and assistants how migrations are written here.

    One page from the project's own configuration: the rule, the steps with its commands, what never to do and why, and
    what to do when it fails. A file that is there keeps all its text: the page stands between two marks.
    """
    return Parsed.of("guide", context.params)


@authoring.command()
def rollback(
    context: typer.Context,
    migration: arguments.Migration,
    folder: arguments.Folder = None,
    *,
    write: arguments.WriteRollback = False,
    base: arguments.Base = None,
    scratch: arguments.Scratch = None,
    env_file: arguments.EnvFile = None,
    trust_prelude: arguments.TrustPrelude = False,
    config: arguments.Config = None,
    output: arguments.Output = None,
) -> Parsed:
    """Print what undoes a migration, proven before it is shown.

    The rollback that the folder has, else one that is derived from what the migration changes. On a disposable Postgres
    runs the migration, the rollback and the migration again, and says what is lost by it.
    """
    return Parsed.of("rollback", context.params)


@authoring.command()
def explain(
    code: arguments.Code,
    case: arguments.Case = None,
    *,
    output_format: arguments.OutputFormat = Format.TEXT,
    output: arguments.Output = None,
) -> Parsed:
    """Tell why a rule is one, and how to fix what breaks it.

    `migcheck explain rollback` tells how a deploy is undone, case by case.
    """
    options = Options(command="explain", output_format=output_format, output=output)

    def work() -> int:
        from migcheck.commands.explain import run

        return run(code, case, options)

    return Parsed(options, work)


@authoring.command()
def rules(*, output_format: arguments.OutputFormat = Format.TEXT, output: arguments.Output = None) -> Parsed:
    """List every rule, gate by gate."""
    options = Options(command="rules", output_format=output_format, output=output)

    def work() -> int:
        from migcheck.commands.rules import run

        return run(options)

    return Parsed(options, work)
