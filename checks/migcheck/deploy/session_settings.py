"""What a deploy sets on its session, and takes back."""

from contextlib import suppress

import psycopg
from psycopg import sql

from migcheck.config.config import MigrationConfig
from migcheck.deploy.order import Order
from migcheck.drizzle.folder import Migration
from migcheck.drizzle.ledger import Ledger
from migcheck.postgres.running.ledger import Connection, read_ledger
from migcheck.postgres.target.timeouts import patience, send, timeout

IDLE = "idle_in_transaction_session_timeout"
"""The setting that ends a session which has begun a transaction and says nothing more."""
IDLE_SECONDS = 600.0
"""For how long a client that is gone may keep a transaction, and its locks."""
# The last is of PostgreSQL 14 and above.
_SETTINGS = ("lock_timeout", "statement_timeout", IDLE, "client_connection_check_interval")
_CHECK_SECONDS = 5.0
# While a text is on its way the server takes the transaction for idle. Bytes a second of a link that is hardly one.
_THINNEST = 16_384


def first_look(connection: Connection, order: Order) -> Ledger:
    """Read the ledger under settings that bound the deploy, and for how long a client that is gone may keep its locks.

    Raises as `read_ledger` does.
    """
    name, largest = order.clearance.ledger, max((len(each.sql) for each in order.folder.migrations), default=0)
    settings = [
        # Nobody may wait for our lock while we wait for ever.
        *patience(order.settings.lock_wait),
        timeout(IDLE, IDLE_SECONDS + largest // _THINNEST),
    ]
    try:
        # Where the server can (14 and above, most platforms), a statement whose client is gone ends within seconds.
        return read_ledger(connection, name, *settings, timeout("client_connection_check_interval", _CHECK_SECONDS))
    except (psycopg.errors.UndefinedObject, psycopg.errors.InvalidParameterValue, psycopg.errors.InsufficientPrivilege):
        return read_ledger(connection, name, *settings)


def bounding(order: Order, migration: Migration) -> sql.Composed:
    """The statements that bound what follows: as is configured for `migration`, else for the deploy."""
    own = _own(order, migration)
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


def leave(connection: Connection, last: sql.Composable) -> None:
    """Take the settings back and run `last`: a pooler may give the session to the application next.

    Raises psycopg.Error where `last` is refused.
    """
    resets = [sql.SQL("reset {}").format(sql.Identifier(setting)) for setting in _SETTINGS]
    try:
        send(connection, *resets, last)
    except psycopg.errors.UndefinedObject:
        # Each alone: in one message, a setting that an old server does not know takes the others back with it.
        for each in resets:
            with suppress(psycopg.Error):
                send(connection, each)
        send(connection, last)
