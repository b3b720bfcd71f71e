"""Gate `history`: the folder as it landed beside the folder as it is."""

from collections.abc import Callable
from dataclasses import dataclass

from migcheck.drizzle.folder import Folder, Migration
from migcheck.drizzle.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Base:
    """The revision that has landed (40 or 64 hex digits) and, for people, why it was taken."""

    revision: str
    why: str


@dataclass(frozen=True, slots=True)
class NothingLanded:
    """There is no base, or base has no such folder: everything is new. `why` is for people."""

    why: str


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

    `base_runs`: base's own folder can be built at all. `squash_equal`: the restarted folder builds base's catalogue.
    """

    base_runs: bool
    squash_equal: bool | None = None


@dataclass(frozen=True, slots=True)
class HistoryFacts:
    """What the rules MC2xx judge. `ledgers` are the known ones (none: git stands in). `proof` is None offline."""

    history: History
    ledgers: tuple[Ledger, ...] = ()
    proof: Proof | None = None
