"""What stands in a database under the names that an application writes, as its own search_path finds it."""

from collections.abc import Iterable

from msgspec import Struct

from migcheck.postgres.running.ledger import Connection


class Standing(Struct, frozen=True):
    """A table or a view. `name` is `schema.table`, as the catalogue has it.

    `demanded` are the columns that have no value of their own and must have one: who inserts a row has to name them.
    None is one that a trigger before each INSERT may fill.
    """

    name: str
    columns: frozenset[str]
    demanded: frozenset[str]


# A column in PL/pgSQL: the server's `\w` knows no letter beyond ASCII there. And the targets of INTO before another.
_NAME = r"""("[^"]*"|[^]\s".,:;=()[]+)"""
_OTHERS = r"""(("[^"]*"|[^\s",;])+\s*,\s*)*"""
# Bit 0 of a trigger's type: for each row; 1: before; 2: of INSERT. Most are guards, and many set `updated_at` alone: in
# PL/pgSQL only what gives a part of the row NEW something fills that column, and what gives it to the row, or returns
# another row, may fill any.
FILLED_BY_TRIGGER = rf"""
    exists (select from pg_catalog.pg_trigger g
            join pg_catalog.pg_proc f on f.oid = g.tgfoid join pg_catalog.pg_language l on l.oid = f.prolang
            where g.tgrelid = c.oid and g.tgenabled <> 'D' and g.tgtype & 7 = 7
              and (l.lanname <> 'plpgsql' or f.prosrc operator(pg_catalog.~*)
                   '\mnew\M\s*(\[[^]]*\]\s*)*:?='
                   '|\m(into|strict|for)\s+{_OTHERS}new\M(?!\s*\.)|\mcall\M[^;]*\mnew\M(?!\s*\.)'
                   '|\mreturn\M\s*(?!\s|;|(new|null|old)\s*;)'
                or exists (select from pg_catalog.regexp_matches(f.prosrc,
                   '\mnew\s*\.\s*{_NAME}(?=(\s*(\.\s*{_NAME}|\[[^]]*\]))*\s*:?=)'
                   '|(?<=\m((into|strict|for)\s+{_OTHERS}|call\M[^;]*))\mnew\s*\.\s*{_NAME}', 'gi') p
                   where a.attname in (pg_catalog.btrim(coalesce(p[1], p[2]), '"'),
                                       pg_catalog.lower(coalesce(p[1], p[2]))))))
"""  # noqa: S608 - a text of this module
"""Whether a trigger before each INSERT may fill the column `a` of the table `c`, in SQL."""

# A NOT NULL that is not validated holds for new rows.
_STANDING = f"""
    select w.name, pg_catalog.format('%%I.%%I', n.nspname, c.relname),
        array(select a.attname::text from pg_catalog.pg_attribute a
              where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
        array(select a.attname::text from pg_catalog.pg_attribute a
              join pg_catalog.pg_type t on t.oid = a.atttypid
              where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p')
                and (a.attnotnull or t.typnotnull)
                and not a.atthasdef and a.attidentity = '' and t.typdefault is null
                and not {FILLED_BY_TRIGGER})
    from pg_catalog.unnest(%s::pg_catalog.text[]) w(name)
    join pg_catalog.pg_class c on c.oid = pg_catalog.to_regclass(w.name)
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
"""  # noqa: S608 - a text of this module


def read_standing(connection: Connection, names: Iterable[str]) -> dict[str, Standing]:
    """What is there of `names`, each as it is written in SQL; nothing of one that names nothing."""
    found = connection.execute(_STANDING, (list(names),), prepare=False)
    return {
        str(name): Standing(str(real), _texts(columns), _texts(demanded)) for name, real, columns, demanded in found
    }


def _texts(values: object) -> frozenset[str]:
    return frozenset(map(str, values)) if isinstance(values, list) else frozenset()
