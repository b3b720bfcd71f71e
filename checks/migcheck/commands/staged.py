"""`migcheck verify --staged --if-changed`: whether a hook has anything to judge."""

from pathlib import Path
from typing import TYPE_CHECKING

from migcheck.errors import UsageError

if TYPE_CHECKING:
    from migcheck.facts.git.open_repository import NoRepository
    from migcheck.facts.git.repository import Repository


def with_something_staged(*, staged: bool, clearing: bool) -> "Repository | NoRepository | None":
    """The repository around the working directory; None where a hook has nothing to judge there.

    Most commits are none of its business, and wait for it.
    """
    from migcheck.facts.git.open_repository import open_repository  # noqa: PLC0415 - no other command needs git for it
    from migcheck.facts.hook.staged_change import touches_migrations  # noqa: PLC0415 - likewise

    if not staged:
        raise UsageError("--if-changed asks what is staged", "use it with --staged")
    if clearing:
        # It would leave with 0, no clearance, and whatever an older run wrote there.
        raise UsageError("--if-changed may judge nothing, which gives no --clearance", "leave out one of them")
    repository = open_repository(Path())
    return repository if touches_migrations(repository) else None
