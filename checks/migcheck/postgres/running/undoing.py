"""Undoing migrations: their rollbacks in one transaction, and each one's row of the ledger with it."""

from collections.abc import Sequence

from migcheck.drizzle.ledger import LedgerName
from migcheck.drizzle.pieces import Piece
from migcheck.drizzle.rollback import Rollback, Undo
from migcheck.postgres.running.failure import SqlFailure
from migcheck.postgres.running.joining import CONTROL, SentPiece
from migcheck.postgres.running.ledger import Connection, delete_row
from migcheck.postgres.running.opening import split_opening
from migcheck.postgres.running.watched import NOBODY, Watch, run_pieces


def undo_batch(
    connection: Connection, name: LedgerName, batch: Sequence[Undo], watch: Watch = NOBODY
) -> SqlFailure | None:
    """Run `batch` in its order, piece by piece in one transaction, and take each one's row away; its first refusal.

    Raises as `run_batch` does.
    """
    scripts = [each.rollback.script for each in batch]
    opening, first = split_opening(scripts[0].pieces)
    pieces = []
    for number, (undo, script) in enumerate(zip(batch, scripts, strict=True)):
        if number and (between := watch.between(batch[number - 1].rollback.migration, undo.rollback.migration)):
            pieces.append(SentPiece(script, Piece(between, 1)))
        row = Piece(delete_row(name, undo.row).as_string(connection), 1)
        pieces += [SentPiece(script, piece) for piece in (*(script.pieces if number else first), row)]
    begun = [SentPiece(scripts[0], piece) for piece in opening]
    return run_pieces(connection, scripts, begun, [(each,) for each in pieces], watch)


def divides_its_transaction(rollback: Rollback) -> bool:
    """Whether it says COMMIT, ROLLBACK, SAVEPOINT or the like: then it is not undone as a whole, or not at all."""
    return any(SentPiece(rollback.script, piece).words & CONTROL for piece in rollback.script.pieces)
