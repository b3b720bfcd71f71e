"""What tables are at one moment, each by its oid: that stays what a name, a column's place and a file do not."""

from collections.abc import Collection

from msgspec import json
from psycopg import sql

from migcheck.drizzle.ledger import LedgerName
from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.running.session_left import OURS
from migcheck.postgres.table import Table

# What an extension brings is the extension's.
_THERE = """
    select c.oid::bigint from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'm') and n.nspname !~ '^pg_'
      and n.nspname <> 'information_schema' and (n.nspname, c.relname) <> (%s, %s)
      and not exists (select from pg_catalog.pg_depend d where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                      and d.objid = c.oid and d.deptype = 'e')
"""
# Not by pg_partition_tree(), which locks what it lists.
_LEAVES = sql.SQL("""
    with recursive leaf(oid, root) as (
        select c.oid, c.oid from pg_catalog.pg_class c where c.oid = any({oids}::pg_catalog.oid[])
        union all
        select c.oid, leaf.root from leaf join pg_catalog.pg_inherits i on i.inhparent = leaf.oid
        join pg_catalog.pg_class c on c.oid = i.inhrelid where c.relispartition
    )
""")
# Summed up once: looked up for each table, thousands of partitions took seconds at every look. Types are looked up
# (OFFSET 0): to join them in, the server went through all that there are for each table.
_TABLES = sql.SQL("""
    {leaves}, whole(root, files, scans, indexed) as (
        select leaf.root, pg_catalog.json_object_agg(p.oid, p.relfilenode::bigint) filter (where p.relkind <> 'p'),
            sum(pg_catalog.pg_stat_get_xact_numscans(leaf.oid)),
            sum((select count(*) from pg_catalog.pg_index i join pg_catalog.pg_class x on x.oid = i.indexrelid
                 where i.indrelid = leaf.oid and x.relkind = 'i'))
        from leaf join pg_catalog.pg_class p on p.oid = leaf.oid group by leaf.root
    )
    select pg_catalog.json_build_object(
        'oid', c.oid::bigint, 'name', pg_catalog.format('%I.%I', n.nspname, c.relname),
        'files', coalesce(whole.files, '{{}}'), 'scans', whole.scans, 'indexed', whole.indexed,
        'materialized', c.relkind = 'm',
        'parent', coalesce((
            select i.inhparent::bigint from pg_catalog.pg_inherits i
            where c.relispartition and i.inhrelid = c.oid), 0),
        'partitions', case c.relkind when 'p' then coalesce((
            select pg_catalog.json_agg(i.inhrelid::bigint) from pg_catalog.pg_inherits i
            where i.inhparent = c.oid), '[]') else '[]' end,
        'rest', coalesce((
            select d.partdefid::bigint from pg_catalog.pg_partitioned_table d where d.partrelid = c.oid), 0),
        'bounded', coalesce((
            select d.partdefid <> c.oid or exists (
                select from pg_catalog.pg_inherits o where o.inhparent = i.inhparent and o.inhrelid <> c.oid)
            from pg_catalog.pg_inherits i
            join pg_catalog.pg_partitioned_table d on d.partrelid = i.inhparent
            where c.relispartition and i.inhrelid = c.oid), false),
        'storage', pg_catalog.concat(c.relpersistence, c.relam), 'guarded', c.relrowsecurity,
        'clustered', coalesce((
            select bool_or(i.indisclustered) from pg_catalog.pg_index i where i.indrelid = c.oid), false),
        'columns', coalesce((
            select pg_catalog.json_object_agg(a.attnum, pg_catalog.json_build_object(
                'name', a.attname, 'kind', pg_catalog.concat(a.atttypid, ' ', a.atttypmod),
                'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
                'required', t.typnotnull or (a.attnotnull and not exists (
                    select from pg_catalog.pg_constraint k where k.conrelid = c.oid and k.contype = 'n'
                      and not k.convalidated and k.conkey[1] = a.attnum)),
                'filled', a.atthasdef or a.atthasmissing or a.attidentity <> '' or t.typdefault is not null,
                'generated', a.attgenerated <> '', 'checks', case t.typtype when 'd' then coalesce((
                    with recursive base(oid) as (
                        select t.oid union all
                        select d.typbasetype from base join pg_catalog.pg_type d using (oid) where d.typtype = 'd')
                    select pg_catalog.json_object_agg(k.oid, pg_catalog.json_build_object(
                        'name', k.conname, 'foreign', false, 'validated', k.convalidated, 'says', ''))
                    from base join pg_catalog.pg_constraint k on k.contypid = base.oid where k.contype = 'c'), '{{}}')
                    else '{{}}' end))
            from pg_catalog.pg_attribute a cross join lateral (
                select y.* from pg_catalog.pg_type y where y.oid = a.atttypid offset 0) t
            where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), '{{}}'),
        'indexes', coalesce((
            select pg_catalog.json_object_agg(i.indexrelid, pg_catalog.json_build_object(
                'name', r.relname, 'file', r.relfilenode::bigint, 'unique', i.indisunique,
                'valid', i.indisvalid,
                'key', coalesce((
                    select case k.contype when 'p' then 'PRIMARY KEY' when 'u' then 'UNIQUE' else 'EXCLUDE' end
                    from pg_catalog.pg_constraint k
                    where k.conrelid = c.oid and k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x')), '')))
            from pg_catalog.pg_index i join pg_catalog.pg_class r on r.oid = i.indexrelid
            where i.indrelid = c.oid), '{{}}'),
        'constraints', coalesce((
            select pg_catalog.json_object_agg(k.oid, pg_catalog.json_build_object(
                'name', k.conname, 'foreign', k.contype = 'f', 'validated', k.convalidated,
                'says', case k.contype when 'c' then pg_catalog.pg_get_constraintdef(k.oid) else '' end))
            from pg_catalog.pg_constraint k
            where k.conrelid = c.oid and k.contype in ('c', 'f') and k.conparentid = 0), '{{}}')
    )::pg_catalog.text
    from whole join pg_catalog.pg_class c on c.oid = whole.root
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
""")
# A row of the catalogue that is written anew is in another place, which is not used again before the transaction ends.
_SIGNS = sql.SQL("""
    {leaves}
    select oid::bigint, pg_catalog.md5(pg_catalog.string_agg(place, ' ')) from (
        select leaf.root, c.ctid::pg_catalog.text from leaf join pg_catalog.pg_class c on c.oid = leaf.oid
        union all
        select a.attrelid, a.ctid::pg_catalog.text from leaf join pg_catalog.pg_attribute a on a.attrelid = leaf.root
        where leaf.oid = leaf.root and a.attnum > 0
        union all
        select i.indrelid, i.ctid::pg_catalog.text from leaf join pg_catalog.pg_index i on i.indrelid = leaf.root
        where leaf.oid = leaf.root
        union all
        select k.conrelid, k.ctid::pg_catalog.text from leaf join pg_catalog.pg_constraint k on k.conrelid = leaf.root
        where leaf.oid = leaf.root
        union all
        select i.indrelid, r.ctid::pg_catalog.text from leaf join pg_catalog.pg_index i on i.indrelid = leaf.root
        join pg_catalog.pg_class r on r.oid = i.indexrelid where leaf.oid = leaf.root
        union all
        select leaf.root, pg_catalog.pg_stat_get_xact_numscans(leaf.oid)::pg_catalog.text from leaf
    ) of (oid, place) group by oid
""").format(leaves=_LEAVES.format(oids=sql.Placeholder()))
_NAMES = """
    select c.oid::bigint, pg_catalog.format('%%I.%%I', n.nspname, c.relname)
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where (c.relkind in ('r', 'p', 'f') or (%s and c.relkind in ('v', 'm')))
      and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
"""
_ABOVE = """
    with recursive above(oid, root) as (
        select i.inhparent, i.inhrelid from pg_catalog.pg_inherits i where i.inhrelid = any(%s::pg_catalog.oid[])
        union
        select i.inhparent, above.root from above join pg_catalog.pg_inherits i on i.inhrelid = above.oid
    )
    select root::bigint, pg_catalog.json_agg(oid::bigint)::pg_catalog.text from above group by root
"""
_VIEWS = """
    with recursive shows(view, name, oid) as (
        select c.oid, c.relname, c.oid from pg_catalog.pg_class c where c.relkind = 'v' and c.oid >= 16384
        union
        select s.view, s.name, d.refobjid from shows s join pg_catalog.pg_rewrite r on r.ev_class = s.oid
        join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and d.objid = r.oid
         and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
    )
    select oid::bigint, pg_catalog.json_agg(distinct name)::pg_catalog.text from shows where oid <> view group by oid
"""
# A plan that is kept has to be good when the catalogues have grown as well.
_KEPT = """
    select exists (select from pg_catalog.pg_prepared_statements where name = %s),
        pg_catalog.set_config('plan_cache_mode', 'force_generic_plan', true),
        pg_catalog.set_config('enable_seqscan', 'off', true)
"""
_decode = json.Decoder(Table).decode


def tables_there(connection: Connection, name: LedgerName) -> dict[int, Table]:
    """Every table, partition and materialized view of the database, by its oid, but for the ledger called `name`."""
    found = connection.execute(_THERE, (name.schema, name.table), prepare=False)
    return read_tables(connection, [int(str(oid)) for (oid,) in found])


def signs_of(connection: Connection, oids: Collection[int]) -> dict[int, str]:
    """For each of these tables that is there a word, another once anything of it was written anew or it was read.

    Good within one transaction, and much faster than to read them.
    """
    found = connection.execute(_SIGNS, (list(oids),), prepare=False) if oids else ()
    return {int(str(oid)): str(sign) for oid, sign in found}


def read_tables(connection: Connection, oids: Collection[int]) -> dict[int, Table]:
    """What is there of the tables with these oids. Inside of `settled`.

    The query is kept in the session: to read and plan it takes three times as long as to run it for one table. A
    migration may have dropped it (DEALLOCATE ALL).
    """
    if not oids:
        return {}
    [(is_kept, *_)] = connection.execute(_KEPT, (OURS,), prepare=False)
    name = sql.Identifier(OURS)
    if not is_kept:
        kept = sql.SQL("prepare {} (pg_catalog.oid[]) as {}").format(name, query_of(sql.SQL("$1")))
        connection.execute(kept, prepare=False)
    found = connection.execute(sql.SQL("execute {} ({})").format(name, list(oids)), prepare=False)
    return {each.oid: each for each in (_decode(str(told)) for (told,) in found)}


def query_of(oids: sql.Composable) -> sql.Composed:
    """What reads the tables with these `oids`, an array: a row for each, as JSON of a `Table`."""
    return _TABLES.format(leaves=_LEAVES.format(oids=oids))


def tables_above(connection: Connection, oids: Collection[int]) -> dict[int, list[int]]:
    """Of each of these tables those that show its rows: it is a partition of them, or inherits from them."""
    found = connection.execute(_ABOVE, (list(oids),), prepare=False) if oids else ()
    return {int(str(oid)): json.decode(str(above), type=list[int]) for oid, above in found}


def views_of(connection: Connection) -> dict[int, frozenset[str]]:
    """Of each table the names of the views, without their schemas, that read it: by way of others as well."""
    found = connection.execute(_VIEWS.encode(), prepare=False)
    return {int(str(oid)): json.decode(str(names), type=frozenset[str]) for oid, names in found}


def names_there(connection: Connection, *, views: bool = True) -> dict[int, str]:
    """What each table is called, and each of the `views`, as `schema.table`."""
    return {int(str(oid)): str(name) for oid, name in connection.execute(_NAMES, (views,), prepare=False)}
