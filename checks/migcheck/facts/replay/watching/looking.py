"""A look at the tables behind a piece that was sent: what there is to see, for whoever tells of it."""

from collections.abc import Collection, Mapping
from enum import Enum, auto

from msgspec import Struct

from migcheck.facts.replay.watching.planning import NO_PLAN, Plan
from migcheck.postgres.running.joining import SentPiece
from migcheck.postgres.table import Table

_NOTHING = frozenset[str]()


class LookAt(Enum):
    """What an onlooker looks at: at the tables alone, at what is left behind around them too, or at how many rows."""

    TABLES = auto()
    LEAVINGS = auto()
    ROWS = auto()


class Sent(Struct, frozen=True):
    """A piece, in which batch it was sent, as which of that batch's, and whether in a transaction."""

    part: SentPiece
    batch: int
    number: int
    within: bool

    def followed_by(self, size: int) -> int:
        """How many statements of its transaction follow it, of a batch of so many pieces: the last is the ledger's."""
        return size - self.number - 1 if self.within else 0


class Look(Struct, frozen=True):
    """What there is behind what was `sent`: the locks that its transaction holds, and `held_before`, by oid.

    `before` are all tables as last seen; `changed` are those that may be others, and `now` what these are, where they
    still are. `plan` is how the server went about it, where that was asked.
    """

    sent: Sent
    held: Mapping[int, frozenset[str]]
    held_before: Mapping[int, frozenset[str]]
    before: Mapping[int, Table]
    changed: Collection[int]
    now: Mapping[int, Table]
    plan: Plan = NO_PLAN

    def modes(self, oid: int) -> frozenset[str]:
        """The locks on that one."""
        return self.held.get(oid, _NOTHING)
