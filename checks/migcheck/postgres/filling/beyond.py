"""What is asked of rows by what is no table's own: by a domain, by the bounds of partitions, by an index on a view."""

from msgspec import Struct, json

from migcheck.postgres.running.ledger import Connection


class OfDomain(Struct, frozen=True, tag=True):
    """The `column` of `table` with that `number` has the `domain`, or one over it.

    Its check `constraint` says something of VALUE. `base` is the type that VALUE has. `oid` is that of the check.
    """

    oid: int
    constraint: str
    says: str
    base: str
    domain: str
    table: int
    name: str
    number: int
    column: str


class OfPartition(Struct, frozen=True, tag=True):
    """Of no row of the partition `name`, with that `oid`, is `says` false; `root` is the whole, `parent` above it.

    A default partition alone says nothing.
    """

    oid: int
    name: str
    parent: str
    root: str
    says: str


class OfView(Struct, frozen=True, tag=True):
    """No two rows of the materialized view `name` are alike in `keys` `where` it holds; `index`, with that `oid`, asks.

    `definition` is its query. `reads` are the columns that are read in it: number of table and column, or 0.
    `plain`: it reads tables alone. `alike`: NULL is as NULL.
    """

    oid: int
    index: str
    view: int
    name: str
    keys: tuple[str, ...]
    where: str | None
    alike: bool
    definition: str
    reads: tuple[tuple[int, int], ...]
    plain: bool


Beyond = OfDomain | OfPartition | OfView

_DOMAINS = """
    with recursive over(domain, type) as (
        select t.oid, t.oid from pg_catalog.pg_type t where t.typtype = 'd'
        union
        select over.domain, t.oid from over join pg_catalog.pg_type t on t.typbasetype = over.type and t.typtype = 'd'
    )
    select pg_catalog.json_build_object('type', 'OfDomain', 'oid', k.oid::bigint, 'constraint', k.conname,
        'says', pg_catalog.pg_get_expr(k.conbin, 0), 'base', pg_catalog.format_type(d.typbasetype, d.typtypmod),
        'domain', d.typname,
        'table', c.oid::bigint, 'name', pg_catalog.format('%I.%I', n.nspname, c.relname),
        'number', a.attnum, 'column', a.attname)::pg_catalog.text
    from over join pg_catalog.pg_type d on d.oid = over.domain
    join pg_catalog.pg_constraint k on k.contypid = d.oid and k.contype = 'c' and k.convalidated
    join pg_catalog.pg_attribute a on a.atttypid = over.type and a.attnum > 0 and not a.attisdropped
    join pg_catalog.pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p') and not c.relispartition
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    order by c.oid, a.attnum, k.oid
"""
_PARTITIONS = """
    select pg_catalog.json_build_object('type', 'OfPartition', 'oid', c.oid::bigint,
        'name', pg_catalog.format('%I.%I', n.nspname, c.relname),
        'parent', p.relname, 'root', pg_catalog.format('%I.%I', rn.nspname, r.relname),
        'says', coalesce(pg_catalog.pg_get_partition_constraintdef(c.oid), ''))::pg_catalog.text
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_inherits h on h.inhrelid = c.oid join pg_catalog.pg_class p on p.oid = h.inhparent
    join pg_catalog.pg_class r on r.oid = pg_catalog.pg_partition_root(c.oid)
    join pg_catalog.pg_namespace rn on rn.oid = r.relnamespace
    where c.relispartition and c.relkind in ('r', 'p')
    order by c.oid
"""
_READ = """
    from pg_catalog.pg_rewrite w join pg_catalog.pg_depend d
      on d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and d.objid = w.oid
     and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid <> c.oid
    join pg_catalog.pg_class s on s.oid = d.refobjid where w.ev_class = c.oid
"""
_VIEWS = f"""
    select pg_catalog.json_build_object('type', 'OfView', 'oid', x.oid::bigint, 'index', x.relname,
        'view', c.oid::bigint, 'name', pg_catalog.format('%I.%I', n.nspname, c.relname),
        'keys', array(
            select pg_catalog.pg_get_indexdef(i.indexrelid, k, true)
            from pg_catalog.generate_series(1, i.indnkeyatts) k order by k),
        'where', pg_catalog.pg_get_expr(i.indpred, i.indrelid),
        'alike', coalesce((pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct')::pg_catalog.bool, false),
        'definition', pg_catalog.pg_get_viewdef(c.oid),
        'reads', array(select pg_catalog.json_build_array(d.refobjid::bigint, d.refobjsubid) {_READ}),
        'plain', not exists (select {_READ} and s.relkind not in ('r', 'p')))::pg_catalog.text
    from pg_catalog.pg_index i join pg_catalog.pg_class x on x.oid = i.indexrelid
    join pg_catalog.pg_class c on c.oid = i.indrelid and c.relkind = 'm'
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace where i.indisunique
    order by x.oid
"""  # noqa: S608 - made of the words above
_decode = json.Decoder(OfDomain | OfPartition | OfView).decode


def read_beyond(connection: Connection) -> tuple[Beyond, ...]:
    """All of it that is there."""
    queries = (_DOMAINS, _PARTITIONS, _VIEWS)
    return tuple(_decode(str(told)) for query in queries for (told,) in connection.execute(query, prepare=False))
