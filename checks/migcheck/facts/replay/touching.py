"""Which tables each migration touches: the locks that its transaction holds, seen while the upgrade is rehearsed.

Not read out of SQL: what a function, a trigger or a DO block touches is seen as well. Locks pile up until the end of a
transaction: one that an earlier migration of the batch holds already is told there.
"""

from collections.abc import Sequence

from msgspec import Struct, field

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.ledger import LedgerName
from migcheck.facts.rehearsal import Touched
from migcheck.postgres.ledger import Connection
from migcheck.postgres.running import Watch

# Weakest first (https://www.postgresql.org/docs/current/explicit-locking.html).
_LOCKS = {
    "AccessShareLock": "ACCESS SHARE",
    "RowShareLock": "ROW SHARE",
    "RowExclusiveLock": "ROW EXCLUSIVE",
    "ShareUpdateExclusiveLock": "SHARE UPDATE EXCLUSIVE",
    "ShareLock": "SHARE",
    "ShareRowExclusiveLock": "SHARE ROW EXCLUSIVE",
    "ExclusiveLock": "EXCLUSIVE",
    "AccessExclusiveLock": "ACCESS EXCLUSIVE",
}
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
_HELD = """
    select relation::bigint, mode::text from pg_catalog.pg_locks
    where locktype = 'relation' and pid = pg_catalog.pg_backend_pid()
"""


class Onlooker(Struct):
    """Looks on while migrations run on `connection`, from the tables that are there before.

    `tables` has their names by their oids, and by those of their indexes.
    """

    connection: Connection
    tables: dict[int, str]
    _seen: dict[tuple[int, str], str] = field(default_factory=dict)
    _running: str = ""

    @property
    def watch(self) -> Watch:
        """What tells it of each piece."""
        return Watch(reached=self._look)

    @property
    def touched(self) -> tuple[Touched, ...]:
        """For each migration and table the strongest lock, in the order in which they ran."""
        strongest: dict[tuple[str, str], int] = {}
        order = list(_LOCKS)
        for (oid, mode), migration in self._seen.items():
            of, rank = (migration, self.tables[oid]), order.index(mode)
            strongest[of] = max(rank, strongest.get(of, rank))
        return tuple(Touched(*of, _LOCKS[order[rank]]) for of, rank in strongest.items())

    def _look(self, migrations: Sequence[Migration]) -> None:
        """Before each piece, and before the row behind the last one: what the pieces before it hold."""
        if self._running:
            # Unprepared: a migration may say DISCARD ALL.
            for oid, mode in self.connection.execute(_HELD, prepare=False):
                if oid in self.tables and mode in _LOCKS:
                    self._seen.setdefault((int(str(oid)), str(mode)), self._running)
        self._running = migrations[-1].tag


def onlooker(connection: Connection, name: LedgerName) -> Onlooker:
    """Somebody who looks on, from what is there now; the ledger called `name` is none of it."""
    found = connection.execute(_TABLES, (name.schema, name.table), prepare=False)
    return Onlooker(connection, {int(str(oid)): str(table) for oid, table in found})
