"""Indexes that a statement left invalid: what a CONCURRENTLY that did not end leaves behind, and nobody uses."""

from psycopg import sql

from migcheck.drizzle.folder import Migration
from migcheck.postgres.running.alone import (
    Built,
    Concurrent,
    Dropped,
    Rebuilt,
    concurrent_index,
    concurrently_dropped,
    statements_of,
)
from migcheck.postgres.running.failure import Refusal
from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.running.simple_query import send_raw

# One that another session builds is invalid until that one is done. A partitioned one (`I`) may be so by intent.
_INVALID = """
    select n.nspname::text, x.relname::text
    from pg_catalog.pg_index i
    join pg_catalog.pg_class x on x.oid = i.indexrelid
    join pg_catalog.pg_namespace n on n.oid = x.relnamespace
    where not i.indisvalid and x.relkind = 'i'
"""
_NOT_ANOTHERS = """
      and not exists (select from pg_catalog.pg_stat_progress_create_index p
                      where p.index_relid = i.indexrelid and p.pid <> pg_catalog.pg_backend_pid())
"""
_PROGRESS_SINCE = 120_000
# The server reads the names, as it reads them in the statement.
_BUILT = """
      and i.indrelid = pg_catalog.to_regclass(%(table)s)
      and x.relname = (pg_catalog.parse_ident(%(name)s))[1]::name"""
# `i_ccnew`, `i_ccold1`: made beside the index `i`, whose name was cut where that got too long.
_REBUILT = r"""
      and x.relname ~ '_cc(new|old)[0-9]*$' and exists (
        select from pg_catalog.pg_index o join pg_catalog.pg_class c on c.oid = o.indexrelid
        where o.indrelid = i.indrelid and pg_catalog.to_regclass(%(name)s) in (o.indexrelid, o.indrelid)
          and pg_catalog.strpos(c.relname::text, regexp_replace(x.relname, '_cc(new|old)[0-9]*$', '')) = 1)
"""
# Whoever is dropping it holds this lock from the beginning to the end.
_DROPPED = """
      and i.indexrelid = pg_catalog.to_regclass(%(name)s)
      and not exists (select from pg_catalog.pg_locks l
                      where l.locktype = 'relation' and l.relation = i.indexrelid
                        and l.database = (select oid from pg_catalog.pg_database where datname = current_database())
                        and l.mode = 'ShareUpdateExclusiveLock' and l.granted
                        and l.pid <> pg_catalog.pg_backend_pid())
"""

Index = tuple[str, str]
"""The schema and the name of one."""


def invalid_indexes(connection: Connection, of: Concurrent | Dropped) -> tuple[Index, ...]:
    """The invalid indexes that a statement of that kind leaves, without those that another session is at work on."""
    which, names = _condition(of)
    query = _INVALID + which + (_NOT_ANOTHERS if connection.info.server_version >= _PROGRESS_SINCE else "")
    return tuple((str(schema), str(name)) for schema, name in connection.execute(query.encode(), names, prepare=False))


def left_invalid(connection: Connection, migration: Migration) -> tuple[Index, ...]:
    """Those that the statements of `migration` make or drop, which a run that did not end has left so."""
    texts = [each.text for each in statements_of(migration)]
    of = [index for each in texts if (index := concurrent_index(each) or concurrently_dropped(each)) is not None]
    return tuple(dict.fromkeys(left for each in of for left in invalid_indexes(connection, each)))


def _condition(of: Concurrent | Dropped) -> tuple[str, dict[str, str]]:
    match of:
        case Dropped(name=name):
            return _DROPPED, {"name": name}
        case Built(name=name, table=table):
            return _BUILT, {"name": name, "table": table}
        case Rebuilt(name=name):
            return _REBUILT, {"name": name}


def drop_invalid(connection: Connection, index: Index) -> Refusal | None:
    """Drop one, out of nobody's way; what the server says against it."""
    return send_raw(connection, dropping(index))


def dropping(index: Index) -> str:
    """The statement that drops one, out of nobody's way."""
    return sql.SQL("drop index concurrently if exists {}").format(sql.Identifier(*index)).as_string()


def shown(index: Index) -> str:
    """`public.users_email`."""
    return ".".join(index)


def warned(index: Index) -> str:
    """What is told of one that a run left, which did not end."""
    return (
        f"the index {shown(index)} is invalid, left by a run that did not end: no query uses it. The next "
        f"`migcheck apply` drops it and begins its migration anew; by hand: `{dropping(index)};`"
    )
