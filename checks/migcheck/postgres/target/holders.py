"""Who holds what somebody waits for."""

import hashlib

from msgspec import Struct
from psycopg.rows import class_row

from migcheck.drizzle.ledger import LedgerName
from migcheck.postgres.running.ledger import Connection


def moment(of: str) -> str:
    """In SQL: a moment as `2026-01-31 12:00:00 UTC`. The driver reads none but in ISO, and a role may have another."""
    return f"pg_catalog.to_char({of} at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS \"UTC\"')"


THE_LOCK = """
    l.locktype = 'advisory' and l.granted and l.objsubid = 1
    and l.database = (select oid from pg_catalog.pg_database where datname = current_database())
    and (l.classid::bigint << 32) | l.objid::bigint = %s
"""
"""In SQL: whether `l` of pg_locks is the lock whose key is the parameter, and is held."""
SESSION = """
    coalesce(nullif(a.application_name, ''), nullif(a.backend_type, 'client backend'), '')::text as application,
    coalesce(a.usename, '')::text as role
"""
"""In SQL: who the session `a` of pg_stat_activity is."""
HOLDER = f"""
    select l.pid, {SESSION}, {moment("a.backend_start")} as since
    from pg_catalog.pg_locks l left join pg_catalog.pg_stat_activity a on a.pid = l.pid
    where {THE_LOCK} limit 1
"""  # noqa: S608 - a constant
"""In SQL: who holds the lock whose key is the parameter, as Holder has it."""


class Holder(Struct, frozen=True):
    """A session that holds what somebody waits for, or waits for it in front of him. `pid` 0: a prepared transaction.

    `since` is when it began, or, where its `state` is told, its transaction. What it runs is not told, for that may
    hold secrets. Another role's `state` and `since` are hidden from a role without pg_read_all_stats.
    """

    pid: int
    application: str
    role: str
    since: str | None
    state: str = ""

    def __str__(self) -> str:
        """`pid 4711 (psql, role app, idle in transaction, since 2026-01-31 12:00:00 UTC)`."""
        if not self.pid:
            return "a prepared transaction (see pg_prepared_xacts)"
        told = [self.application or "no application_name", f"role {self.role or 'unknown'}"]
        told += [self.state] if self.state else []
        told += [f"since {self.since}"] if self.since else []
        return f"pid {self.pid} ({', '.join(told)})"


def lock_key(name: LedgerName) -> int:
    """The key of a ledger's lock in its database: a signed 64-bit number that no other tool will take by accident.

    The server keeps each database's locks apart. Its name is not in the key: a pooler may give it another.
    """
    digest = hashlib.sha256(f"migcheck deploy\0{name.schema}\0{name.table}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def lock_holder(connection: Connection, key: int) -> Holder | None:
    """Who holds the lock with that key now."""
    with connection.cursor(row_factory=class_row(Holder)) as cursor:
        return cursor.execute(HOLDER, (key,)).fetchone()


def relation_holder(connection: Connection, name: LedgerName) -> Holder | None:
    """Who has kept any lock on the ledger the longest: a migrator, or a reader in a transaction such as pg_dump."""
    query = f"""
        select l.pid, {SESSION}, {moment("a.backend_start")} as since
        from pg_catalog.pg_locks l
        join pg_catalog.pg_class c on c.oid = l.relation
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        left join pg_catalog.pg_stat_activity a on a.pid = l.pid
        where n.nspname = %s and c.relname = %s and l.granted and l.pid <> pg_catalog.pg_backend_pid()
          and l.database = (select oid from pg_catalog.pg_database where datname = current_database())
        order by a.xact_start nulls last limit 1
    """  # noqa: S608 - a constant
    with connection.cursor(row_factory=class_row(Holder)) as cursor:
        return cursor.execute(query, (name.schema, name.table)).fetchone()
