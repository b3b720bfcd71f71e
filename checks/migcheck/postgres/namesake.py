"""Asking a server whether a function that it did not find is there with other arguments."""

from typing import TYPE_CHECKING

from psycopg.rows import scalar_row

from migcheck.regex import regex

if TYPE_CHECKING:
    from migcheck.postgres.ledger import Connection

# The server's own first: of those, another major may have one more.
_SCHEMA_OF = """
select n.nspname from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
where p.proname = %(name)s and case %(schema)s when '' then pg_catalog.pg_function_is_visible(p.oid)
  else n.nspname = %(schema)s end
order by n.nspname <> 'pg_catalog', n.nspname limit 1
"""
_CALLED = regex(r"function (?:(?P<schema>[^.()]+)\.)?(?P<name>[^.()]+)\(.*\) does not exist")


def namesake_schema(connection: "Connection", message: str) -> str:
    """The schema of a function with the name of the one that `message` misses; empty where there is none."""
    found = _CALLED.fullmatch(message)
    if found is None:
        return ""
    asked = {"name": found["name"], "schema": found["schema"] or ""}
    with connection.cursor(row_factory=scalar_row) as cursor:
        return str(cursor.execute(_SCHEMA_OF, asked).fetchone() or "")
