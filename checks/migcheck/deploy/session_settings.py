"""What a deploy sets on its session, and takes back."""

from collections.abc import Sequence
from contextlib import suppress

import psycopg
from psycopg import sql

from migcheck.config import MigrationConfig
from migcheck.deploy.order import Order
from migcheck.drizzle.folder import Migration
from migcheck.postgres.ledger import Connection
from migcheck.postgres.timeouts import send, timeout

_IDLE = "idle_in_transaction_session_timeout"
# The last is of PostgreSQL 14 and above.
_SETTINGS = ("lock_timeout", "statement_timeout", _IDLE, "client_connection_check_interval")
_CHECK_SECONDS = 5.0
_IDLE_SECONDS = 600.0
# While a text is on its way the server takes the transaction for idle. Bytes a second of a link that is hardly one.
_THINNEST = 16_384


def set_timeouts(connection: Connection, order: Order, due: Sequence[Migration]) -> None:
    """Bound what the migrations may take, and for how long a client that is gone may keep their locks."""
    idle = _IDLE_SECONDS + max(len(each.sql) for each in due) // _THINNEST
    timeouts = [bounding(order), timeout(_IDLE, idle)]
    try:
        # Where the server can (14 and above, most platforms), a statement whose client is gone ends within seconds.
        send(connection, *timeouts, timeout("client_connection_check_interval", _CHECK_SECONDS))
    except psycopg.errors.Error:
        if connection.closed:
            raise
        send(connection, *timeouts)


def bounding(order: Order, migration: Migration | None = None) -> sql.Composed:
    """The statements that bound what follows: as is configured for `migration`, else for the deploy."""
    own = _own(order, migration) if migration else None
    lock, statement = (own.lock_timeout, own.statement_timeout) if own else (None, None)
    settings = order.settings
    return sql.SQL("; ").join(
        (
            timeout("lock_timeout", settings.lock_timeout if lock is None else lock),
            timeout("statement_timeout", settings.statement_timeout if statement is None else statement),
        )
    )


def rebounding(order: Order, before: Migration, after: Migration) -> str:
    """What is sent between two migrations of one transaction: new bounds, where one of them has its own."""
    if _own(order, before) is None and _own(order, after) is None:
        return ""
    return bounding(order, after).as_string()


def _own(order: Order, migration: Migration) -> MigrationConfig | None:
    return next((each for each in order.migrations if each.tag == migration.tag), None)


def forget_settings(connection: Connection) -> None:
    """A pooler may give the session to the application next. Where the connection is gone, so are they."""
    resets = [sql.SQL("reset {}").format(sql.Identifier(setting)) for setting in _SETTINGS]
    try:
        send(connection, *resets)
    except psycopg.Error:
        # Each alone: in one message, a setting that an old server does not know takes the others back with it.
        for each in resets:
            with suppress(psycopg.Error):
                send(connection, each)
