"""The beginning of a deploy's transaction: what bounds it, and that nothing has moved since it was planned."""

from psycopg import sql

from migcheck.deploy.cures import ledger_locked
from migcheck.deploy.fate import Progress, ask_backend, ask_transaction
from migcheck.deploy.order import Order
from migcheck.deploy.outcome import Refused
from migcheck.deploy.pooler import pooled
from migcheck.deploy.session_settings import bounding
from migcheck.drizzle.folder import Migration
from migcheck.drizzle.ledger import Ledger, LedgerName
from migcheck.postgres.running.ledger import Connection, ask_rows, locking, once_a_ledger, one_trip
from migcheck.postgres.target.timeouts import patience


class LedgerMovedError(Exception):
    """Somebody who takes no lock of ours wrote to the ledger; `ledger` is what it holds now."""

    def __init__(self, ledger: Ledger) -> None:
        """Keep what it holds."""
        super().__init__()
        self.ledger = ledger


class NotOurSessionError(Exception):
    """The session that answers does not hold our lock."""


def begin(order: Order, first: Migration) -> sql.Composed:
    """The start of the transaction, which keeps Drizzle's migrator out. None of it is a query to the server."""
    return sql.SQL("; ").join(
        (
            sql.SQL("begin"),
            # Another migrator may hold the ledger for as long as another deploy of ours would hold the lock.
            *patience(order.settings.lock_wait, local=True),
            locking(order.clearance.ledger),
            bounding(order, first),
        )
    )


def expect(connection: Connection, name: LedgerName, progress: Progress, key: int) -> None:
    """Before the transaction's first query: see that nothing has moved, and remember who answers."""
    with once_a_ledger(name):
        with one_trip(connection):
            backend, rows = ask_backend(connection, key), ask_rows(connection, name)
            transaction = ask_transaction(connection)
        progress.backend, now = backend.fetchone(), Ledger(name, tuple(rows))
    if progress.backend is None:
        raise NotOurSessionError
    if now.records() != progress.expected:
        raise LedgerMovedError(now)
    progress.transaction = transaction.fetchone()


def refusal_of(connection: Connection, order: Order, stopped: Exception) -> Refused:
    """What to say where that kept the transaction from beginning."""
    match stopped:
        case LedgerMovedError():
            return Refused(f"{order.clearance.ledger} changed while it was read", "see what else writes to it")
        case NotOurSessionError():
            return pooled(order.variable)
        case _:
            return ledger_locked(connection, order.clearance.ledger)
