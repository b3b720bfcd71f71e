"""What a second run drops and makes anew: the catalogue is the same, and what it held is lost."""

from collections.abc import Mapping

from migcheck.postgres.ledger import Connection

_HOLDS = """
    select a.attrelid::bigint, a.attnum::int, pg_catalog.format('%I.%I', n.nspname, c.relname), a.attname::text
    from pg_catalog.pg_attribute a
    join pg_catalog.pg_class c on c.oid = a.attrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'S') and c.oid >= 16384 and c.relpersistence <> 't'
      and a.attnum > 0 and not a.attisdropped
    order by c.relkind = 'S', 1, 2
"""

Holds = Mapping[tuple[int, int], tuple[str, str]]


def read_holds(connection: Connection) -> Holds:
    """The columns of all tables and sequences, as (relation, column), by what is never given to another."""
    # Unprepared: a migration may say DEALLOCATE ALL.
    found = connection.execute(_HOLDS, prepare=False)
    return {(int(str(oid)), int(str(number))): (str(name), str(column)) for oid, number, name, column in found}


def made_anew(before: Holds, after: Holds) -> str:
    """What a run between the two dropped, in words; empty where it kept everything."""
    kept = {oid for oid, _ in after}
    for (oid, number), (name, column) in before.items():
        if oid not in kept:
            return f"drops {name} again, with all that it holds by then"
        if (oid, number) not in after:
            return f"drops {name}.{column} again, with all that it holds by then"
    return ""
