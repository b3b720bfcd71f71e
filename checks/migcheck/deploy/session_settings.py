"""What a deploy sets on its session, and takes back."""

from contextlib import suppress

import psycopg
from psycopg import sql

from migcheck.deploy.order import Order
from migcheck.postgres.ledger import Connection
from migcheck.postgres.timeouts import send, timeout

# The last is of PostgreSQL 14 and above.
_SETTINGS = ("lock_timeout", "statement_timeout", "client_connection_check_interval")
_CHECK_SECONDS = 5.0


def set_timeouts(connection: Connection, order: Order) -> None:
    """Bound what the migrations may take."""
    settings = [(name, getattr(order.settings, name)) for name in ("lock_timeout", "statement_timeout")]
    timeouts = [timeout(name, seconds) for name, seconds in settings]
    try:
        # Where the server can (14 and above, most platforms), a statement whose client is gone ends within seconds.
        send(connection, *timeouts, timeout("client_connection_check_interval", _CHECK_SECONDS))
    except psycopg.errors.Error:
        if connection.closed:
            raise
        send(connection, *timeouts)


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
