"""Reading as though nobody had touched the session: fixed settings, nothing left behind."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus

from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.target.timeouts import milliseconds

# The owner of a database can give every session in it other settings, and a migration can as well. With these, names
# mean what Postgres means by them, and expressions are written the same everywhere.
_SETTINGS = {
    "search_path": "pg_catalog, pg_temp",
    # With SQL_ASCII the driver hands out bytes.
    "client_encoding": "UTF8",
    "quote_all_identifiers": "off",
    "row_security": "off",
    "TimeZone": "UTC",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "xmloption": "content",
    "lc_monetary": "C",
    "lc_numeric": "C",
    "statement_timeout": "120s",
    "lock_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    # The queries are written in the order to join in; planning them took longer than running them.
    "join_collapse_limit": "1",
    "from_collapse_limit": "1",
    "enable_mergejoin": "off",
    "work_mem": "16MB",
}

_TRANSACTION = ("begin", "rollback")
_SAVEPOINT = ("savepoint migcheck", "rollback to savepoint migcheck; release savepoint migcheck")


@contextmanager
def settled(connection: Connection, *, lock_timeout: float = 0) -> Iterator[None]:
    """A transaction (or a savepoint of the one that is open) with fixed settings; rolled back, and they with it.

    What ran before cannot change what is read: a `search_path` that hides `pg_catalog`, a date style, a tight timeout.
    `lock_timeout` is seconds, 0 for none: to write a default or a view out takes a lock on its table.
    """
    within = connection.info.transaction_status is not TransactionStatus.IDLE
    begin, end = _SAVEPOINT if within else _TRANSACTION
    try:
        # In one message. Each statement of it has a time of its own: under a timeout of 1 ms, which what runs here may
        # have set, the settings that were set together with it were ended.
        connection.execute(f"{begin}; set local statement_timeout = '120s'; {_settings(lock_timeout)}")
        yield
    except BaseException:
        # What went wrong is told, not that it cannot be rolled back any more.
        with suppress(psycopg.Error):
            connection.execute(end)
        raise
    connection.execute(end)


def execute_settled(
    cursor: psycopg.ClientCursor[Any], query: sql.SQL | sql.Composed, *, lock_timeout: float = 0
) -> None:
    """Run `query` as inside of `settled`, in one round trip where no transaction is open."""
    connection = cursor.connection
    if connection.info.transaction_status is not TransactionStatus.IDLE:
        with settled(connection, lock_timeout=lock_timeout):
            cursor.execute(query)
        return
    # What one message holds is a transaction of its own.
    cursor.execute(sql.SQL(_settings(lock_timeout) + ";\n") + query)
    cursor.nextset()


def _settings(lock_timeout: float) -> str:
    settings = _SETTINGS | {"lock_timeout": f"{milliseconds(lock_timeout)}ms"}
    return "select " + ", ".join(
        f"pg_catalog.set_config('{name}', '{value}', true)" for name, value in settings.items()
    )
