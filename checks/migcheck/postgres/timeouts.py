"""What bounds a session in time: its statements, and its waits for locks."""

from psycopg import sql

from migcheck.postgres.ledger import Connection


def set_timeout(connection: Connection, setting: str, seconds: float, *, local: bool = False) -> None:
    """Set `lock_timeout` or `statement_timeout`. 0 is none; what is less than a millisecond is one."""
    value = max(1, round(seconds * 1000)) if seconds else 0
    scope = sql.SQL("local ") if local else sql.SQL("")
    connection.execute(sql.SQL("set {}{} = {}").format(scope, sql.Identifier(setting), value))


def wait_at_most(connection: Connection, seconds: float, *, local: bool = False) -> None:
    """Give up a lock that is not to be had within `seconds`, with LockNotAvailable; 0 asks once."""
    # To the server a timeout of 0 is none at all.
    set_timeout(connection, "lock_timeout", max(0.001, seconds), local=local)
