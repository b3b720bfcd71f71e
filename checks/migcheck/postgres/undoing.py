"""Undoing migrations: their rollbacks in one transaction, and each one's row of the ledger with it."""

from collections.abc import Sequence

from migcheck.drizzle.ledger import LedgerName
from migcheck.drizzle.pieces import Piece
from migcheck.drizzle.rollback import Rollback
from migcheck.postgres.failure import SqlFailure
from migcheck.postgres.joining import Part
from migcheck.postgres.ledger import Connection, delete_row
from migcheck.postgres.opening import split_opening
from migcheck.postgres.running import NOBODY, Watch, run_parts


def undo_batch(
    connection: Connection, name: LedgerName, batch: Sequence[Rollback], watch: Watch = NOBODY
) -> SqlFailure | None:
    """Run `batch` in its order, piece by piece in one transaction, and take each one's row away; its first refusal.

    Raises as `run_batch` does.
    """
    scripts = [each.script for each in batch]
    opening, first = split_opening(scripts[0].pieces)
    parts = []
    for number, rollback in enumerate(batch):
        row = Piece(delete_row(name, rollback.migration).as_string(connection), 1)
        pieces = rollback.script.pieces if number else first
        parts += [Part(rollback.script, piece) for piece in (*pieces, row)]
    return run_parts(
        connection, scripts, [Part(scripts[0], each) for each in opening], [(each,) for each in parts], watch
    )
