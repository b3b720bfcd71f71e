"""Which tables new migrations touch, and what they do to them: seen between their pieces, in the upgrade.

Not read out of SQL: what a function, a trigger or a DO block does is seen as well. Locks pile up until the end of a
transaction: one that an earlier migration of the batch holds already is told there.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from msgspec import Struct, field
from msgspec.structs import replace
from psycopg.pq import TransactionStatus

from migcheck.drizzle.ledger import LedgerName
from migcheck.facts.observation import Seen
from migcheck.facts.rehearsal import Touched
from migcheck.facts.replay.noticing import changes, lasts
from migcheck.facts.replay.placing import place
from migcheck.postgres.joining import Part
from migcheck.postgres.ledger import Connection
from migcheck.postgres.running import Watch
from migcheck.postgres.tables import Table, names_there, read_tables, signs_of, tables_there, text_of

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
_ORDER = list(_LOCKS)
# What a weaker one is enough for changes no table, only its rows.
_CHANGES = frozenset(_ORDER[_ORDER.index("ShareUpdateExclusiveLock") :])
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


class _Sent(Struct, frozen=True):
    """A part, in which batch it was sent, as which of that batch's, and whether in a transaction."""

    part: Part
    batch: int
    number: int
    within: bool


class Onlooker(Struct):
    """Looks on while migrations run on `connection`, from the tables that are there before.

    `names` has their names by their oids, and by those of their indexes; `tables` is what they are, as last seen, and
    `first` what they were.
    """

    connection: Connection
    names: dict[int, str]
    first: dict[int, Table]
    tables: dict[int, Table]
    _touched: dict[tuple[int, str], str] = field(default_factory=dict)
    _seen: list[tuple[_Sent, int, Seen]] = field(default_factory=list)
    _signs: dict[int, str] = field(default_factory=dict)
    _sent: _Sent | None = None
    _batch: int = 0
    _sizes: Counter[int] = field(default_factory=Counter)

    @property
    def watch(self) -> Watch:
        """What tells it of each piece."""
        return Watch(opened=self._begin, reached=self._reach)

    @property
    def touched(self) -> tuple[Touched, ...]:
        """For each migration and table the strongest lock, in the order in which they ran."""
        strongest: dict[tuple[str, str], int] = {}
        for (oid, mode), migration in self._touched.items():
            of, rank = (migration, self.names[oid]), _ORDER.index(mode)
            strongest[of] = max(rank, strongest.get(of, rank))
        return tuple(Touched(*of, _LOCKS[_ORDER[rank]]) for of, rank in strongest.items())

    def seen(self) -> tuple[Seen, ...]:
        """What was done to the tables and still is so, in its order. Everything must have gone through."""
        names = names_there(self.connection, {each.table for _, _, each in self._seen})
        tables = read_tables(self.connection, {oid for _, oid, _ in self._seen})
        return tuple(
            # The last that is sent is the row of a migration.
            replace(each, after=self._sizes[sent.batch] - sent.number - 1 if each.lock else 0)
            for sent, oid, each in self._seen
            if lasts(each, tables.get(oid), names)
        )

    def _begin(self) -> None:
        self._batch += 1

    def _reach(self, parts: Sequence[Part]) -> None:
        """Before each piece, and before the row behind the last one: what the piece before it has done."""
        # The last of a transaction is a row: once it has ended there is nothing more to see of it.
        if self._sent is not None and (self._sent.batch == self._batch or not self._sent.within):
            self._look(self._sent)
        self._sizes[self._batch] += 1
        self._sent = _Sent(parts[-1], self._batch, self._sizes[self._batch], self._is_within())

    def _is_within(self) -> bool:
        return self.connection.info.transaction_status == TransactionStatus.INTRANS

    def _look(self, sent: _Sent) -> None:
        held: dict[int, set[str]] = {}
        # Unprepared: a migration may say DISCARD ALL.
        for oid, mode in self.connection.execute(_HELD, prepare=False):
            if (name := text_of(mode)) in _LOCKS:
                held.setdefault(int(str(oid)), set()).add(name)
        for oid, mode in ((oid, mode) for oid, modes in held.items() if oid in self.names for mode in modes):
            self._touched.setdefault((oid, mode), sent.part.migration.tag)
        if sent.within and self._is_within():
            locked = {oid for oid, modes in held.items() if oid in self.tables and modes & _CHANGES}
        else:
            # Nothing is held any more that would tell.
            locked = set(self.tables)
        signs = signs_of(self.connection, locked)
        locked = {oid for oid in locked if oid not in signs or self._signs.get(oid) != signs[oid]}
        self._signs |= signs
        now = read_tables(self.connection, locked)
        for oid in sorted(locked):
            found = self._noticed(sent.part, oid, now.get(oid), held.get(oid, set()))
            self._seen += ((sent, oid, each) for each in found)
        self.tables = {oid: now.get(oid, each) for oid, each in self.tables.items() if oid in now or oid not in locked}

    def _noticed(self, part: Part, oid: int, now: Table | None, held: set[str]) -> Iterator[Seen]:
        before, migration = self.tables[oid], part.migration
        lock = _LOCKS[max(held, key=_ORDER.index)] if held else ""
        for change in changes(self.first[oid], before, now):
            at, statement = place(migration.path, part.piece, before.name, change)
            written = "RowExclusiveLock" in held
            yield Seen(migration.tag, at, statement, self.names[oid], change, lock, written=written)


def onlooker(connection: Connection, name: LedgerName) -> Onlooker:
    """Somebody who looks on, from what is there now; the ledger called `name` is none of it."""
    found = connection.execute(_TABLES, (name.schema, name.table), prepare=False)
    names = {int(str(oid)): str(table) for oid, table in found}
    tables = tables_there(connection, name)
    return Onlooker(connection, names, tables, tables)
