"""What a session holds and hands on: settings, and what ends with it and not with its transaction."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from msgspec import Struct, json

if TYPE_CHECKING:
    # Whoever only reads SQL has no server: to load the driver would be a fifth of that time.
    from migcheck.postgres.running.ledger import Connection

SETTINGS = (
    "search_path",
    "role",
    "row_security",
    "session_replication_role",
    "check_function_bodies",
    "statement_timeout",
    "timezone",
    "datestyle",
    "intervalstyle",
    "standard_conforming_strings",
)
"""What decides how the SQL of whoever comes next is read or run."""
OF_TRANSACTIONS = ("default_transaction_read_only", "default_transaction_isolation")
"""What decides the same of each transaction that is begun next, and of none that is open."""
Held = Literal["lock", "shared lock", "channel", "cursor", "statement", "table", "view", "sequence"]
"""An advisory lock by its key, a channel of LISTEN, a cursor WITH HOLD, what PREPARE made, and what is temporary."""

OURS = "migcheck_tables"
"""The statement that is kept in a session of migrations by whoever looks on: none of them left it."""


class Holding(Struct, frozen=True, array_like=True):
    """One thing that a session holds. Before its transaction ends, it may be the transaction that does."""

    kind: Held
    name: str


# What the driver prepares is no SQL. A key of one bigint is in the two halves of it. The sequence of a serial is its
# column's; a column by which a table is partitioned is the table's own, and says nothing of the table.
_HELD = """
    select pg_catalog.json_agg(pg_catalog.json_build_array(kind, name))::pg_catalog.text from (
        select case l.mode when 'ShareLock' then 'shared lock' else 'lock' end,
            case l.objsubid when 1 then ((l.classid::bigint << 32) | l.objid::bigint)::text
                else pg_catalog.concat(l.classid::int4, ', ', l.objid::int4) end
        from pg_catalog.pg_locks l
        where l.locktype = 'advisory' and l.granted and l.pid = pg_catalog.pg_backend_pid()
        union all select 'channel', channel from pg_catalog.pg_listening_channels() of(channel)
        union all select 'cursor', c.name from pg_catalog.pg_cursors c where c.is_holdable
        union all select 'statement', p.name from pg_catalog.pg_prepared_statements p
        where p.from_sql and p.name <> %s
        union all
        select case c.relkind when 'v' then 'view' when 'S' then 'sequence' else 'table' end, c.relname::text
        from pg_catalog.pg_class c
        -- Where there is none, no table is looked at.
        where pg_catalog.pg_my_temp_schema() <> 0 and c.relnamespace = pg_catalog.pg_my_temp_schema()
          and c.relkind in ('r', 'p', 'v', 'S')
          and not exists (select from pg_catalog.pg_depend d
              where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid
                and d.objsubid = 0 and d.deptype in ('a', 'i'))
    ) each(kind, name)
"""
_READ = "select " + ", ".join(f"pg_catalog.current_setting('{name}')" for name in (*SETTINGS, *OF_TRANSACTIONS))
_held = json.Decoder(frozenset[Holding]).decode


def read_settings(connection: "Connection") -> Mapping[str, str]:
    """The settings of the session as whoever comes next meets them: not to be asked within fixed ones."""
    (row,) = connection.execute(_READ.encode(), prepare=False)
    # In SQL_ASCII the driver hands out bytes.
    told = (each.decode("utf-8", "replace") if isinstance(each, bytes) else str(each) for each in row)
    return dict(zip((*SETTINGS, *OF_TRANSACTIONS), told, strict=True))


def read_held(connection: "Connection") -> frozenset[Holding]:
    """What the session holds: to be asked within fixed settings, for a timeout of a migration may be tight."""
    (row,) = connection.execute(_HELD.encode(), (OURS,), prepare=False)
    return _held(str(row[0] or "[]"))
