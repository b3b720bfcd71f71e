"""One deploy at a time: a session advisory lock, and who holds it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from msgspec import Struct
from psycopg import sql

from migcheck.deploy.session_settings import leave
from migcheck.drizzle.ledger import LedgerName
from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.target.holders import THE_LOCK, Holder, lock_holder, lock_key

_POLL_SECONDS = 0.5
OWN_LOCK = f"exists (select from pg_catalog.pg_locks l where l.pid = pg_catalog.pg_backend_pid() and {THE_LOCK})"
"""In SQL: whether the session that answers holds the lock whose key is the parameter."""
_TELL_SECONDS = 10.0


class Lock(Struct, frozen=True):
    """A lock that is held: its key, and the pid of the server's process that took it."""

    key: int
    pid: int


class LockHeldError(Exception):
    """Another session held the lock all the time that we waited; `holder` is None where it let go just then."""

    def __init__(self, holder: Holder | None) -> None:
        """Keep who held it."""
        super().__init__(str(holder))
        self.holder = holder


@contextmanager
def deploy_lock(
    connection: Connection, name: LedgerName, *, wait: float, tell: Callable[[str], None]
) -> Iterator[Lock]:
    """Hold the ledger's session lock. `wait` is in seconds, 0 asks once; `tell` hears who holds it.

    Asks again and again rather than waiting inside the server: a session that waits there holds a snapshot, and the
    other deploy's CREATE INDEX CONCURRENTLY would wait for that. Raises LockHeldError.
    """
    key = lock_key(name)
    end, told = time.monotonic() + wait, 0.0
    while (lock := _try(connection, key)) is None:
        now = time.monotonic()
        holder = lock_holder(connection, key)
        if now >= end:
            raise LockHeldError(holder)
        if holder and now - told >= _TELL_SECONDS:
            told = now
            tell(f"waiting for another deploy: {holder}")
        time.sleep(min(_POLL_SECONDS, max(0.0, end - now)))
    try:
        yield lock
    except BaseException:
        # The lock goes with the session, and so after the transaction that may still be open: never before it.
        connection.close()
        raise
    # Where the connection is gone, so is the lock.
    if not connection.closed:
        try:
            leave(connection, sql.SQL("select pg_catalog.pg_advisory_unlock({})").format(sql.Literal(key)))
        except psycopg.Error:
            connection.close()


def _try(connection: Connection, key: int) -> Lock | None:
    query = "select pg_catalog.pg_try_advisory_lock(%s), pg_catalog.pg_backend_pid()"
    taken, pid = connection.execute(query, (key,)).fetchone() or (False, 0)
    return Lock(key, int(str(pid))) if taken else None
