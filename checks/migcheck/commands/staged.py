"""`migcheck verify --staged --if-changed`: whether a hook has anything to judge."""

from pathlib import Path

from migcheck.commands.options import Options
from migcheck.errors import UsageError
from migcheck.exits import CLEAR
from migcheck.facts.git.open_repository import open_repository
from migcheck.facts.hook.staged_change import touches_migrations


def run(options: Options) -> int:
    """Judge what is staged, where it is of migrations: most commits are none of a hook's business, and wait for it."""
    if not options.staged:
        raise UsageError("--if-changed asks what is staged", "use it with --staged")
    if options.clearance is not None:
        # It would leave with 0, no clearance, and whatever an older run wrote there.
        raise UsageError("--if-changed may judge nothing, which gives no --clearance", "leave out one of them")
    repository = open_repository(Path())
    if not touches_migrations(repository):
        return CLEAR
    from migcheck.commands import verify  # noqa: PLC0415 - only where there is something to judge

    return verify.run(options, repository)
