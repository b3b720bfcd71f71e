"""The tables of a target besides its ledger, which of them look like ledgers of Drizzle's as well, and the rest."""

from collections.abc import Sequence

import psycopg
from msgspec import Struct
from psycopg import sql
from psycopg.rows import class_row

from migcheck.drizzle.ledger import Ledger, LedgerName, LedgerRow
from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.target.timeouts import patience, send

# A database may have one for each tenant.
_MOST_LEDGERS = 20
_MOST_ROWS = 10_000
_PATIENCE = 1.0


class Table(Struct, frozen=True):
    """One table. `ledger`: it has the columns of Drizzle's ledger and no others; `readable`: it may be read whole.

    `referable`: the role may have foreign keys point to it, or to some of its columns. `owner` is empty where the role
    has the owner's rights: it is that, a member of it that inherits, or a superuser; `droppable`, where it has those of
    the schema's owner.
    """

    shown: str
    schema: str
    table: str
    ledger: bool
    readable: bool
    referable: bool
    owner: str
    droppable: bool


class Name(Struct, frozen=True):
    """A relation that is no table, or a type or routine, which is no `relation`, likewise."""

    shown: str
    relation: bool
    kind: str
    owner: str
    droppable: bool


def read_tables(connection: Connection, name: LedgerName) -> tuple[Table, ...]:
    """Every table but the ledger `name`, those of extensions left out, in the order of what is shown for them."""
    query = """
        select pg_catalog.format('%%I.%%I', n.nspname, c.relname) as shown,
               n.nspname::text as schema, c.relname::text as "table",
               coalesce(a.ledger, false) as ledger,
               coalesce(a.ledger and has_schema_privilege(n.oid, 'USAGE') and has_table_privilege(c.oid, 'SELECT')
                        and not row_security_active(c.oid), false) as readable,
               has_any_column_privilege(c.oid, 'REFERENCES') as referable,
               case when pg_has_role(c.relowner, 'USAGE') then ''
                    else pg_catalog.pg_get_userbyid(c.relowner)::text end as owner,
               pg_has_role(n.nspowner, 'USAGE') as droppable
        from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        left join lateral (
            select count(*) filter (where attname = 'id' and atttypid in (20, 23)) = 1
                   and count(*) filter (where attname = 'hash' and atttypid in (25, 1043)) = 1
                   and count(*) filter (where attname = 'created_at' and atttypid in (20, 23)) = 1
                   and bool_and(attname in ('id', 'hash', 'created_at', 'name', 'applied_at')) as ledger
            from pg_catalog.pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped
        ) a on c.relnatts between 3 and 8
        where c.relkind in ('r', 'p') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
          and (n.nspname, c.relname) <> (%s, %s)
          and not exists (select from pg_catalog.pg_depend d
                          where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
        order by 1
    """
    with connection.cursor(row_factory=class_row(Table)) as cursor:
        return tuple(cursor.execute(query, (name.schema, name.table)))


def read_names(connection: Connection) -> tuple[Name, ...]:
    """Every relation but tables, every type that is none and that somebody made, and every routine of another role.

    A routine has its arguments behind its name. Those of extensions are left out. Tables, views, sequences, indexes
    and composite types share one space of names.
    """
    query = """
        select pg_catalog.format('%I.%I', n.nspname, o.name) || o.arguments as shown, o.relation, o.kind,
               case when pg_has_role(o.owner, 'USAGE') then ''
                    else pg_catalog.pg_get_userbyid(o.owner)::text end as owner,
               pg_has_role(n.nspowner, 'USAGE') as droppable
        from (select oid, 'pg_catalog.pg_class'::regclass as class, relname as name, relnamespace as namespace,
                     relowner as owner, true as relation,
                     case relkind when 'S' then 'sequence' when 'c' then 'type' when 'f' then 'foreign table'
                                  when 'v' then 'view' when 'm' then 'view'
                                  else case when i.indisvalid then 'index' else 'invalid index' end end as kind,
                     '' as arguments
              from pg_catalog.pg_class left join pg_catalog.pg_index i on i.indexrelid = oid
              where relkind in ('S', 'v', 'm', 'c', 'f', 'i', 'I')
              union all
              select oid, 'pg_catalog.pg_type'::regclass, typname, typnamespace, typowner, false, 'type', ''
              from pg_catalog.pg_type where typtype in ('e', 'd', 'r')
              union all
              select oid, 'pg_catalog.pg_proc'::regclass, proname, pronamespace, proowner, false, 'routine',
                     '(' || pg_catalog.oidvectortypes(proargtypes) || ')'
              from pg_catalog.pg_proc where not pg_has_role(proowner, 'USAGE')) o
        join pg_catalog.pg_namespace n on n.oid = o.namespace
        where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
          and not exists (select from pg_catalog.pg_depend d
                          where d.classid = o.class and d.objid = o.oid and d.deptype = 'e')
        order by 1
    """
    with connection.cursor(row_factory=class_row(Name)) as cursor:
        return tuple(cursor.execute(query))


def read_other_ledgers(connection: Connection, tables: Sequence[Table]) -> tuple[tuple[Ledger, ...], tuple[str, ...]]:
    """The rows of those of `tables` that look like ledgers, all in one round trip, and those that were not read.

    They are looked at last: a fault ends the transaction, and nobody waits long for a table that is locked.
    """
    alike = [each for each in tables if each.ledger]
    read = [each for each in alike if each.readable][:_MOST_LEDGERS]
    try:
        found = _held(connection, [LedgerName(each.schema, each.table) for each in read])
    except psycopg.Error:
        if connection.closed:
            raise
        found, read = (), []
    return found, tuple(each.shown for each in alike if each not in read)


def _held(connection: Connection, names: Sequence[LedgerName]) -> tuple[Ledger, ...]:
    """Those of `names` that have rows."""
    if not names:
        return ()
    send(connection, *patience(_PATIENCE, local=True))
    found = connection.execute(sql.SQL(" union all ").join(_rows(at, each) for at, each in enumerate(names)))
    rows = [(int(str(at)), LedgerRow(*_typed(*row))) for at, *row in found]
    held = [tuple(row for at, row in rows if at == number) for number in range(len(names))]
    return tuple(
        Ledger(each, tuple(sorted(mine, key=lambda row: row.id)))
        for each, mine in zip(names, held, strict=True)
        if mine
    )


def _rows(at: int, name: LedgerName) -> sql.Composed:
    rows = "(select {}, coalesce(id, 0), hash, created_at, to_jsonb(held) ->> 'name' from {} held limit {})"
    return sql.SQL(rows).format(at, sql.Identifier(name.schema, name.table), _MOST_ROWS)


def _typed(number: object, digest: object, at: object, name: object) -> tuple[int, str, int | None, str | None]:
    return (
        int(str(number)),
        str(digest or ""),
        None if at is None else int(str(at)),
        None if name is None else str(name),
    )
