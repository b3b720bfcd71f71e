"""Migrating a database: what is pending on its ledger, in the batches that a deploy runs.

Source: drizzle-orm 0.45 pg-core/dialect.js `migrate` under node-postgres. What runs outside of a transaction is ours.
"""

from collections.abc import Collection, Iterable

from migcheck.drizzle.batches import Batch, Outside, Together, batches
from migcheck.drizzle.folder import Folder, Layout
from migcheck.drizzle.ledger import Batching, LedgerName, pending
from migcheck.postgres.running.failure import SqlFailure
from migcheck.postgres.running.ledger import Connection, create_ledger, read_ledger
from migcheck.postgres.running.outside import run_outside
from migcheck.postgres.running.watched import NOBODY, Watch, run_batch, run_together

NONE: frozenset[str] = frozenset()


def due_in(
    connection: Connection, name: LedgerName, folder: Folder, batching: Batching, outside: Collection[str] = NONE
) -> tuple[Batch, ...]:
    """What `migrate()` of Drizzle begins with: make the ledger, read it once, and take everything pending on it.

    `outside` are the tags of what runs outside of a transaction, as a deploy of ours does it.
    Raises psycopg.Error where the ledger cannot be made, UndecidableError where it is none.
    """
    create_ledger(connection, name, folder.layout)
    return tuple(batches(pending(folder, read_ledger(connection, name)), batching, outside))


def run_batches(
    connection: Connection, name: LedgerName, due: Iterable[Batch], layout: Layout, watch: Watch | None = None
) -> SqlFailure | None:
    """Run what is `due`, in its order, on an autocommit `connection` and record it; the first refusal, or None.

    Under a `watch` each piece goes to the server by itself, as Drizzle sends it. Without one small pieces go together,
    as a deploy of ours sends them, and the outcome is the same.
    Raises ConnectionLostError.

    The batches before the refused one stay applied. Of one that runs in a transaction, a refusal leaves nothing behind,
    save what a COMMIT inside a piece had already made last.
    """
    refusals = (_run(connection, name, batch, layout, watch) for batch in due)
    return next((refusal for refusal in refusals if refusal is not None), None)


def _run(
    connection: Connection, name: LedgerName, batch: Batch, layout: Layout, watch: Watch | None
) -> SqlFailure | None:
    match batch:
        case Together(migrations):
            if watch is None:
                return run_together(connection, name, migrations, layout, NOBODY)
            return run_batch(connection, name, migrations, layout, watch)
        case Outside(migration):
            return run_outside(connection, name, migration, layout, watch or NOBODY)
