"""The ledger's table: made, read and written exactly as Drizzle does.

Source: drizzle-orm 0.45 pg-core/dialect.js `migrate`; 1.0.0-rc.5 for the layout with a folder a migration.
"""

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from migcheck.drizzle.folder import Layout, Migration
from migcheck.drizzle.ledger import Ledger, LedgerName, LedgerRow
from migcheck.errors import UndecidableError

Connection = psycopg.Connection[tuple[object, ...]]

# Drizzle 1.0 knows by the column `name` that a ledger has its layout: it must never be in a 0.x ledger.
_COLUMNS = {
    Layout.JOURNAL: sql.SQL("id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint"),
    Layout.FOLDERS: sql.SQL(
        "id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint, "
        "name text, applied_at timestamp with time zone DEFAULT now()"
    ),
}


def create_ledger(connection: Connection, name: LedgerName, layout: Layout) -> None:
    """Make schema and table where they are absent, each in a transaction of its own (the connection is autocommit).

    Raises psycopg.Error: 42501 where the role may not CREATE in the database, even if the schema is there.
    """
    connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(name.schema)))
    connection.execute(_creating(name, layout))


def create_missing(connection: Connection, name: LedgerName, layout: Layout) -> None:
    """Make a table that is not there, and its schema only where that is not there: the ledger of `create_ledger`.

    `CREATE SCHEMA IF NOT EXISTS` asks for CREATE on the database even where the schema is there, and a role that keeps
    a ledger of its own need not have that. Raises psycopg.Error as `create_ledger` does.
    """
    query = "select 1 from pg_catalog.pg_namespace where nspname = %s"
    if connection.execute(query, (name.schema,)).fetchone() is None:
        create_ledger(connection, name, layout)
    else:
        connection.execute(_creating(name, layout))


def _creating(name: LedgerName, layout: Layout) -> sql.Composed:
    return sql.SQL("CREATE TABLE IF NOT EXISTS {} ({})").format(_table(name), _COLUMNS[layout])


def locking(name: LedgerName) -> sql.Composed:
    """The statement that keeps every other session, Drizzle's migrator too, from the ledger until the transaction ends.

    Refused with LockNotAvailable after `lock_timeout`.
    """
    return sql.SQL("lock table {} in access exclusive mode").format(_table(name))


def read_ledger(connection: Connection, name: LedgerName) -> Ledger:
    """Every row by `id`; no rows where there is no such table.

    Raises UndecidableError where a relation of that name is not a ledger of Drizzle's, psycopg.Error where it may not
    be read.
    """
    columns = ledger_columns(connection, name)
    if not columns:
        return Ledger(name, exists=False)
    if missing := {"id", "hash", "created_at"} - columns.keys():
        raise _no_ledger(name, f"it has no column {' or '.join(sorted(missing))}")
    return read_ledger_again(connection, name)


def read_ledger_again(connection: Connection, name: LedgerName) -> Ledger:
    """Every row of what was a ledger, in one round trip. Raises as `read_ledger` does, where it is none any more."""
    # Of a table without the column, the name is null.
    rows = "select id, hash, created_at, to_jsonb(held) ->> 'name' as name from {} held order by id"
    query = sql.SQL(rows).format(_table(name))
    try:
        with connection.cursor(row_factory=class_row(LedgerRow)) as cursor:
            return Ledger(name, tuple(cursor.execute(query)))
    except (psycopg.errors.UndefinedColumn, psycopg.errors.UndefinedTable) as error:
        raise _no_ledger(name, str(error.diag.message_primary)) from error


def _no_ledger(name: LedgerName, why: str) -> UndecidableError:
    return UndecidableError(
        f"{name} is not Drizzle's ledger: {why}",
        remedy="configure the ledger's schema and table as drizzle.config's `migrations` has them",
    )


def insert_row(name: LedgerName, layout: Layout, migration: Migration) -> sql.Composed:
    """The statement that records `migration`, in literals: it travels by the simple protocol like the pieces."""
    values = {"hash": migration.hash, "created_at": migration.when}
    named: dict[str, object] = {**values, "name": migration.tag} if layout is Layout.FOLDERS else dict(values)
    return sql.SQL("insert into {} ({}) values ({})").format(
        _table(name),
        sql.SQL(", ").join(map(sql.Identifier, named)),
        sql.SQL(", ").join(map(sql.Literal, named.values())),
    )


def ledger_columns(connection: Connection, name: LedgerName) -> dict[str, str]:
    """The types of the columns of whatever has the ledger's name, by column; empty where nothing has."""
    query = (
        "select a.attname::text, pg_catalog.format_type(a.atttypid, null) from pg_catalog.pg_attribute a "
        "join pg_catalog.pg_class c on c.oid = a.attrelid "
        "join pg_catalog.pg_namespace n on n.oid = c.relnamespace "
        "where n.nspname = %s and c.relname = %s and c.relkind in ('r', 'p', 'v', 'm', 'f') "
        "and a.attnum > 0 and not a.attisdropped order by a.attnum"
    )
    return {str(column): str(kind) for column, kind in connection.execute(query, (name.schema, name.table))}


def _table(name: LedgerName) -> sql.Identifier:
    return sql.Identifier(name.schema, name.table)
