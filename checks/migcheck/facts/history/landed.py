"""The folder as base has it: also where it was named otherwise, or where base's journal cannot be read."""

from collections.abc import Iterable, Iterator
from itertools import islice
from os.path import realpath
from posixpath import dirname

from msgspec import Struct
from msgspec.structs import replace

from migcheck.drizzle.folder import Folder, Layout
from migcheck.drizzle.journal import BrokenJournal, Journal, folder_around, is_journal
from migcheck.errors import UndecidableError
from migcheck.facts.git.repository import WHOLE_HISTORY, Repository
from migcheck.facts.git.submodule import Submodule
from migcheck.facts.git.submodules import of_another, refuse_deeper, submodule_of, submodule_of_head, tree_at
from migcheck.facts.git.trees import GitTree
from migcheck.facts.history.history import Base, NothingLanded
from migcheck.facts.read_folder import read_folder
from migcheck.facts.tree import without_snapshots

_FARTHEST = 100


class Landed(Struct, frozen=True):
    """The folder that has landed, without its snapshots, and the revision it was read from."""

    base: Base
    folder: Folder


def landed_folder(repository: Repository, base: Base, head: Folder, tree: GitTree) -> Landed | NothingLanded:
    """The folder of base that `head` (read from `tree`) came from. Raises UndecidableError where it cannot be read.

    Where base's own journal cannot be read, what has landed is what the newest ancestor that can be read has.
    """
    said = head.journal.stale.config if isinstance(head.journal, Journal) and head.journal.stale else ""
    folder = _folder_at(repository, base.revision, head.path, said)
    around = base
    if not _is_absent(folder):
        base = replace(base, apart=submodule_of_head(repository, head.path) is not None)
    elif held := _held(repository, base, head, tree):
        if isinstance(held, Landed):
            return held
        submodule, path = held
        base = replace(base, why=_of_submodule(base, submodule), submodule=submodule)
        landed = tree_at(repository, base.revision, submodule)
        refuse_deeper(landed, path)
        folder = read_folder(without_snapshots(landed), path, said)
    if _is_absent(folder):
        found = _renamed(repository, base, head, tree) if base.submodule else None
        return (
            found
            or _renamed(repository, around, head, tree)
            or NothingLanded(f"base has no migrations in {head.path}; it is {base.why}", base.revision, base.unlanded)
        )
    if not isinstance(folder.journal, BrokenJournal):
        return Landed(base, folder)
    if base.submodule is not None:
        raise UndecidableError(f"{folder.journal.problem}: so it is in base", "name a base in which it can be read")
    return _stepped_back(repository, base, folder, said)


def _held(repository: Repository, base: Base, head: Folder, tree: GitTree) -> tuple[Submodule, str] | Landed | None:
    """The submodule of base that held the folder `head`, and where; or what went from there into one that is new.

    Raises UndecidableError where the submodule is new and nothing went there: its migrations may have landed long ago.
    """
    inside = submodule_of_head(repository, head.path)
    found = submodule_of(repository, base.revision, head.path, inside)
    if found is not None or inside is None:
        return found
    went = _renamed(repository, base, head, tree)
    if went is None:
        raise of_another(repository, head.path, inside.place)
    return Landed(replace(went.base, apart=True), went.folder)


def _of_submodule(base: Base, submodule: Submodule) -> str:
    return f"{base.why}; there {submodule.place} is a submodule, of commit {submodule.commit[:12]}"


def _folder_at(repository: Repository, revision: str, path: str, said: str = "") -> Folder:
    """The folder as `revision` has it. `said` is the drizzle.config of head by which it is of Postgres."""
    return read_folder(without_snapshots(repository.revision(revision)), path, said)


def _is_absent(folder: Folder) -> bool:
    return isinstance(folder.journal, BrokenJournal) and not folder.files and not folder.unreadable


def _renamed(repository: Repository, base: Base, head: Folder, tree: GitTree) -> Landed | None:
    """The folder of base that holds most of what head holds and that is no more: it was moved to where head is.

    By name or by text: what was edited on the way keeps its name.
    """
    best: tuple[int, Folder] | None = None
    hashes, tags = ({getattr(each, key) for each in head.migrations} for key in ("hash", "tag"))
    landed = tree_at(repository, base.revision, base.submodule)
    under = base.submodule.place if base.submodule else "."
    for path in _folders(each.path for each in landed.files(under)):
        if path == head.path or (_is_still_there(tree, path) and not _leads(repository, path, head.path)):
            continue
        folder = read_folder(without_snapshots(landed), path)
        same = sum(each.hash in hashes or each.tag in tags for each in folder.migrations)
        if same * 2 > len(folder.migrations) and (best is None or same > best[0]):
            best = same, folder
    if best is None:
        return None
    return Landed(replace(base, why=f"{base.why}; there the folder is {best[1].path}"), best[1])


def _is_still_there(tree: GitTree, path: str) -> bool:
    """Whether Drizzle finds migrations at `path`: files that a move left behind are none of them."""
    folder = read_folder(without_snapshots(tree), path)
    return bool(folder.migrations) or not isinstance(folder.journal, BrokenJournal)


def _leads(repository: Repository, link: str, path: str) -> bool:
    """Whether all that was left behind is a link to where the folder is now."""
    left = repository.top / link
    return left.is_symlink() and realpath(left) == realpath(repository.top / path)


def _folders(paths: Iterable[str]) -> Iterator[str]:
    """The paths of everything that looks like a migrations folder."""
    found = set()
    for path in paths:
        if is_journal(path):
            found.add(folder_around(path))
        elif path.endswith("/migration.sql"):
            found.add(dirname(dirname(path)) or ".")
    yield from sorted(found)


def _stepped_back(repository: Repository, base: Base, broken: Folder, said: str) -> Landed | NothingLanded:
    journal = broken.journal
    assert isinstance(journal, BrokenJournal)
    _unless_it_runs(journal, base.revision)
    output = repository.git.need("rev-list", "--first-parent", base.revision, "--", f":(top,literal){journal.path}")
    for revision in islice(output.decode().split(), _FARTHEST):
        folder = _folder_at(repository, revision, broken.path, said)
        if folder.layout is Layout.FOLDERS or not isinstance(folder.journal, BrokenJournal):
            why = f"the newest revision whose journal can be read, before {base.why} ({base.revision[:12]})"
            return Landed(replace(base, revision=revision, why=why, last=""), folder)
        _unless_it_runs(folder.journal, revision)
    if repository.shallow:
        raise UndecidableError(f"{journal.problem} in base, and this shallow clone has nothing before", WHOLE_HISTORY)
    why = f"base never had a journal that can be read in {broken.path}; it is {base.why}"
    return NothingLanded(why, base.revision, base.unlanded)


def _unless_it_runs(journal: BrokenJournal, revision: str) -> None:
    # A folder with a journal of version 12 was restarted: taken for nothing landed it was clear, and Drizzle failed.
    if journal.runs:
        raise UndecidableError(
            f"{journal.problem}: in {revision[:12]}, which has landed, and Drizzle runs it all the same",
            "upgrade migcheck; or land what `drizzle-kit up` makes of the journal, and nothing else, and name that "
            "commit with `--base`",
        )
