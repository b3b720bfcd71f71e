"""Which server it is, whatever its host is called."""

import psycopg

from migcheck.postgres.running.ledger import Connection

_QUERY = "select system_identifier from pg_catalog.pg_control_system()"


def system_identifier(connection: Connection) -> int:
    """What initdb gave the server, and a physical copy has from its origin; 0 where the server does not tell.

    `connection` is autocommit and in no transaction. Raises psycopg.Error where it is lost.
    """
    try:
        told = connection.execute(_QUERY).fetchone()
    except psycopg.Error:
        # A provider may withhold the function, and what only speaks the protocol has none.
        if connection.closed:
            raise
        return 0
    return int(str(told[0])) if told else 0
