"""An undo that was rehearsed."""

from msgspec import Struct

from migcheck.facts.rollback import RollbackProof
from migcheck.postgres.scratch import ServerDescription


class UndoRehearsal(Struct, frozen=True):
    """What came of each rollback, and of all of them in one transaction: how that changed the catalogue, in lines.

    `left` is what is otherwise than it was before the oldest of them; nothing of either where one is not proven.
    """

    server: ServerDescription
    proofs: tuple[RollbackProof, ...]
    catalogue_change: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
