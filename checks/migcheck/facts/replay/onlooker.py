"""Which tables new migrations touch, and what they do to them: seen between their pieces, in the upgrade.

Not read out of SQL: what a function, a trigger or a DO block does is seen as well. Locks pile up until the end of a
transaction: one that an earlier migration of the batch holds already is told there.
"""

from collections import Counter as Tally
from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace
from psycopg.pq import TransactionStatus

from migcheck.drizzle.ledger import LedgerName
from migcheck.facts.observation import Deleted, Emptied, Reindexed, RequiredColumnAdded, Seen, WorkedThrough
from migcheck.facts.rehearsal import Touched
from migcheck.facts.replay.counting import Counter
from migcheck.facts.replay.deleting import TakesBack, matches, whole_deletes
from migcheck.facts.replay.inspector import Inspector, inspector
from migcheck.facts.replay.locks import (
    CHANGES,
    EVERYTHING,
    LOCKS,
    ORDER,
    READS,
    WRITES,
    lockable,
    locks_held,
    strongest,
)
from migcheck.facts.replay.noticing import changes, lasts, taken
from migcheck.facts.replay.parts import told_once, with_above
from migcheck.facts.replay.placing import place
from migcheck.facts.replay.planning import NO_PLAN, OF_ROWS, Plan, plan_of
from migcheck.facts.replay.writing import Sent, Writing
from migcheck.finding import Location
from migcheck.postgres.catalogue.session import settled
from migcheck.postgres.joining import Part
from migcheck.postgres.ledger import Connection
from migcheck.postgres.running import Watch
from migcheck.postgres.table import Table
from migcheck.postgres.tables import names_there, read_tables, signs_of, tables_above, tables_there

_NOTHING = frozenset[str]()
_FEW = 3
_ENDS = frozenset({"begin", "start", "commit", "end", "abort", "prepare"})
"""How statements begin that end a transaction, or begin another."""


class Onlooker(Struct):
    """Looks on while migrations run on `connection`, from the tables that are there before.

    `names` has their names by their oids, and by those of their indexes; `tables` is what they are, as last seen, and
    `first` what they were. `writing` takes note of what may write rows, `around` looks at what is no table's, if
    anybody does, and `counter` counts rows that are deleted.
    """

    connection: Connection
    names: dict[int, str]
    first: dict[int, Table]
    tables: dict[int, Table]
    writing: Writing
    around: Inspector | None = None
    counter: Counter | None = None
    _touched: dict[tuple[int, str, int], str] = field(default_factory=dict)
    _used: set[tuple[int, str]] = field(default_factory=set)
    _seen: list[tuple[Sent, int, Seen]] = field(default_factory=list)
    _signs: dict[int, str] = field(default_factory=dict)
    _sent: Sent | None = None
    _blind: bool = False
    _batch: int = 0
    _held: Mapping[int, frozenset[str]] = field(default_factory=dict)
    _emptied: set[int] = field(default_factory=set)
    _takes_back: TakesBack = field(default_factory=TakesBack)
    _sizes: Tally[int] = field(default_factory=Tally)
    _plan: Plan = NO_PLAN

    @property
    def watch(self) -> Watch:
        """What tells it of each piece."""
        return Watch(opened=self._begin, reached=self._reach)

    @property
    def touched(self) -> tuple[Touched, ...]:
        """For each migration and table the strongest lock, in the order in which they ran."""
        strongest: dict[tuple[str, str], int] = {}
        for (oid, mode, _), migration in self._touched.items():
            of, rank = (migration, self.names[oid]), ORDER.index(mode)
            strongest[of] = max(rank, strongest.get(of, rank))
        return tuple(Touched(*of, LOCKS[ORDER[rank]]) for of, rank in strongest.items())

    @property
    def written(self) -> frozenset[str]:
        """The tables in which something new inserted, changed or deleted rows, or would have, had there been any."""
        return frozenset(self.names[oid] for oid, mode in self._used if mode == WRITES)

    @property
    def deleted(self) -> Mapping[int, Seen]:
        """What deleted rows of each table last, by its oid, where that is counted."""
        return {} if self.counter is None else self.counter.last

    def seen(self) -> tuple[Seen, ...]:
        """What was done to the tables and still is so, in its order. Everything must have gone through."""
        with settled(self.connection):
            names = names_there(self.connection)
            tables = {name: oid for oid, name in names_there(self.connection, views=False).items()}
            renamed = {oid for oid, each in self.tables.items() if names.get(oid) != each.name}
            unseen = set(self.tables) if self._blind else renamed
            known = unseen | {oid for _, oid, _ in self._seen}
            last, above = read_tables(self.connection, known), tables_above(self.connection, known)
        if self._sent is not None:
            self._seen += self._unseen(self._sent, unseen, last)
        there = frozenset(names.values())
        beside = () if self.around is None else self.around.seen()
        read = {oid for oid in known if self._blind or (oid, READS) in self._used}
        read |= {oid for oid, shown in above.items() if tables.get(self.names[oid]) in shown}
        return (
            *(
                # The last that is sent is the row of a migration.
                replace(each, after=self._sizes[sent.batch] - sent.number - 1 if each.lock else 0)
                for sent, oid, told in self._seen
                for each in (taken(told, oid, tables, self.first, read=oid in read),)
                if lasts(each, self.first[oid], last.get(oid), there)
            ),
            *beside,
        )

    def _begin(self) -> None:
        self._batch += 1
        self._signs.clear()
        self._held = {}
        # What an earlier transaction read counts until the server has reported it (pgstat.c `pgstat_report_stat`).
        if counted := [oid for oid, each in self.tables.items() if each.scans]:
            with settled(self.connection):
                now = read_tables(self.connection, counted)
            self.tables |= {oid: replace(self.tables[oid], scans=each.scans) for oid, each in now.items()}

    def _reach(self, parts: Sequence[Part]) -> None:
        """Before each piece, and before the row behind the last one: what the piece before it has done."""
        if not self._blind:
            self._go_on(parts[-1])
        if self._blind:
            self.writing.unseen(parts[-1])
        if self.around is not None:
            self.around.reach(parts[-1].migration, blind=self._blind)

    def _go_on(self, part: Part) -> None:
        if self._sent is not None and self._sent.within and (not self._is_within() or self._sent.part.words & _ENDS):
            # A transaction of the migration's own may have to say something before any query.
            self._blind = True
            self.writing.unseen(self._sent.part)
            return
        # The last of a transaction is a row: once it has ended there is nothing more to see of it.
        if self._sent is not None and (self._sent.batch == self._batch or not self._sent.within):
            self._look(self._sent)
        self._sizes[self._batch] += 1
        within = self._is_within()
        # Where nobody is kept out, it is all the same how rows are found.
        locked = within and any(EVERYTHING in modes for oid, modes in self._held.items() if oid in self.tables)
        self._plan = plan_of(self.connection, part) if locked else NO_PLAN
        self._sent = Sent(part, self._batch, self._sizes[self._batch], within)

    def _is_within(self) -> bool:
        return self.connection.info.transaction_status == TransactionStatus.INTRANS

    def _look(self, sent: Sent) -> None:
        # Whatever a migration has set: a tight timeout, an encoding, a search_path.
        with settled(self.connection):
            held = locks_held(self.connection)
            asked = {oid for oid in self.tables if not sent.within or held.get(oid, _NOTHING) & CHANGES}
            changed = with_above(self._changed(asked) if sent.within else asked, self.tables)
            now = read_tables(self.connection, changed)
            written = [oid for oid in self.tables if WRITES in held.get(oid, _NOTHING)]
            fewer = [] if self.counter is None else self.counter.look(written, sent.batch)
        for oid in fewer:
            self._count(sent, oid, held.get(oid, _NOTHING))
        found = {oid: list(self._noticed(sent, oid, now.get(oid), held.get(oid, _NOTHING))) for oid in sorted(changed)}
        self.writing.look(sent, held, self.tables, now)
        emptied = list(self._deleted(sent, held, now))
        gone = {oid for oid, _ in emptied}
        for oid, each in told_once(found, self.tables):
            if oid not in gone or not isinstance(each.change, WorkedThrough):
                self._seen.append((sent, oid, each))
        self._seen += ((sent, oid, each) for oid, each in emptied)
        self._held = held
        self.tables = {oid: now.get(oid, each) for oid, each in self.tables.items() if oid in now or oid not in changed}
        for oid, mode in ((oid, mode) for oid, modes in held.items() if oid in self.names for mode in modes):
            self._used.add((oid, mode))
            self._touched.setdefault((oid, mode, sent.batch), sent.part.migration.tag)

    def _changed(self, asked: Collection[int]) -> set[int]:
        """Those of which something may have been written anew since they were last asked for, or that are gone."""
        if len(asked) <= _FEW:
            # To read them is as fast as to ask.
            return set(asked)
        signs = signs_of(self.connection, asked)
        changed = {oid for oid in asked if oid not in signs or self._signs.get(oid) != signs[oid]}
        self._signs |= signs
        return changed

    def _noticed(self, sent: Sent, oid: int, now: Table | None, held: frozenset[str]) -> Iterator[Seen]:
        before, migration = self.tables[oid], sent.part.migration
        found = list(changes(self.first[oid], before, now, counted=sent.within))
        if not found and now is not None and self._is_worked_through(sent, before, now):
            found = [WorkedThrough()]
        for change in found:
            # Nobody plans a query without a lock on each index (REINDEX's manual).
            lock = LOCKS[EVERYTHING] if held and isinstance(change, Reindexed) else strongest(held)
            if isinstance(change, Emptied) and not sent.within:
                # How often a table was read is not known behind a transaction: VACUUM FULL looks the same.
                continue
            at, statement = place(migration.path, sent.part.piece, before.name, change)
            # A column that comes with NOT NULL was filled by nothing before, but may have been in the same piece.
            apart = isinstance(change, RequiredColumnAdded) and (oid, WRITES) in self._used
            if now is not None and isinstance(change, WorkedThrough):
                apart = self._plan.only_reads(before.name, now.scans - before.scans)
            yield Seen(
                migration.tag,
                at,
                statement,
                self.names[oid],
                change,
                lock,
                read=self._has(oid, READS, sent, held),
                written=self._has(oid, WRITES, sent, held) and not apart,
                of=self._above(oid),
            )

    def _is_worked_through(self, sent: Sent, before: Table, now: Table) -> bool:
        kept_out = EVERYTHING in self._held.get(before.oid, _NOTHING)
        return kept_out and sent.within and sent.part.words <= OF_ROWS and now.scans > before.scans

    def _deleted(
        self, sent: Sent, held: Mapping[int, frozenset[str]], now: Mapping[int, Table]
    ) -> Iterator[tuple[int, Seen]]:
        """What a DELETE without a condition has emptied: the statement ran, and locked the one table that it names."""
        migration, deletes = sent.part.migration, "delete" in sent.part.words
        for path, at, statement in whole_deletes(migration.path, sent.part.piece) if deletes else ():
            tables = (*self.tables.values(), *now.values())
            named = {each.oid for each in tables if each.oid in self.tables and matches(each.name, path)}
            found = [oid for oid in named if WRITES in held.get(oid, _NOTHING)]
            modes = held.get(found[0], _NOTHING) if len(found) == 1 else _NOTHING
            # Who read the rows before may have kept them, and puts them back.
            # A partition that has partitions has the table above it locked so, whoever reads: what holds rows tells.
            holds = self.tables[found[0]].files if len(found) == 1 else ()
            kept = not holds or any(self._has(each, READS, sent, held.get(each, _NOTHING)) for each in holds)
            if not kept and found[0] not in self._emptied and not self._takes_back(migration):
                self._emptied.add(found[0])
                lock, table, of = strongest(modes), self.names[found[0]], self._above(found[0])
                yield found[0], Seen(migration.tag, at, statement, table, Deleted(), lock, written=True, of=of)

    def _count(self, sent: Sent, oid: int, held: frozenset[str]) -> None:
        """Rows were deleted by the piece."""
        migration, read = sent.part.migration, self._has(oid, READS, sent, held)
        at, statement = place(migration.path, sent.part.piece, self.tables[oid].name, Deleted())
        seen = Seen(migration.tag, at, statement, self.names[oid], Deleted(), read=read, of=self._above(oid))
        if self.counter is not None:
            self.counter.last.pop(oid, None)
            self.counter.last[oid] = seen

    def _has(self, oid: int, mode: str, sent: Sent, held: frozenset[str]) -> bool:
        return mode in held or (oid, mode) in self._used or not sent.within

    def _unseen(
        self, sent: Sent, unseen: Collection[int], last: Mapping[int, Table]
    ) -> Iterator[tuple[Sent, int, Seen]]:
        """What nobody saw happen to tables: behind the end of a transaction, or without a lock on them."""
        migration = sent.part.migration
        found = {oid: changes(self.first[oid], self.tables[oid], last.get(oid)) for oid in sorted(unseen)}
        at = Location(migration.path)
        told = {
            oid: [Seen(migration.tag, at, "", self.names[oid], change, of=self._above(oid)) for change in changed]
            for oid, changed in found.items()
        }
        for oid, each in told_once(told, self.tables):
            if not isinstance(each.change, Emptied):
                yield sent, oid, each

    def _above(self, oid: int) -> str:
        """The table that it was a partition of, if it was one."""
        return self.names.get(self.first[oid].parent, "")


def onlooker(connection: Connection, name: LedgerName, *, around: bool = False, counting: bool = False) -> Onlooker:
    """Somebody who looks on, from what is there now; the ledger called `name` is none of it.

    `around`: at what is left behind around the tables as well. `counting`: at how many rows are deleted.
    """
    beside = inspector(connection) if around else None
    with settled(connection):
        names = lockable(connection, name)
        tables = tables_there(connection, name, parts=True)
    counter = Counter(connection) if counting else None
    return Onlooker(connection, names, tables, tables, Writing(names, name), beside, counter)
