"""An undo that was rehearsed."""

from msgspec import Struct

from migcheck.facts.rollback import RollbackProof
from migcheck.facts.sql.rows import Question
from migcheck.facts.target.dropped_roles import DroppedRole
from migcheck.postgres.scratch.contract import ServerDescription


class UndoRehearsal(Struct, frozen=True):
    """What came of each rollback, and of all of them in one transaction: how that changed the catalogue, in lines.

    `refused` is what the server said where it refused them together, and `left` what is otherwise then than it was
    before the oldest of them; nothing of these where one is not proven. `questions` are for the target as it is: which
    of its rows they would fail with. `unasked` says why those are not all. `roles` are those that they drop.
    """

    server: ServerDescription
    proofs: tuple[RollbackProof, ...]
    catalogue_change: tuple[str, ...] = ()
    refused: str = ""
    left: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    unasked: str = ""
    roles: tuple[DroppedRole, ...] = ()
