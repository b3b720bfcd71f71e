"""Reading the history of a folder out of a git repository."""

from collections.abc import Iterable

from migcheck.drizzle.folder import Folder
from migcheck.drizzle.upgrade import as_upgraded
from migcheck.facts.base import BaseChoice, find_base
from migcheck.facts.git_trees import GitTree
from migcheck.facts.history import Base, History, NothingLanded
from migcheck.facts.judge_changes import judge_changes
from migcheck.facts.landed import landed_folder
from migcheck.facts.landings import Landings
from migcheck.facts.lookup import HashLookup
from migcheck.facts.read_folder import read_folder
from migcheck.facts.repository import Repository
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
    tree = repository.index() if staged else repository.worktree()
    # What is staged is a commit in the making, whether it touches the folder or not.
    pending = not repository.judged and (staged or _is_pending(repository, head))
    base = find_base(repository, choice, pending=pending)
    judge_lines = _judged(repository, base, tree, judge_paths)
    found = landed_folder(repository, base, head, tree) if isinstance(base, Base) else base
    if isinstance(found, NothingLanded):
        return History(found, None, head, judge_lines, HashLookup(repository))
    return History(
        base=found.base,
        before=as_upgraded(found.folder, head),
        after=head,
        judge_changes=judge_lines,
        lookup=HashLookup(repository),
        never_without=Landings(repository, found.base.revision, found.folder.path),
    )


def _is_pending(repository: Repository, head: Folder) -> bool:
    """Whether `head` is not what HEAD has: a commit in the making, whose parent HEAD will be."""
    commit = repository.head()
    if commit is None:
        return True
    committed = read_folder(without_snapshots(repository.revision(commit)), head.path)
    return (head.migrations, head.files, head.journal) != (committed.migrations, committed.files, committed.journal)


def _judged(repository: Repository, base: Base | NothingLanded, tree: GitTree, paths: Iterable[str]) -> tuple[str, ...]:
    if isinstance(base, NothingLanded):
        return ()
    before = repository.revision(base.revision)
    return tuple(line for path in paths for line in judge_changes(path, before.find(path), tree.find(path)))
