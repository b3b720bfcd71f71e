"""What a constraint or a unique index demands of the rows of a table."""

from msgspec import Struct, json

from migcheck.postgres.running.ledger import Connection


class Distinct(Struct, frozen=True, tag=True):
    """No two rows `where` it holds are alike in `keys`. `alike`: NULL is as NULL.

    `alone`: of the table itself, as it is of the others. Rows of those that inherit from it are none of those.
    `deferrable`: it may hold no sooner than the transaction ends.
    """

    table: int
    numbers: tuple[int, ...]
    keys: tuple[str, ...]
    where: str | None
    alike: bool
    alone: bool = False
    deferrable: bool = False


class Holds(Struct, frozen=True, tag=True):
    """Of no row is `says` false."""

    table: int
    numbers: tuple[int, ...]
    says: str
    alone: bool = False


class PointsTo(Struct, frozen=True, tag=True):
    """The columns have the values of the columns `keys` in a row of the table `to`, each known by its number.

    `full`: a row that has values in some of them points to none (MATCH FULL).
    """

    table: int
    numbers: tuple[int, ...]
    to: int
    keys: tuple[int, ...]
    alone: bool = False
    full: bool = False


class Excludes(Struct, frozen=True, tag=True):
    """Of no two rows `where` it holds all `keys` are as each one's operator says."""

    table: int
    numbers: tuple[int, ...]
    keys: tuple[str, ...]
    operators: tuple[str, ...]
    where: str | None
    alone: bool = False


Demand = Distinct | Holds | PointsTo | Excludes

_HEIRS = """
    exists (select from pg_catalog.pg_inherits h join pg_catalog.pg_class s on s.oid = h.inhrelid
            where h.inhparent = named.oid and not s.relispartition)
"""
# In 'numbers': a column that stands in an expression alone has a dependency of its own.
_DEMANDS = f"""
    with named as (select %(table)s::pg_catalog.oid as oid)
    select pg_catalog.json_build_object('type', case when x.contype = 'x' then 'Excludes' else 'Distinct' end,
        'table', i.indrelid::bigint,
        'operators', array(
            select case when o.oprnamespace = 'pg_catalog'::pg_catalog.regnamespace then o.oprname::pg_catalog.text
                   else pg_catalog.format('operator(%%I.%%s)', m.nspname, o.oprname) end
            from pg_catalog.unnest(x.conexclop) with ordinality u(oid, place)
            join pg_catalog.pg_operator o on o.oid = u.oid
            join pg_catalog.pg_namespace m on m.oid = o.oprnamespace order by u.place),
        'numbers', array(
            select k.number from pg_catalog.unnest(i.indkey::pg_catalog.int2[]) with ordinality k(number, place)
            where k.number > 0 and k.place <= i.indnkeyatts
            union
            select d.refobjsubid from pg_catalog.pg_depend d
            where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = i.indexrelid
              and d.refclassid = d.classid and d.refobjid = i.indrelid and d.refobjsubid > 0),
        'keys', array(
            select pg_catalog.pg_get_indexdef(i.indexrelid, k, true)
            from pg_catalog.generate_series(1, i.indnkeyatts) k order by k),
        'where', pg_catalog.pg_get_expr(i.indpred, i.indrelid),
        'alike', coalesce((pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct')::pg_catalog.bool, false),
        'alone', {_HEIRS}, 'deferrable', not i.indimmediate)::pg_catalog.text
    from named join pg_catalog.pg_index i on i.indrelid = named.oid
    join pg_catalog.pg_class r on r.oid = i.indexrelid
    left join pg_catalog.pg_constraint x on x.conindid = i.indexrelid and x.conrelid = i.indrelid and x.contype = 'x'
    where (i.indisunique or x.contype = 'x') and r.relname = %(constraint)s
    union all
    select case k.contype
        when 'c' then pg_catalog.json_build_object('type', 'Holds', 'table', k.conrelid::bigint,
            'numbers', coalesce(k.conkey, '{{}}'), 'says', pg_catalog.pg_get_expr(k.conbin, k.conrelid),
            'alone', k.connoinherit)
        else pg_catalog.json_build_object('type', 'PointsTo', 'table', k.conrelid::bigint, 'numbers', k.conkey,
            'to', k.confrelid::bigint, 'keys', k.confkey, 'full', k.confmatchtype = 'f', 'alone', {_HEIRS})
        end::pg_catalog.text
    from named join pg_catalog.pg_constraint k on k.conrelid = named.oid
    where k.contype in ('c', 'f') and k.conname = %(constraint)s
      -- Others would not be found by their sign alone: citext has one of its own.
      and not exists (select from pg_catalog.unnest(k.conpfeqop) u(oid) join pg_catalog.pg_operator o on o.oid = u.oid
                      where o.oprnamespace <> 'pg_catalog'::pg_catalog.regnamespace)
"""  # noqa: S608 - made of the words above
# As `Column.kind` tells a type: by its number and a modifier, of which an enum has none.
_LABELS = """
    select pg_catalog.concat(of.oid, ' -1'),
           pg_catalog.array_agg(e.enumlabel::pg_catalog.text order by e.enumsortorder)
    from pg_catalog.pg_enum e join pg_catalog.pg_type t on t.oid = e.enumtypid
    cross join lateral (values (t.oid), (t.typarray)) of (oid) group by of.oid
"""
_ROOT = """
    select rn.nspname::pg_catalog.text, r.relname::pg_catalog.text
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_class r on r.oid = pg_catalog.pg_partition_root(c.oid)
    join pg_catalog.pg_namespace rn on rn.oid = r.relnamespace
    where n.nspname = %s and c.relname = %s
"""
_decode = json.Decoder(Distinct | Holds | PointsTo | Excludes).decode


def read_demand(connection: Connection, table: int, constraint: str) -> Demand | None:
    """What is called so of the table with that oid; None where nothing is."""
    found = connection.execute(_DEMANDS, {"table": table, "constraint": constraint}, prepare=False).fetchone()
    return None if found is None else _decode(str(found[0]))


def read_root(connection: Connection, schema: str, table: str) -> tuple[str, str]:
    """Schema and name of the table that this one is a partition of; of this one, where it is none."""
    found = connection.execute(_ROOT, (schema, table), prepare=False).fetchone()
    return (schema, table) if found is None else (str(found[0]), str(found[1]))


def read_labels(connection: Connection) -> dict[str, tuple[str, ...]]:
    """The labels of every enum, and of its array, by what `Column.kind` says of it."""
    found = connection.execute(_LABELS, prepare=False)
    return {str(kind): tuple(map(str, labels)) for kind, labels in found if isinstance(labels, list)}
