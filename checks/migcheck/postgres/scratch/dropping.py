"""Dropping a database of ours, and copying it, as soon as those who were in it are gone."""

from time import monotonic, sleep

from psycopg import sql

from migcheck.postgres.running.ledger import Connection

# Asked twice for each database: from the view pg_stat_activity, which joins what nobody asks for, it takes five times
# as long.
_WITHIN = """
SELECT FROM pg_catalog.pg_database d, pg_catalog.pg_stat_get_activity(NULL) s
WHERE d.datname = %s AND s.datid = d.oid AND s.backend_type IS DISTINCT FROM 'autovacuum worker'
"""
_LEFT_WITHIN = 0.1


def drop_database(admin: Connection, database: str) -> None:
    """Drop `database` where there is one, and end who is in it. Raises psycopg.Error where the server refuses."""
    until_left(admin, database)
    admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))


def until_left(admin: Connection, database: str) -> None:
    """Give those who have hung up a moment, 0.1 s at most, to be gone from `database`.

    Whoever drops or copies it looks whether they are, and if not again after 100 ms (PostgreSQL 18
    storage/ipc/procarray.c, CountOtherDBBackends).
    """
    deadline = monotonic() + _LEFT_WITHIN
    while admin.execute(_WITHIN, (database,)).fetchall() and monotonic() < deadline:
        sleep(0.001)
