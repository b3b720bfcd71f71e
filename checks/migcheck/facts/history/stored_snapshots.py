"""The snapshots that git has, whether they lie about or not, and how each is brought back."""

from collections.abc import Callable, Iterator
from posixpath import join, normpath, relpath

from migcheck.errors import UndecidableError
from migcheck.facts.git.repository import Repository
from migcheck.facts.git.submodule import Submodule
from migcheck.facts.git.submodules import tree_at
from migcheck.facts.history.history import Base, History
from migcheck.facts.layouts import snapshot_of
from migcheck.wording import bring_back

_DIGITS = 12


def snapshots_in_base(repository: Repository, history: History) -> Callable[[str], bytes | None]:
    """What reads a snapshot as base has it, by its path now; None where it has none, or nothing has landed.

    Raises as `tree_at`.
    """
    if history.before is None or not isinstance(history.base, Base):
        return lambda _path: None
    tree = tree_at(repository, history.base.revision, history.base.submodule)
    was, here = history.before.path, history.after.path
    return lambda path: tree.find(normpath(join(was, relpath(path, here))))


def stored_snapshots(repository: Repository, history: History) -> dict[str, str]:
    """For each snapshot of HEAD and of base, by its prefix, the command that brings it back; base's where both have it.

    What this clone cannot list is left out: it only helps to say what to do.
    """
    head, here = repository.resolve("HEAD"), history.after.path
    places: list[tuple[str, str, Submodule | None]] = [(head, here, None)] if head else []
    if isinstance(history.base, Base) and history.before is not None:
        places.append((history.base.revision, history.before.path, history.base.submodule))
    return {
        prefix: _bring_back(revision, submodule, path, normpath(join(here, relpath(path, folder))))
        for revision, folder, submodule in places
        for prefix, path in _snapshots(repository, revision, submodule, folder)
    }


def _bring_back(revision: str, submodule: Submodule | None, was: str, there: str) -> str:
    return submodule.bring_back(was, there) if submodule else bring_back(revision[:_DIGITS], was, there)


def _snapshots(
    repository: Repository, revision: str, submodule: Submodule | None, folder: str
) -> Iterator[tuple[str, str]]:
    try:
        paths = [each.path for each in tree_at(repository, revision, submodule).files(folder)]
    except UndecidableError:
        return
    yield from ((prefix, path) for path in paths if (prefix := snapshot_of(relpath(path, folder))) is not None)
