"""What is in a database: the rows of its tables.

Not where its sequences stand: a rolled-back attempt moves them, and one with a cache moves with every session that uses
it, so two replays that agree in all else may differ there and nobody is the worse for it.
"""

import psycopg
from psycopg import sql
from psycopg.rows import args_row

from migcheck.drizzle.ledger import LedgerName
from migcheck.postgres.catalogue.session import settled
from migcheck.postgres.catalogue.thing import Catalogue, Row
from migcheck.postgres.running.ledger import Connection

# Tables counted in one round trip. Each is locked with its indexes until its chunk is done; the server's lock table
# has some thousands of places.
_CHUNK = 200

# Partitions are counted, not what they are partitions of; a view that was never filled has nothing to count.
_TABLES = """
    select n.nspname, c.relname
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'm') and c.relispopulated
        and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
        and not (n.nspname = $1::text and c.relname = $2::text) is true
    order by 1, 2
"""

_LARGE_OBJECTS = sql.SQL("select 'large objects', '', array[count(*)::text] from pg_largeobject_metadata").format()


def row_counts(connection: Connection, *, leave_out: LedgerName | None) -> Catalogue:
    """The rows of every table and filled materialized view and the number of large objects, to give to `difference`.

    Must be called on the owner's own login: to plan a count, Postgres runs functions of the table's indexes, and an
    administrator would run them with every right. That owner has to see all rows (BYPASSRLS, pg_read_all_data).

    Raises psycopg.errors.InsufficientPrivilege where a table cannot be counted whole.
    """
    with settled(connection), psycopg.RawCursor(connection, row_factory=args_row(_count)) as cursor:
        counts = [_LARGE_OBJECTS, *cursor.execute(_TABLES, _name(leave_out)).fetchall()]
    rows: list[Row] = []
    for start in range(0, len(counts), _CHUNK):
        rows += _fetch(connection, sql.SQL(" union all ").join(counts[start : start + _CHUNK]))
    return Catalogue.of(rows)


def _name(ledger: LedgerName | None) -> tuple[str | None, str | None]:
    return (None, None) if ledger is None else (ledger.schema, ledger.table)


def _count(schema: str, table: str) -> sql.Composed:
    return sql.SQL("select 'rows', format('%I.%I', {}, {}), array[count(*)::text] from only {}").format(
        schema, table, sql.Identifier(schema, table)
    )


def _fetch(connection: Connection, query: sql.Composed) -> list[Row]:
    with settled(connection), psycopg.ClientCursor(connection, row_factory=args_row(Row)) as cursor:
        return cursor.execute(query).fetchall()
