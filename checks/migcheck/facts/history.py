"""Gate `history`: the folder as it landed beside the folder as it is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from migcheck.drizzle.folder import Folder, Migration
from migcheck.drizzle.ledger import Ledger
from migcheck.drizzle.upgrade import as_upgraded
from migcheck.facts.base import Base, BaseChoice, NothingLanded, find_base
from migcheck.facts.folder import read_folder
from migcheck.facts.gittree import GitTree
from migcheck.facts.judge import judge_changes
from migcheck.facts.landed import Landed, landed_folder
from migcheck.facts.lookup import HashLookup
from migcheck.facts.repository import Repository
from migcheck.facts.tree import without_snapshots

__all__ = ["Base", "BaseChoice", "History", "HistoryFacts", "NothingLanded", "Proof", "read_history"]


@dataclass(frozen=True, slots=True)
class History:
    """The folder in base and in head. `before` is None where nothing has landed.

    `judge_changes` are lines for the top of the report: what this change alters in its own judge (waivers,
    configuration, prelude). `lookup` finds the migration file that has a ledger hash in any revision git knows.
    """

    base: Base | NothingLanded
    before: Folder | None
    after: Folder
    judge_changes: tuple[str, ...] = ()
    lookup: Callable[[str], Migration | None] = lambda _hash: None

    def landed(self) -> frozenset[str]:
        """The tags of base."""
        return frozenset() if self.before is None else frozenset(each.tag for each in self.before.migrations)

    def new(self) -> tuple[Migration, ...]:
        """The migrations of head whose tag base does not have, in head's order."""
        landed = self.landed()
        return tuple(each for each in self.after.migrations if each.tag not in landed)


@dataclass(frozen=True, slots=True)
class Proof:
    """What a rehearsal proved that history's rules need.

    `base_runs`: base's own folder can be built at all; where it cannot, `stuck` is the tag it stopped at.
    `squash_equal`: the restarted folder builds base's catalogue; None where that was not tried.
    """

    base_runs: bool
    squash_equal: bool | None = None
    stuck: str = ""


@dataclass(frozen=True, slots=True)
class HistoryFacts:
    """What the rules MC2xx judge. `ledgers` are the known ones (none: git stands in). `proof` is None offline."""

    history: History
    ledgers: tuple[Ledger, ...] = ()
    proof: Proof | None = None


def read_history(
    repository: Repository,
    head: Folder,
    choice: BaseChoice,
    *,
    judge_paths: Iterable[str] = (),
    tree: GitTree | None = None,
) -> History:
    """What landed beside `head`, a folder of `repository` read from `tree` (by default the work tree).

    `judge_paths` are the files that decide how this change is judged: configuration and prelude, from the top.
    Raises UndecidableError where it cannot be known what landed.
    """
    tree = tree or repository.worktree()
    base = find_base(repository, choice, pending=_is_pending(repository, head))
    found = landed_folder(repository, base, head, tree) if isinstance(base, Base) else base
    return History(
        base=found.base if isinstance(found, Landed) else found,
        before=as_upgraded(found.folder, head) if isinstance(found, Landed) else None,
        after=head,
        judge_changes=_judged(repository, base, tree, judge_paths),
        lookup=HashLookup(repository),
    )


def _is_pending(repository: Repository, head: Folder) -> bool:
    """Whether `head` is not what HEAD has: a commit in the making, whose parent HEAD will be."""
    if repository.resolve("HEAD") is None:
        return True
    committed = read_folder(without_snapshots(repository.revision("HEAD")), head.path)
    return (head.migrations, head.files, head.journal) != (committed.migrations, committed.files, committed.journal)


def _judged(repository: Repository, base: Base | NothingLanded, tree: GitTree, paths: Iterable[str]) -> tuple[str, ...]:
    if isinstance(base, NothingLanded):
        return ()
    before = repository.revision(base.revision)
    return tuple(line for path in paths for line in judge_changes(path, before.find(path), tree.find(path)))
