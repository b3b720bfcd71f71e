"""Which locks a transaction holds on what: `pg_locks`; and which a statement takes that runs in none."""

from collections.abc import Collection
from itertools import pairwise
from typing import TYPE_CHECKING

from msgspec import json

from migcheck.drizzle.ledger import LedgerName
from migcheck.facts.sql.observation import (
    Change,
    ColumnDropped,
    ColumnMadeRequired,
    ColumnRenamed,
    DomainChecked,
    Emptied,
    IndexBuilt,
    IndexDropped,
    PartitionChecked,
    PartitionDetached,
    Reindexed,
    RequiredColumnAdded,
    RestChecked,
    Rewritten,
    Rezoned,
    RowSecurityOff,
    TableDropped,
    TableRenamed,
    Validated,
)
from migcheck.postgres.running.alone import is_concurrent
from migcheck.postgres.running.statements import items, tokens

if TYPE_CHECKING:
    # As in postgres/surroundings.py: the driver is for those who ask a server.
    from migcheck.postgres.running.ledger import Connection

# Weakest first (https://www.postgresql.org/docs/current/explicit-locking.html).
LOCKS = {
    "AccessShareLock": "ACCESS SHARE",
    "RowShareLock": "ROW SHARE",
    "RowExclusiveLock": "ROW EXCLUSIVE",
    "ShareUpdateExclusiveLock": "SHARE UPDATE EXCLUSIVE",
    "ShareLock": "SHARE",
    "ShareRowExclusiveLock": "SHARE ROW EXCLUSIVE",
    "ExclusiveLock": "EXCLUSIVE",
    "AccessExclusiveLock": "ACCESS EXCLUSIVE",
}
ORDER = list(LOCKS)
# A weaker lock is enough to change rows, and never enough to change a table.
CHANGES = frozenset(ORDER[ORDER.index("ShareUpdateExclusiveLock") :])
READS, WRITES, EVERYTHING = "AccessShareLock", "RowExclusiveLock", "AccessExclusiveLock"
# An index stands for its table, which nobody reads while it is held (REINDEX). A new one stands for nothing: it is
# locked as what it is, and its table otherwise.
_TABLES = """
    select each.oid::bigint, pg_catalog.format('%%I.%%I', n.nspname, c.relname)
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join lateral (
        select c.oid union all select i.indexrelid from pg_catalog.pg_index i where i.indrelid = c.oid
    ) each on true
    where c.relkind in ('r', 'p', 'm') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
      and (n.nspname, c.relname) <> (%s, %s)
"""
# In one value: a long transaction holds thousands, and is asked behind each statement.
_HELD = """
    select coalesce(pg_catalog.json_object_agg(relation::bigint, modes), '{}')::pg_catalog.text from (
        select relation, pg_catalog.array_agg(mode) as modes from pg_catalog.pg_locks
        where locktype = 'relation' and pid = pg_catalog.pg_backend_pid() and mode = any(%s) group by relation
    ) held
"""
_OF_EVERYTHING = (
    Rewritten,
    Rezoned,
    Reindexed,
    Emptied,
    ColumnMadeRequired,
    IndexBuilt,
    IndexDropped,
    Validated,
    PartitionChecked,
    RestChecked,
    TableDropped,
    TableRenamed,
    ColumnDropped,
    ColumnRenamed,
    RequiredColumnAdded,
    PartitionDetached,
    RowSecurityOff,
)
_decode = json.Decoder(dict[int, frozenset[str]]).decode


def strongest(held: Collection[str]) -> str:
    """The strongest of these modes, as SQL calls it; empty where there is none."""
    return LOCKS[max(held, key=ORDER.index)] if held else ""


def lock_alone(change: Change, text: str, *, added: bool) -> str:
    """The lock of a statement for what it did, as SQL calls it, where it ran in no transaction; empty where it is none.

    There it is over with the statement, and nobody sees it. `text` is what was sent; `added`: it added columns as well.
    Source: PostgreSQL's manual, "Explicit Locking", CREATE INDEX and ALTER TABLE.
    """
    if isinstance(change, DomainChecked):
        # VALIDATE CONSTRAINT of a domain is not gentle.
        return LOCKS["ShareLock"]
    words = [each.lower() for each in tokens(text)]
    # What else the statement does, it does under its strongest lock.
    if is_concurrent(words) or all(("validate", "constraint") in pairwise(each) for each in items(words)):
        return ""
    match change:
        case IndexBuilt(key=""):
            return LOCKS["ShareLock"]
        case Validated(foreign=True):
            # With an empty column it is believed.
            return "" if added else LOCKS["ShareRowExclusiveLock"]
        case _:
            return LOCKS[EVERYTHING] if isinstance(change, _OF_EVERYTHING) else ""


def lockable(connection: "Connection", name: LedgerName) -> dict[int, str]:
    """Tables and views that hold rows, by their oids and by those of their indexes; not the ledger called `name`."""
    found = connection.execute(_TABLES, (name.schema, name.table), prepare=False)
    return {int(str(oid)): str(table) for oid, table in found}


def locks_held(connection: "Connection") -> dict[int, frozenset[str]]:
    """The modes that the transaction holds, by oid."""
    # Unprepared: a migration may say DISCARD ALL.
    [(told,)] = connection.execute(_HELD, (ORDER,), prepare=False).fetchall()
    return _decode(str(told))
