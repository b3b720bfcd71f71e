"""Reading how large tables of the target are, without a look into them."""

from collections.abc import Collection

import psycopg
from msgspec import Struct
from psycopg.rows import class_row

from migcheck.facts.target.judged import PATIENCE
from migcheck.facts.target.sizes import Size, Sizes, Unsized
from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.target.timeouts import NAMES_AS_EVER, patience, send
from migcheck.redact import said_by

# A partitioned table has no rows of its own; where one partition was never analysed, nobody knows the sum. Before
# Postgres 14, which tells by -1, such a table has 0 tuples in 0 pages, as an empty one has. What has grown since is as
# dense as it was, as the planner takes it (plancat.c `estimate_rel_size`); of what was empty then nobody knows.
_SIZES = """
    select pg_catalog.format('%%I.%%I', n.nspname, c.relname) as name,
           case when bool_or(p.reltuples < 0 or (p.relpages = 0 and (pages.now > 0
                             or current_setting('server_version_num')::int < 140000))) then null
                else coalesce(sum(p.reltuples * pages.now / greatest(p.relpages, 1)), 0)::bigint end as rows,
           coalesce(sum(pg_catalog.pg_total_relation_size(p.oid)), 0)::bigint as bytes,
           coalesce(sum(pages.now), 0) = 0 as empty
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    left join lateral (select c.oid where c.relkind <> 'p'
                  union all select t.relid from pg_catalog.pg_partition_tree(c.oid) t
                            where c.relkind = 'p' and t.isleaf) leaf on true
    left join pg_catalog.pg_class p on p.oid = leaf.oid
    left join lateral (
        select pg_catalog.pg_relation_size(p.oid) / current_setting('block_size')::int as now
    ) pages on true
    where pg_catalog.format('%%I.%%I', n.nspname, c.relname) = any(%s)
    group by c.oid, n.nspname, c.relname
"""


class _Row(Struct, frozen=True):
    name: str
    rows: int | None
    bytes: int
    empty: bool


def read_sizes(connection: Connection, tables: Collection[str]) -> Sizes:
    """The size of each of `tables`, called `schema.table`.

    What cannot be read is told and no more: what nobody knows the size of is judged as such.
    """
    if not tables:
        return {}
    try:
        with connection.transaction(force_rollback=True), connection.cursor(row_factory=class_row(_Row)) as cursor:
            connection.execute("set transaction read only")
            # To measure a table takes its weakest lock.
            send(connection, *patience(PATIENCE, local=True), NAMES_AS_EVER)
            found = cursor.execute(_SIZES, (sorted(tables),))
            return {each.name: Size(each.rows, each.bytes, each.empty) for each in found}
    except psycopg.Error as error:
        return Unsized(said_by(error))
