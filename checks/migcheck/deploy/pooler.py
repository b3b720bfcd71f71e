"""Telling a transaction pooler, which hands the session that holds our lock to whoever asks next."""

from contextlib import suppress
from select import select

import psycopg
from psycopg.abc import PQGen
from psycopg.pq.abc import PGconn

from migcheck.deploy.lock import OWN_LOCK, Lock
from migcheck.deploy.outcome import Refused
from migcheck.errors import UndecidableError
from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.running.simple_query import next_result
from migcheck.postgres.target.address import Address
from migcheck.postgres.target.connecting import connect

_ANSWER_SECONDS = 3.0


def is_handed_on(connection: Connection, address: Address, lock: Lock, command: str) -> bool:
    """Whether another connection finds itself in the session that holds `lock`; then it has let go of it.

    Where the server's own process is the one that the connection began with, nobody is in between, and nothing is
    asked. A pooler by session, which is as good, names another as well, and so does Neon's proxy. The other connection
    is called by `command`.
    """
    if connection.info.backend_pid == lock.pid or address.is_neon:
        return False
    try:
        with connect(address, f"{command}: looking for a pooler") as other:
            return _holds(other, lock) or not _still_holds(connection, lock)
    except (UndecidableError, psycopg.OperationalError):
        # It has no second connection for us. That the lock is held is seen once more when the transaction begins.
        return False


def pooled(variable: str) -> Refused:
    """What to say of one."""
    return Refused(
        "there is a transaction pooler on the way: it hands the deploy's session, and with it the lock, to others",
        f"give {variable} the direct host and port of the database",
    )


def _holds(other: Connection, lock: Lock) -> bool:
    """Whether `other` is in the session that holds the lock: let go here, or nobody could until the pooler ends it.

    In a transaction, which keeps that session from everybody else until `other` ends. A pooler by session may have none
    left, and let us wait for it.
    """
    query = f"begin; select case when {OWN_LOCK} then pg_catalog.pg_advisory_unlock(%s) else false end"
    asked = psycopg.ClientCursor(other).mogrify(query, (lock.key, lock.key))
    # One by statement ends the session for this.
    with suppress(psycopg.OperationalError):
        other.pgconn.send_query(asked.encode())
        if select([other.pgconn.socket], [], [], _ANSWER_SECONDS)[0]:
            return other.wait(_says_true(other.pgconn))
    other.close()
    return False


def _says_true(pgconn: PGconn) -> PQGen[bool]:
    said = False
    while result := (yield from next_result(pgconn)):
        said = said or result.get_value(0, 0) == b"t"
    return said


def _still_holds(connection: Connection, lock: Lock) -> bool:
    return connection.execute(f"select {OWN_LOCK}".encode(), (lock.key,)).fetchone() == (True,)
