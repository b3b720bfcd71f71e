"""Reading as though nobody had touched the session: fixed settings, nothing left behind."""

from collections.abc import Iterator
from contextlib import contextmanager

from migcheck.postgres.scratch import Session
from migcheck.postgres.timeouts import send, timeout

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
_QUERY = "select " + ", ".join(f"pg_catalog.set_config('{name}', '{value}', true)" for name, value in _SETTINGS.items())


@contextmanager
def settled(connection: Session, *, lock_timeout: float = 0) -> Iterator[None]:
    """A transaction (or a savepoint of the one that is open) with fixed settings; rolled back, and they with it.

    What ran before cannot change what is read: a `search_path` that hides `pg_catalog`, a date style, a tight timeout.
    `lock_timeout` is seconds, 0 for none: to write a default or a view out takes a lock on its table.
    """
    with connection.transaction(force_rollback=True):
        connection.execute(_QUERY)
        if lock_timeout:
            send(connection, timeout("lock_timeout", lock_timeout, local=True))
        yield
