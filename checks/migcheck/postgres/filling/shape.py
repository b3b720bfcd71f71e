"""What the rows of tables must be like: read from the catalogue, to make some up."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec import Struct, json
from msgspec.structs import replace
from psycopg import sql

from migcheck.postgres.catalogue.session import settled
from migcheck.postgres.running.ledger import Connection


class Kind(Struct, frozen=True):
    """A type, what a domain stands for in its place. `name` is pg_type.typname, `category` typcategory.

    `modifier` is atttypmod, -1 where there is none. `labels` are an enum's. `parts` is how many columns a composite
    type has. `element` is an array's type.
    """

    name: str
    category: str
    modifier: int = -1
    labels: tuple[str, ...] = ()
    parts: int = 0
    element: "Kind | None" = None


class Column(Struct, frozen=True):
    """`required`: it has a value. `filled`: one comes by default; `counted`: by a sequence. `computed`: never given.

    `type` is how SQL calls it. `begins` is the bracket with which the JSON begins that is its default.
    """

    name: str
    kind: Kind
    required: bool
    filled: bool = False
    counted: bool = False
    computed: bool = False
    begins: str = ""
    type: str = "text"


class Foreign(Struct, frozen=True):
    """A foreign key: `columns` have a value of `keys` in a row of the table `to`."""

    columns: tuple[str, ...]
    to: str
    keys: tuple[str, ...]

    @property
    def pairs(self) -> Iterator[tuple[str, str]]:
        """Each of the columns with its key."""
        return zip(self.columns, self.keys, strict=True)


class Check(Struct, frozen=True):
    """What the values of `columns` have to hold, as the catalogue writes it; `holds` as an expression, if it is one."""

    columns: tuple[str, ...]
    says: str
    holds: str = ""


class Shape(Struct, frozen=True):
    """A table, called `schema.table` and quoted where SQL needs it. `unique` are the columns of each unique key."""

    name: str
    columns: tuple[Column, ...]
    unique: tuple[tuple[str, ...], ...] = ()
    foreign: tuple[Foreign, ...] = ()
    checks: tuple[Check, ...] = ()

    @property
    def demanded(self) -> Iterator[Foreign]:
        """The foreign keys that no row can be without."""
        required = {each.name for each in self.columns if each.required}
        return (each for each in self.foreign if required.issuperset(each.columns))


_DEFAULT = "DEFAULT"
"""What the bound of a default partition says."""
# What points to a table of which rows are changed or deleted may refuse that, so it has rows. The rows that a foreign
# key points to have to be there, and theirs. Those are only there to be pointed to: what they need not point to
# themselves is left out, else one key that may be NULL led through all of a large schema.
_READ = """
    with recursive read(oid, kind) as (
        select c.oid, c.relkind from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p', 'm') and pg_catalog.format('%%I.%%I', n.nspname, c.relname) = any(%(tables)s)
        union
        select s.oid, s.relkind from read
        join pg_catalog.pg_rewrite w on w.ev_class = read.oid and read.kind in ('v', 'm')
        join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and d.objid = w.oid
        join pg_catalog.pg_class s on s.oid = d.refobjid
         and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and s.relkind in ('r', 'p', 'v', 'm')
    )
"""
# One that points to a partitioned table is written down once more for each partition.
_FOREIGN = """(
    k.contype = 'f' and not exists (
        select from pg_catalog.pg_constraint w where w.oid = k.conparentid and w.conrelid = k.conrelid)
)"""
# None of its columns may be NULL, or a check or the partitions have a say in it.
_DEMANDED = """(
    not exists (
        select from pg_catalog.pg_attribute a join pg_catalog.pg_type t on t.oid = a.atttypid
        where a.attrelid = k.conrelid and a.attnum = any(k.conkey) and not a.attnotnull and not t.typnotnull
    ) or exists (
        select from pg_catalog.pg_constraint c
        where c.conrelid = k.conrelid and c.contype = 'c' and c.conkey && k.conkey
    ) or exists (
        select from pg_catalog.pg_partitioned_table p
        where p.partrelid = k.conrelid and p.partattrs::pg_catalog.int2[] && k.conkey
    )
)"""
_WANTED = sql.SQL("""
    {read}, named(oid) as (
        select coalesce(pg_catalog.pg_partition_root(read.oid)::pg_catalog.oid, read.oid)
        from read where read.kind in ('r', 'p')
        union
        select k.conrelid from pg_catalog.pg_constraint k join pg_catalog.pg_class c on c.oid = k.confrelid
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where k.contype = 'f' and k.conparentid = 0
          and pg_catalog.format('%%I.%%I', n.nspname, c.relname) = any(%(written)s)
    ), reached(oid, is_named) as (
        select oid, true from named
        union
        select k.confrelid, false from reached join pg_catalog.pg_constraint k on k.conrelid = reached.oid
        where {foreign} and (reached.is_named or {demanded})
    ), wanted(oid) as (select distinct oid from reached)
""").format(read=sql.SQL(_READ), foreign=sql.SQL(_FOREIGN), demanded=sql.SQL(_DEMANDED))
_KIND = """
    pg_catalog.json_build_object('name', {0}.typname, 'category', {0}.typcategory, 'modifier', {1},
        'labels', array(select l.enumlabel from pg_catalog.pg_enum l where l.enumtypid = {0}.oid
                        order by l.enumsortorder),
        'parts', (select count(*) from pg_catalog.pg_attribute p
                  where p.attrelid = {0}.typrelid and p.attnum > 0 and not p.attisdropped and {0}.typtype = 'c'),
        'element', {2})
"""
_NAMES = """
    array(select a.attname from pg_catalog.unnest({0}) with ordinality u(number, place)
          join pg_catalog.pg_attribute a on a.attrelid = {1} and a.attnum = u.number order by u.place)
"""
_ELEMENT = f"case when e.oid is not null then {_KIND.format('e', '-1', 'null')} end"
_SHAPES = sql.SQL("""
    {wanted}
    select pg_catalog.json_build_object(
        'name', pg_catalog.format('%%I.%%I', n.nspname, c.relname),
        'columns', array(
            select pg_catalog.json_build_object('name', a.attname,
                'kind', {kind}, 'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
                'required', a.attnotnull or t.typnotnull,
                'filled', a.atthasdef or t.typdefault is not null,
                'counted', a.attidentity <> '' or coalesce(
                    pg_catalog.pg_get_expr(d.adbin, d.adrelid) ~ '^nextval\\(', false),
                'computed', a.attgenerated <> '',
                'begins', case when b.typname in ('json', 'jsonb') then coalesce(pg_catalog.substring(
                    pg_catalog.pg_get_expr(d.adbin, d.adrelid), '^''\\s*([[{{])'), '') else '' end)
            from pg_catalog.pg_attribute a join pg_catalog.pg_type t on t.oid = a.atttypid
            join lateral (
                with recursive under(oid, modifier) as (
                    select t.oid, a.atttypmod union all
                    select o.typbasetype, case when o.typtypmod >= 0 then o.typtypmod else under.modifier end
                    from under join pg_catalog.pg_type o on o.oid = under.oid and o.typtype = 'd'
                ) select b.*, under.modifier from under join pg_catalog.pg_type b on b.oid = under.oid
                  where b.typtype <> 'd'
            ) b on true
            left join pg_catalog.pg_type e on e.oid = b.typelem and b.typcategory = 'A'
            left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
            where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped order by a.attnum),
        'unique', array(
            select pg_catalog.to_json({key}) from pg_catalog.pg_index i
            where i.indrelid = c.oid and i.indisunique and i.indexprs is null
            order by i.indnkeyatts, i.indexrelid),
        'foreign', array(
            select pg_catalog.json_build_object('columns', {columns}, 'keys', {keys},
                'to', pg_catalog.format('%%I.%%I', m.nspname, p.relname))
            from pg_catalog.pg_constraint k join pg_catalog.pg_class p on p.oid = k.confrelid
            join pg_catalog.pg_namespace m on m.oid = p.relnamespace
            where k.conrelid = c.oid and {foreign} order by pg_catalog.cardinality(k.conkey) desc, k.oid),
        'checks', array(
            select pg_catalog.json_build_object('columns', {columns}, 'says', pg_catalog.pg_get_constraintdef(k.oid),
                'holds', pg_catalog.pg_get_expr(k.conbin, k.conrelid))
            from pg_catalog.pg_constraint k where k.conrelid = c.oid and k.contype = 'c'
            union all
            select pg_catalog.json_build_object('columns', array[a.attname],
                'says', pg_catalog.pg_get_constraintdef(k.oid), 'holds', 'true')
            from pg_catalog.pg_attribute a join pg_catalog.pg_constraint k on k.contypid = a.atttypid
            where a.attrelid = c.oid and a.attnum > 0 and k.contype = 'c'
            union all
            select pg_catalog.json_build_object('columns', {parted},
                'says', pg_catalog.pg_get_expr(x.relpartbound, x.oid))
            from pg_catalog.pg_partitioned_table p join pg_catalog.pg_inherits h on h.inhparent = p.partrelid
            join pg_catalog.pg_class x on x.oid = h.inhrelid where p.partrelid = c.oid)
    )::pg_catalog.text
    from wanted join pg_catalog.pg_class c on c.oid = wanted.oid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    order by c.oid
""").format(
    wanted=_WANTED,
    foreign=sql.SQL(_FOREIGN),
    kind=sql.SQL(_KIND.format("b", "b.modifier", _ELEMENT)),
    # The subscripts of a vector begin with 0; what is only included stands behind the keys.
    key=sql.SQL(_NAMES.format("(i.indkey::pg_catalog.int2[])[0:i.indnkeyatts - 1]", "i.indrelid")),
    columns=sql.SQL(_NAMES.format("k.conkey", "k.conrelid")),
    keys=sql.SQL(_NAMES.format("k.confkey", "k.confrelid")),
    parted=sql.SQL(_NAMES.format("p.partattrs::pg_catalog.int2[]", "p.partrelid")),
)
_VIEWS = f"""
    {_READ} select pg_catalog.format('%%I.%%I', n.nspname, c.relname) from read
    join pg_catalog.pg_class c on c.oid = read.oid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where read.kind = 'm' order by c.oid
"""  # noqa: S608 - made of the words above
# For each column the server went through all the types that there are, which took longer than all the rest.
_BY_INDEX = "set local enable_seqscan = off"
_decode = json.Decoder(Shape).decode


def read_shapes(connection: Connection, tables: Collection[str], written: Collection[str]) -> tuple[Shape, ...]:
    """Of `tables`, what those of them read that are materialized views, what points to `written`, what these point to.

    Each behind what it points to, as far as that is no circle.
    """
    asked = {"tables": list(tables), "written": list(written)}
    with settled(connection):
        connection.execute(_BY_INDEX)
        shapes = [_decode(str(told)) for (told,) in connection.execute(_SHAPES, asked, prepare=False)]
    return tuple(_in_order({each.name: each for each in shapes}))


def hinted(shape: Shape, bounds: Sequence[str]) -> Shape:
    """The same; a default partition of it may have what new partitions with these `bounds` are to have."""
    keys = next((each.columns for each in shape.checks if each.says == _DEFAULT), None)
    return shape if keys is None else replace(shape, checks=(*shape.checks, *(Check(keys, each) for each in bounds)))


def read_views(connection: Connection, tables: Collection[str]) -> tuple[str, ...]:
    """The materialized views among `tables`, and those that these read, each behind what it reads."""
    return tuple(str(name) for (name,) in connection.execute(_VIEWS, {"tables": list(tables)}, prepare=False))


def _in_order(shapes: Mapping[str, Shape]) -> Iterator[Shape]:
    """Behind what they point to; in a circle behind what they have to point to, where that helps."""
    left = dict(shapes)
    while left:
        waits = {name: {each.to for each in shape.foreign} & left.keys() - {name} for name, shape in left.items()}
        must = {name: {each.to for each in shape.demanded} & left.keys() - {name} for name, shape in left.items()}
        ready = [name for name in left if not waits[name]] or [name for name in left if not must[name]] or [*left]
        # Of a circle one alone: it may have been all that the others wait for.
        for name in ready if not waits[ready[0]] else ready[:1]:
            yield left.pop(name)
