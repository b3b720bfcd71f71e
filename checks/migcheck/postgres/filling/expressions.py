"""The expressions of generated columns whose values are stored: the server computes each when the column comes."""

from msgspec import Struct, json

from migcheck.postgres.running.ledger import Connection


class Expression(Struct, frozen=True):
    """What the `column` of the table with that oid, its `number` there, `says` of the columns with the `numbers`.

    `type` is that of the column, with its modifier.
    """

    table: int
    number: int
    column: str
    type: str
    says: str
    numbers: tuple[int, ...]


# Below PostgreSQL 15 it is the column itself that depends on the others, and not what is stored of its expression.
_EXPRESSIONS = """
    select pg_catalog.json_build_object('table', a.attrelid::bigint, 'number', a.attnum, 'column', a.attname,
        'type', pg_catalog.format_type(a.atttypid, a.atttypmod), 'says', pg_catalog.pg_get_expr(e.adbin, e.adrelid),
        'numbers', array(
            select distinct d.refobjsubid from pg_catalog.pg_depend d
            where d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid = a.attrelid
              and d.refobjsubid > 0 and d.refobjsubid <> a.attnum
              and ((d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass and d.objid = e.oid)
                   or (d.classid = d.refclassid and d.objid = a.attrelid and d.objsubid = a.attnum))
            order by 1))::pg_catalog.text
    from pg_catalog.pg_attribute a
    join pg_catalog.pg_attrdef e on e.adrelid = a.attrelid and e.adnum = a.attnum
    join pg_catalog.pg_class c on c.oid = a.attrelid
    where a.attgenerated = 's' and not a.attisdropped and not c.relispartition
    order by a.attrelid, a.attnum
"""
_decode = json.Decoder(Expression).decode


def read_expressions(connection: Connection) -> tuple[Expression, ...]:
    """All of them that are there."""
    return tuple(_decode(str(told)) for (told,) in connection.execute(_EXPRESSIONS, prepare=False))
