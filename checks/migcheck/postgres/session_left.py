"""What a session holds and hands on: settings, and what ends with it and not with its transaction."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from msgspec import Struct, json

if TYPE_CHECKING:
    # Whoever only reads SQL has no server: to load the driver would be a fifth of that time.
    from migcheck.postgres.ledger import Connection

SETTINGS = (
    "search_path",
    "role",
    "row_security",
    "session_replication_role",
    "check_function_bodies",
    "statement_timeout",
)
"""What decides how the SQL of whoever comes next is read or run."""
Held = Literal["lock", "shared lock", "channel", "cursor", "statement", "table", "view", "sequence"]
"""An advisory lock by its key, a channel of LISTEN, a cursor WITH HOLD, what PREPARE made, and what is temporary."""


class Holding(Struct, frozen=True, array_like=True):
    """One thing that a session holds. Before its transaction ends, it may be the transaction that does."""

    kind: Held
    name: str


class Session(Struct, frozen=True):
    """The settings of a session, and what it holds."""

    settings: Mapping[str, str]
    held: frozenset[Holding]


# Asked in the settings of a migration: operators are looked up by its search_path. What the driver prepares is no SQL.
# A key of one bigint is in the two halves of it. Behind a column of its own is the sequence of a serial.
_HELD = """
    select pg_catalog.json_agg(pg_catalog.json_build_array(kind, name)) from (
        select case when l.mode operator(pg_catalog.=) 'ShareLock' then 'shared lock' else 'lock' end,
            case when l.objsubid operator(pg_catalog.=) 1::pg_catalog.int2
                then ((l.classid::pg_catalog.int8 operator(pg_catalog.<<) 32)
                      operator(pg_catalog.|) l.objid::pg_catalog.int8)::pg_catalog.text
                else pg_catalog.concat(l.classid::pg_catalog.int4, ', ', l.objid::pg_catalog.int4) end
        from pg_catalog.pg_locks l
        where l.locktype operator(pg_catalog.=) 'advisory' and l.granted
          and l.pid operator(pg_catalog.=) pg_catalog.pg_backend_pid()
        union all select 'channel', channel from pg_catalog.pg_listening_channels() of(channel)
        union all select 'cursor', c.name from pg_catalog.pg_cursors c where c.is_holdable
        union all select 'statement', p.name from pg_catalog.pg_prepared_statements p where p.from_sql
        union all
        select case when c.relkind operator(pg_catalog.=) 'v' then 'view'
            when c.relkind operator(pg_catalog.=) 'S' then 'sequence' else 'table' end, c.relname::pg_catalog.text
        from pg_catalog.pg_class c
        where pg_catalog.pg_my_temp_schema() operator(pg_catalog.<>) 0::pg_catalog.oid
          and c.relnamespace operator(pg_catalog.=) pg_catalog.pg_my_temp_schema()
          and c.relkind operator(pg_catalog.=) any ('{r,p,v,S}'::pg_catalog."char"[])
          and not exists (select from pg_catalog.pg_depend d
              where d.classid operator(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid
                and d.objid operator(pg_catalog.=) c.oid
                and d.deptype operator(pg_catalog.=) any ('{a,i}'::pg_catalog."char"[]))
    ) each(kind, name)
"""
_SETTINGS = ", ".join(f"pg_catalog.current_setting('{name}')" for name in SETTINGS)
_READ = f"select {_SETTINGS}, ({_HELD})::pg_catalog.text"
_held = json.Decoder(frozenset[Holding]).decode


def read_session(connection: "Connection") -> Session:
    """The session as whoever comes next meets it: not to be asked within fixed settings."""
    (row,) = connection.execute(_READ.encode(), prepare=False)
    # In SQL_ASCII the driver hands out bytes.
    *settings, held = (each.decode("utf-8", "replace") if isinstance(each, bytes) else str(each or "") for each in row)
    return Session(dict(zip(SETTINGS, settings, strict=True)), _held(held or "[]"))
