"""Asking a server whether a function that it did not find is there with other arguments."""

from typing import TYPE_CHECKING

from psycopg.rows import args_row

from migcheck.postgres.running.failure import Namesake
from migcheck.regex import regex

if TYPE_CHECKING:
    from migcheck.postgres.running.ledger import Connection

# The server's own first, then an extension's: another major or version may have one more.
_NAMESAKE = """
select n.nspname, coalesce(e.extname, '')
from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
left join pg_catalog.pg_depend d on d.deptype = 'e' and d.objid = p.oid
  and d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
left join pg_catalog.pg_extension e on e.oid = d.refobjid
where p.proname = %(name)s and case %(schema)s when '' then pg_catalog.pg_function_is_visible(p.oid)
  else n.nspname = %(schema)s end
order by n.nspname <> 'pg_catalog', e.extname, n.nspname limit 1
"""
_CALLED = regex(r"(?:function|procedure) (?:(?P<schema>[^.()]+)\.)?(?P<name>[^.()]+)\(.*\) does not exist")


def namesake(connection: "Connection", message: str) -> Namesake | None:
    """A function or procedure with the name of the one that `message` misses; None where there is none."""
    found = _CALLED.fullmatch(message)
    if found is None:
        return None
    asked = {"name": found["name"], "schema": found["schema"] or ""}
    with connection.cursor(row_factory=args_row(Namesake)) as cursor:
        return cursor.execute(_NAMESAKE, asked).fetchone()
