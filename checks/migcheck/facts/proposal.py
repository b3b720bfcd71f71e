"""A rollback of one migration, and what was proven of it."""

from msgspec import Struct

from migcheck.drizzle.rollback import Rollback
from migcheck.facts.rollback import RollbackProof
from migcheck.postgres.scratch import ServerDescription


class Proposal(Struct, frozen=True):
    """What came of `rollback` on `server`. `derived`: it is not the folder's own, and its path is where it would be."""

    rollback: Rollback
    proof: RollbackProof
    server: ServerDescription
    derived: bool
