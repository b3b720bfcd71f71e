"""What follows from a row that is written: other rows, by a foreign key, a trigger, or a table that shows them."""

from msgspec import Struct

from migcheck.postgres.running.ledger import Connection

# CASCADE, SET NULL and SET DEFAULT.
_LINKS = """
    select k.confrelid::bigint, e.event, k.conrelid::bigint from pg_catalog.pg_constraint k
    join lateral (values ('delete', k.confdeltype), ('update', k.confupdtype)) e(event, action) on true
    where k.contype = 'f' and e.action in ('c', 'n', 'd')
"""
_HEIRS = """
    select i.inhrelid::bigint, i.inhparent::bigint from pg_catalog.pg_inherits i
    join pg_catalog.pg_class c on c.oid = i.inhrelid where c.relkind not in ('i', 'I')
"""
# Of an extension's, and of those written in C, none writes what it was not told to.
_ROUTINES = """
    select p.oid::bigint, p.proname::pg_catalog.text,
           case when l.lanname in ('sql', 'plpgsql') then p.prosrc else '' end
    from pg_catalog.pg_proc p join pg_catalog.pg_language l on l.oid = p.prolang
    join pg_catalog.pg_namespace n on n.oid = p.pronamespace
    where p.provolatile = 'v' and l.lanname not in ('c', 'internal') and n.nspname !~ '^pg_'
      and n.nspname <> 'information_schema'
      and not exists (select from pg_catalog.pg_depend d where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
                      and d.objid = p.oid and d.deptype = 'e')
"""
_TRIGGERS = """
    select t.tgrelid::bigint, e.event, t.tgfoid::bigint from pg_catalog.pg_trigger t
    join (values ('insert', 4), ('delete', 8), ('update', 16)) e(event, bit) on t.tgtype & e.bit <> 0
    where not t.tgisinternal and t.tgenabled <> 'D'
    union all
    -- A rule is no routine, and what it writes is seen by its locks. What writes by a view is seen to name no table.
    select r.ev_class::bigint, e.event, 0 from pg_catalog.pg_rewrite r
    join (values ('update', '2'), ('insert', '3')) e(event, type) on e.type = r.ev_type::pg_catalog.text
    join pg_catalog.pg_class c on c.oid = r.ev_class
    where r.ev_enabled <> 'D' and c.relkind in ('r', 'p')
"""
RULE = 0
"""Stands for a rule among what fires: none is a routine."""
Happening = tuple[int, str, int]


class Routine(Struct, frozen=True):
    """A function or a procedure that may write; `source` is empty where nobody can read what it does."""

    name: str
    source: str


class Following(Struct, frozen=True):
    """Which table's rows change with another's, by oids: behind an insert, an update or a delete.

    `heirs` are tables, and those that show their rows above them. `routines` are there by their oids, and `fires` says
    which of them such a write to a table calls: RULE stands for none.
    """

    links: frozenset[Happening]
    heirs: frozenset[tuple[int, int]]
    routines: dict[int, Routine]
    fires: frozenset[Happening]


def read_following(connection: Connection) -> Following:
    """All of it that is there."""
    routines = connection.execute(_ROUTINES, prepare=False)
    told = {int(str(oid)): Routine(str(name), str(source)) for oid, name, source in routines}
    heirs = connection.execute(_HEIRS, prepare=False)
    above = frozenset((int(str(part)), int(str(whole))) for part, whole in heirs)
    return Following(_events(connection, _LINKS), above, told, _events(connection, _TRIGGERS))


def _events(connection: Connection, query: str) -> frozenset[Happening]:
    found = connection.execute(query.encode(), prepare=False)
    return frozenset((int(str(one)), str(event), int(str(other))) for one, event, other in found)
