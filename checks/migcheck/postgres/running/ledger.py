"""The ledger's table: made, read and written exactly as Drizzle does.

Source: drizzle-orm 0.45 pg-core/dialect.js `migrate`; 1.0.0-rc.5 for the layout with a folder a migration.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from functools import lru_cache

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from migcheck.drizzle.folder import Layout, Migration
from migcheck.drizzle.ledger import Ledger, LedgerName, LedgerRow
from migcheck.errors import UndecidableError

Connection = psycopg.Connection[tuple[object, ...]]
Statement = sql.SQL | sql.Composed

_CLOSED = sql.SQL(")")
# Drizzle 1.0 knows by the column `name` that a ledger has its layout: it must never be in a 0.x ledger.
_COLUMNS = {
    Layout.JOURNAL: sql.SQL("id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint"),
    Layout.FOLDERS: sql.SQL(
        "id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint, "
        "name text, applied_at timestamp with time zone DEFAULT now()"
    ),
}


def create_ledger(connection: Connection, name: LedgerName, layout: Layout) -> None:
    """Make schema and table where they are absent, in one round trip.

    Raises psycopg.Error: 42501 where the role may not CREATE in the database, even if the schema is there.
    """
    schema = sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(name.schema))
    connection.execute(sql.SQL("; ").join((schema, _creating(name, layout))))


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


def read_ledger(connection: Connection, name: LedgerName, *before: Statement) -> Ledger:
    """Every row by `id`; no rows where there is no such table. What is to be said `before` that costs no round trip.

    Raises UndecidableError where a relation of that name is not a ledger of Drizzle's, psycopg.Error where it may not
    be read.
    """
    return ledger_with(connection, name, ledger_columns(connection, name, *before))


def ledger_with(connection: Connection, name: LedgerName, columns: Mapping[str, str]) -> Ledger:
    """As `read_ledger`, where its `columns` are known."""
    if not columns:
        return Ledger(name, exists=False)
    if missing := {"id", "hash", "created_at"} - columns.keys():
        raise _no_ledger(name, f"it has no column {' or '.join(sorted(missing))}")
    return read_ledger_again(connection, name)


def read_ledger_again(connection: Connection, name: LedgerName, *before: Statement) -> Ledger:
    """Every row of what was a ledger, in one round trip. Raises as `read_ledger` does, where it is none any more."""
    with once_a_ledger(name):
        with _together(connection, *before):
            rows = ask_rows(connection, name)
        return Ledger(name, tuple(rows))


def read_settled_ledger(connection: Connection, name: LedgerName, *before: Statement) -> Ledger:
    """The same behind the end of all who are writing to it, for as long as `lock_timeout` says: LockNotAvailable."""
    settled = sql.SQL("lock table {} in share mode").format(_table(name))
    with once_a_ledger(name):
        # One message, which is one transaction.
        found = connection.cursor(row_factory=class_row(LedgerRow))
        found.execute(sql.SQL("; ").join((*before, settled, _rows_of(name))))
        while found.nextset():
            pass
        return Ledger(name, tuple(found))


def ask_rows(connection: Connection, name: LedgerName) -> psycopg.Cursor[LedgerRow]:
    """Ask for every row by `id`, of what was a ledger."""
    return connection.cursor(row_factory=class_row(LedgerRow)).execute(_rows_of(name))


def _rows_of(name: LedgerName) -> Statement:
    # Of a table without the column, the name is null. What else Drizzle's own table has never null, another's may have:
    # rows without an id are told apart by numbers that no sequence gives.
    number = "coalesce(id, -row_number() over (order by created_at desc)) as id"
    held = f"{number}, coalesce(hash::text, '') as hash, created_at, to_jsonb(held) ->> 'name' as name"
    query = f"select {held} from {{}} held order by held.id, created_at"  # noqa: S608 - a constant
    return sql.SQL(query).format(_table(name))


@contextmanager
def once_a_ledger(name: LedgerName) -> Iterator[None]:
    """Raise UndecidableError where what was a ledger is none any more."""
    try:
        yield
    except (psycopg.errors.UndefinedColumn, psycopg.errors.UndefinedTable, psycopg.errors.DatatypeMismatch) as error:
        raise _no_ledger(name, str(error.diag.message_primary)) from error


@contextmanager
def _together(connection: Connection, *before: Statement) -> Iterator[None]:
    """Send `before` and what is asked inside in one round trip; answers are there behind it."""
    with one_trip(connection) if before else nullcontext():
        for each in before:
            connection.execute(each)
        yield


@contextmanager
def one_trip(connection: Connection) -> Iterator[None]:
    """Send what is asked inside together, as one transaction where none is open; the answers are there behind it.

    Raises what the first refusal is.
    """
    with connection.pipeline():
        # libpq goes on row by row with the first answer of a pipeline where the query before it was read like that.
        connection.execute("")
        yield


def _no_ledger(name: LedgerName, why: str) -> UndecidableError:
    return UndecidableError(
        f"{name} is not Drizzle's ledger: {why}",
        remedy="configure the ledger's schema and table as drizzle.config's `migrations` has them",
    )


def insert_row(name: LedgerName, layout: Layout, migration: Migration) -> sql.Composed:
    """The statement that records `migration`, in literals: it travels by the simple protocol like the pieces."""
    values = (migration.hash, migration.when, *((migration.tag,) if layout is Layout.FOLDERS else ()))
    return _inserting(name, layout) + sql.SQL(", ").join(map(sql.Literal, values)) + _CLOSED


@lru_cache
def _inserting(name: LedgerName, layout: Layout) -> sql.Composed:
    """How the statement begins, the same for all rows: a deploy writes a hundred of them while the ledger is locked."""
    columns = ("hash", "created_at", *(("name",) if layout is Layout.FOLDERS else ()))
    query = sql.SQL("insert into {} ({}) values (")
    begun = query.format(_table(name), sql.SQL(", ").join(map(sql.Identifier, columns)))
    return sql.Composed([sql.SQL(begun.as_string())])


def delete_row(name: LedgerName, row: tuple[str, int]) -> sql.Composed:
    """The statement that takes the row with this hash and `created_at` away, in literals."""
    digest, at = row
    query = sql.SQL("delete from {} where hash = {} and created_at = {}")
    return query.format(_table(name), sql.Literal(digest), sql.Literal(at))


def ledger_columns(connection: Connection, name: LedgerName, *before: Statement) -> dict[str, str]:
    """The types of the columns of whatever has the ledger's name, by column; empty where nothing has.

    What is to be said `before` that costs no round trip.
    """
    query = (
        "select a.attname::text, pg_catalog.format_type(a.atttypid, null) from pg_catalog.pg_attribute a "
        "join pg_catalog.pg_class c on c.oid = a.attrelid "
        "join pg_catalog.pg_namespace n on n.oid = c.relnamespace "
        "where n.nspname = %s and c.relname = %s and c.relkind in ('r', 'p', 'v', 'm', 'f') "
        "and a.attnum > 0 and not a.attisdropped order by a.attnum"
    )
    with _together(connection, *before):
        found = connection.execute(query, (name.schema, name.table))
    return {str(column): str(kind) for column, kind in found}


def _table(name: LedgerName) -> sql.Identifier:
    return sql.Identifier(name.schema, name.table)
