"""Reading the history of a folder out of a git repository."""

from collections.abc import Iterable

from msgspec import structs

from migcheck.drizzle.folder import Folder
from migcheck.drizzle.upgrade import as_upgraded
from migcheck.facts.git.repository import Repository
from migcheck.facts.git.submodules import (
    astray,
    keeper_of,
    of_another,
    submodule_of,
    submodule_of_head,
    tree_around,
    tree_at,
)
from migcheck.facts.git.trees import GitTree
from migcheck.facts.history.base import BaseChoice, find_base
from migcheck.facts.history.history import Base, History, NothingLanded
from migcheck.facts.history.judge_changes import judge_changes
from migcheck.facts.history.landed import landed_folder
from migcheck.facts.history.landings import Landings
from migcheck.facts.history.lookup import HashLookup
from migcheck.facts.read_folder import read_folder
from migcheck.facts.tree import without_snapshots


def read_history(
    repository: Repository,
    head: Folder,
    choice: BaseChoice,
    *,
    judge_paths: Iterable[str] = (),
    staged: bool = False,
) -> History:
    """What landed beside `head`, a folder of `repository` read from its work tree, or where `staged` from its index.

    `judge_paths` are the files that decide how this change is judged: configuration and prelude, from the top.
    Raises UndecidableError where it cannot be known what landed.
    """
    tree = tree_around(repository, head.path, staged=staged)
    # What is staged is a commit in the making, whether it touches the folder or not.
    uncommitted = not repository.judged and (staged or _is_uncommitted(repository, head))
    base = find_base(repository, choice, uncommitted=uncommitted)
    if isinstance(base, NothingLanded) and (held := submodule_of_head(repository, head.path)):
        # It has a history of its own, in which all may have landed.
        raise of_another(repository, head.path, held.place)
    judge_lines = _judged(repository, base, tree, judge_paths)
    found = landed_folder(repository, base, head, tree) if isinstance(base, Base) else base
    note = "" if staged else astray(repository, head.path)
    lookup = HashLookup(keeper_of(repository, head.path)[0])
    if isinstance(found, NothingLanded):
        return History(structs.replace(found, why=found.why + note), None, head, judge_lines, lookup)
    return History(
        base=structs.replace(found.base, why=found.base.why + note),
        before=as_upgraded(found.folder, head),
        after=head,
        judge_changes=judge_lines,
        lookup=lookup,
        never_without=Landings(repository, found.base.revision, found.folder.path),
    )


def _is_uncommitted(repository: Repository, head: Folder) -> bool:
    """Whether `head` is not what HEAD has: a commit in the making, whose parent HEAD will be."""
    commit = repository.head()
    if commit is None:
        return True
    inside = submodule_of_head(repository, head.path)
    held = submodule_of(repository, commit, head.path, inside) if inside else None
    tree = tree_at(repository, commit, held and held[0])
    committed = read_folder(without_snapshots(tree), head.path)
    return (head.migrations, head.files, head.journal) != (committed.migrations, committed.files, committed.journal)


def _judged(repository: Repository, base: Base | NothingLanded, tree: GitTree, paths: Iterable[str]) -> tuple[str, ...]:
    if isinstance(base, NothingLanded):
        return ()
    before = repository.revision(base.revision)
    return tuple(line for path in paths for line in judge_changes(path, before.find(path), tree.find(path)))
