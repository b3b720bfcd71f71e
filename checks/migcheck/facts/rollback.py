"""What was proven of rollbacks, or not: of those that a folder has, and of one that is proposed."""

from msgspec import Struct

from migcheck.drizzle.rollback import Rollback
from migcheck.postgres.running.failure import SqlFailure
from migcheck.postgres.scratch.contract import ServerDescription


class Proven(Struct, frozen=True):
    """The rollback at `path` leaves the database as it was before `migration`, which can then run again.

    All in words for people, such as `table public.orders`: `loses` is what it takes away with whatever is in it, and
    `lacks` what `migration` had taken away: that is there again, and empty, or, of a type, with the values of the new
    one. `needs` is what the rows of a database must be like, or it is refused there. `writes` are tables in which it
    changes or deletes rows itself, and `untouched` those in which `migration` wrote some, and it does not. `order` has
    a line for each table whose columns stand in another order then.
    """

    migration: str
    path: str
    loses: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    untouched: tuple[str, ...] = ()
    order: tuple[str, ...] = ()


class Refused(Struct, frozen=True):
    """The server refused a statement of the rollback."""

    migration: str
    path: str
    failure: SqlFailure


class LeftOtherwise(Struct, frozen=True):
    """It ran, and the database is not as it was before: what is more (`+`), gone (`-`) or other (`~`)."""

    migration: str
    path: str
    lines: tuple[str, ...]


class NotAgain(Struct, frozen=True):
    """Behind it the server refused a statement of the migration."""

    migration: str
    path: str
    failure: SqlFailure


class AgainOtherwise(Struct, frozen=True):
    """Behind it the migration ran, and the database is not as it was after it had run first: such lines."""

    migration: str
    path: str
    lines: tuple[str, ...]


class NotReached(Struct, frozen=True):
    """Nothing is known of it, and why: `met` is what a migration failed with that had to run before."""

    migration: str
    path: str
    reason: str
    met: SqlFailure | None = None


Unproven = Refused | LeftOtherwise | NotAgain | AgainOtherwise | NotReached
"""What a rehearsal says of one that it did not prove."""

RollbackProof = Proven | Unproven
"""What a rehearsal says of one rollback."""


class Proposal(Struct, frozen=True):
    """What came of `rollback` on `server`. `derived`: it is not the folder's own, and its path is where it would be."""

    rollback: Rollback
    proof: RollbackProof
    server: ServerDescription
    derived: bool
