"""Who holds what somebody waits for."""

from datetime import datetime

from msgspec import Struct
from psycopg.rows import class_row

from migcheck.drizzle.ledger import LedgerName
from migcheck.postgres.ledger import Connection


class Holder(Struct, frozen=True):
    """The session that holds the lock. Another role's `since` is hidden from a role without pg_read_all_stats."""

    pid: int
    application: str
    role: str
    since: datetime | None

    def __str__(self) -> str:
        """`pid 4711 (migcheck apply, role app, since 2026-01-31 12:00:00 UTC)`."""
        since = f", since {self.since:%Y-%m-%d %H:%M:%S %Z}" if self.since else ""
        return f"pid {self.pid} ({self.application or 'no application_name'}, role {self.role or 'unknown'}{since})"


def relation_holder(connection: Connection, name: LedgerName) -> Holder | None:
    """Who has kept any lock on the ledger the longest: a migrator, or a reader in a transaction such as pg_dump."""
    query = """
        select l.pid, coalesce(a.application_name, '')::text as application, coalesce(a.usename, '')::text as role,
               a.backend_start as since
        from pg_catalog.pg_locks l
        join pg_catalog.pg_class c on c.oid = l.relation
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        left join pg_catalog.pg_stat_activity a on a.pid = l.pid
        where n.nspname = %s and c.relname = %s and l.granted and l.pid <> pg_catalog.pg_backend_pid()
          and l.database = (select oid from pg_catalog.pg_database where datname = current_database())
        order by a.xact_start nulls last limit 1
    """
    with connection.cursor(row_factory=class_row(Holder)) as cursor:
        return cursor.execute(query, (name.schema, name.table)).fetchone()
