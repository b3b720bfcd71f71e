"""What bounds a session in time: its statements, and its waits for locks; and how it writes names."""

from psycopg import sql

from migcheck.postgres.running.ledger import Connection

NAMES_AS_EVER = sql.SQL("set local quote_all_identifiers = off")
"""The statement by which names are in quotes only where they need them, and `text` is none, whatever the role has."""


def milliseconds(seconds: float) -> int:
    """What the server takes for that. 0 is none; what is less than a millisecond is one."""
    return max(1, round(seconds * 1000)) if seconds else 0


def timeout(setting: str, seconds: float, *, local: bool = False) -> sql.Composed:
    """The statement that sets `lock_timeout` or another."""
    scope = sql.SQL("local ") if local else sql.SQL("")
    return sql.SQL("set {}{} = {}").format(scope, sql.Identifier(setting), milliseconds(seconds))


def patience(seconds: float, *, local: bool = False) -> tuple[sql.Composed, sql.Composed]:
    """The statements that give up a lock that is not to be had within `seconds`, with LockNotAvailable; 0 asks once.

    A `statement_timeout` that the role or a migration has of its own does not end the wait before.
    """
    # To the server a timeout of 0 is none at all.
    return timeout("lock_timeout", max(0.001, seconds), local=local), timeout("statement_timeout", 0, local=local)


def send(connection: Connection, *statements: sql.Composable) -> None:
    """Run statements without results in one round trip. Where one is refused, none of them took place."""
    connection.execute(sql.SQL("; ").join(statements))
