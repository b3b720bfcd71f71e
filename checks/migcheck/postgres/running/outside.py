"""Running a migration outside of a transaction: each statement alone, its row after the last.

What is there of one that did not end stays. It has no row, so that the next deploy begins it anew.
"""

from dataclasses import replace

from psycopg.pq import TransactionStatus

from migcheck.drizzle.folder import Layout, Migration
from migcheck.drizzle.ledger import LedgerName
from migcheck.drizzle.pieces import Piece
from migcheck.postgres.running.alone import Concurrent, concurrent_index, statements_of, waits_aside
from migcheck.postgres.running.failure import Refusal, SqlFailure, failure_of
from migcheck.postgres.running.invalid import drop_invalid, invalid_indexes, shown
from migcheck.postgres.running.joining import SentPiece
from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.running.simple_query import SessionLostError, send_raw
from migcheck.postgres.running.watched import NOBODY, ConnectionLostError, Watch, record

OPENS = Refusal("25001", "it begins a transaction, and each statement of this migration runs outside of any")


def run_outside(
    connection: Connection, name: LedgerName, migration: Migration, layout: Layout, watch: Watch = NOBODY
) -> SqlFailure | None:
    """Run and record `migration` on an autocommit `connection`; its first refusal, or None.

    Raises ConnectionLostError, and whatever `watch` raises: then the transaction is the caller's to end, if one is
    open.
    """
    usual = lock_timeout(connection)
    for number, statement in enumerate(statements_of(migration)):
        watch.reached([SentPiece(migration, statement)])
        try:
            refusal = run_alone(connection, statement, usual, watch)
        except SessionLostError as lost:
            failure = failure_of(migration, statement, Refusal("", str(lost)))
            raise ConnectionLostError(failure) from lost
        if refusal is not None:
            return replace(failure_of(migration, statement, refusal), first=number == 0)
    return record(connection, name, migration, layout, watch)


def lock_timeout(connection: Connection) -> str:
    """The session's `lock_timeout`, in the server's words."""
    row = connection.execute("select pg_catalog.current_setting('lock_timeout')", prepare=False).fetchone()
    return str(row[0]) if row else "0"


def run_alone(connection: Connection, statement: Piece, usual: str, watch: Watch = NOBODY) -> Refusal | None:
    """Run one statement in no transaction but its own; the refusal, or None.

    An index that it leaves invalid, now or at an earlier attempt, is dropped. `usual` is the session's own
    `lock_timeout`: a statement that works CONCURRENTLY waits for whoever began before it, in nobody's way, and would
    lose what it has built. Raises SessionLostError.
    """
    lifted = waits_aside(statement.text) and usual != "0" and _lift(connection, usual)
    refusal = _run(connection, statement, watch)
    if lifted:
        _set_lock_timeout(connection, usual)
    if connection.info.transaction_status != TransactionStatus.IDLE:
        send_raw(connection, "rollback")
        return refusal or OPENS
    return refusal


def _run(connection: Connection, statement: Piece, watch: Watch) -> Refusal | None:
    index = concurrent_index(statement.text)
    if index is None:
        return send_raw(connection, statement.text)
    if stuck := _clean(connection, index, watch):
        return stuck
    refusal = send_raw(connection, statement.text)
    if refusal is not None:
        if stuck := _clean(connection, index, watch):
            watch.tell(f"{stuck.message}; the next attempt drops it")
        return refusal
    left = invalid_indexes(connection, index)
    return Refusal("55000", f"the index {shown(left[0])} is there, and it is invalid") if left else None


def _clean(connection: Connection, index: Concurrent, watch: Watch) -> Refusal | None:
    """Drop what a statement like this left invalid; why it cannot be dropped."""
    for each in invalid_indexes(connection, index):
        watch.tell(f"dropping the index {shown(each)}: it is invalid, left by an attempt that did not end")
        if refusal := drop_invalid(connection, each):
            return Refusal(refusal.sqlstate, f"the invalid index {shown(each)} cannot be dropped: {refusal.message}")
    return None


def _lift(connection: Connection, usual: str) -> bool:
    """Wait for locks without end, unless the migration itself said how long."""
    if lock_timeout(connection) != usual:
        return False
    _set_lock_timeout(connection, "0")
    return True


def _set_lock_timeout(connection: Connection, value: str) -> None:
    connection.execute("select pg_catalog.set_config('lock_timeout', %s, false)", (value,), prepare=False)
