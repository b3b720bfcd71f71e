"""What a table refuses of a row whose columns have their defaults: asked of the planner, and no row is inserted.

What is immutable the planner works out for itself, so a division by 0 is met where a condition is known to be false.
"""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.standing import FILLED_BY_TRIGGER
from migcheck.sql_names import quoted_always

REFUSED = "22012"
"""The code with which the server refuses the question: division_by_zero."""


class Limit(Struct, frozen=True):
    """A check, or a unique index, of the table that is written as `table`, on `columns` alone.

    `says` is the check's condition, empty of an index. `filled`: each column has a default. Only where the server
    refuses `text` does a check refuse a row that leaves them all out, and a unique index the second such row.
    """

    table: str
    name: str
    columns: tuple[str, ...]
    says: str
    filled: bool
    text: str

    @property
    def unique(self) -> bool:
        """Whether it is a unique index."""
        return not self.says

    def is_same(self, other: "Limit") -> bool:
        """Whether it is `other`, or says the same by another name."""
        one, two = ((each.table, each.columns, each.says) for each in (self, other))
        return one == two or (self.table, self.name) == (other.table, other.name)


# What a trigger may fill is left alone, and so is an index for some rows or on an expression. From 18 on a check may be
# NOT ENFORCED.
_LIMITS = f"""
    select w.name, k.name::text, k.condition,
        array_agg(a.attname::text order by a.attnum),
        array_agg(pg_catalog.format_type(a.atttypid, a.atttypmod) order by a.attnum),
        array_agg(coalesce(pg_catalog.pg_get_expr(d.adbin, d.adrelid), t.typdefault) order by a.attnum)
    from pg_catalog.unnest(%s::pg_catalog.text[]) w(name)
    join pg_catalog.pg_class c on c.oid = pg_catalog.to_regclass(w.name) and c.relkind in ('r', 'p')
    join lateral (
        select h.conname, pg_catalog.pg_get_expr(h.conbin, h.conrelid), h.conkey
        from pg_catalog.pg_constraint h
        where h.conrelid = c.oid and h.contype = 'c'
            and pg_catalog.to_jsonb(h) ->> 'conenforced' is distinct from 'false'
        union all
        select i.relname, null, array(select u from pg_catalog.unnest(x.indkey) with ordinality o(u, n)
                                      where n <= x.indnkeyatts)
        from pg_catalog.pg_index x join pg_catalog.pg_class i on i.oid = x.indexrelid
        where x.indrelid = c.oid and x.indisunique and x.indexprs is null and x.indpred is null
    ) k(name, condition, numbers) on true
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = any (k.numbers)
    join pg_catalog.pg_type t on t.oid = a.atttypid
    left join pg_catalog.pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    group by w.name, k.name, k.condition
    having bool_and(a.attidentity = '' and a.attgenerated = '' and not {FILLED_BY_TRIGGER})
    order by w.name, k.name
"""  # noqa: S608 - a text of a module's own


def read_limits(connection: Connection, names: Iterable[str]) -> Iterator[Limit]:
    """The limits of the tables among `names`, each as it is written in SQL."""
    for table, name, condition, *each in connection.execute(_LIMITS, (list(names),), prepare=False):
        columns, types, defaults = (list(values) if isinstance(values, list) else [] for values in each)
        row = ", ".join(
            f"({'null' if default is None else default})::{kind} as {quoted_always(column)}"
            for column, kind, default in zip(columns, types, defaults, strict=True)
        )
        holds = condition or " or ".join(f"{quoted_always(column)} is null" for column in columns)
        text = f"select 1 / case when ({holds}) is not false then 1 else 0 end from (select {row}) as one"  # noqa: S608 - the catalogue's own
        filled = None not in defaults
        yield Limit(str(table), str(name), tuple(columns), str(condition or ""), filled, text)
