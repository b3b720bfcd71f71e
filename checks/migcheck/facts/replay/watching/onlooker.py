"""Which tables new migrations touch, and what they do to them: seen between their pieces, in the upgrade.

Not read out of SQL: what a function, a trigger or a DO block does is seen as well. Locks pile up until the end of a
transaction: one that an earlier migration of the batch holds already is told there.
"""

from collections import Counter as Tally
from collections.abc import Collection, Iterable, Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace
from psycopg.pq import TransactionStatus

from migcheck.drizzle.ledger import LedgerName
from migcheck.facts.rehearsal import Touched
from migcheck.facts.replay.watching.counting import Counter
from migcheck.facts.replay.watching.ending import Transaction
from migcheck.facts.replay.watching.inspector import Inspector, inspector
from migcheck.facts.replay.watching.lasting import lasts
from migcheck.facts.replay.watching.locking import locked_in, modes_of
from migcheck.facts.replay.watching.locks import CHANGES, EVERYTHING, LOCKS, ORDER, READS, WRITES, lockable, locks_held
from migcheck.facts.replay.watching.looking import Look, LookAt, Sent
from migcheck.facts.replay.watching.noticing import in_the_end, taken
from migcheck.facts.replay.watching.observed import Observed
from migcheck.facts.replay.watching.partitions import topmost, with_above
from migcheck.facts.replay.watching.placing import names_in
from migcheck.facts.replay.watching.planning import NO_PLAN, Plan, plan_of
from migcheck.facts.replay.watching.telling import Teller
from migcheck.facts.replay.watching.updating import Updates
from migcheck.facts.replay.watching.writing import Writing, defines
from migcheck.facts.sql.observation import ColumnRenamed, IndexDropped, Seen
from migcheck.facts.sql.row_counts import Counts
from migcheck.postgres.catalogue.session import settled
from migcheck.postgres.running.failure import SqlFailure
from migcheck.postgres.running.joining import SentPiece
from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.running.watched import Watch
from migcheck.postgres.table import Table
from migcheck.postgres.tables import names_there, read_tables, signs_of, tables_above, tables_there, views_of
from migcheck.sql_names import bare

_NOTHING = frozenset[str]()
_FEW = 3
# Outside of a transaction these may be several: rows are updated in portions so.
_MANY = frozenset({"do", "call"})


class _End(Struct, frozen=True):
    """What there is in the end: the `tables` that were told of, the `oids` of all by their name, the `names` in use.

    Something new has `read` the rows of some.
    """

    tables: Mapping[int, Table]
    oids: Mapping[str, int]
    names: frozenset[str]
    read: Collection[int]


class Onlooker(Struct):
    """Looks on while migrations run on `connection`, from the tables that are there before.

    `names` has their names by their oids, and by those of their indexes; `tables` is what they are, as last seen, and
    `first` what they were. `writing` takes note of what may write rows, `around` looks at what is no table's, if
    anybody does, and `counter` counts rows that are written.
    """

    connection: Connection
    names: dict[int, str]
    first: dict[int, Table]
    tables: dict[int, Table]
    writing: Writing
    teller: Teller
    around: Inspector | None = None
    counter: Counter | None = None
    _touched: dict[tuple[int, str, int], Sent] = field(default_factory=dict)
    _spoken: set[int] = field(default_factory=set)
    _seen: list[tuple[Sent, int, Seen]] = field(default_factory=list)
    _signs: dict[int, str] = field(default_factory=dict)
    _sent: Sent | None = None
    _blind: bool = False
    _batch: int = 0
    _held: Mapping[int, frozenset[str]] = field(default_factory=dict)
    _transaction: Transaction = field(default_factory=Transaction)
    _sizes: Tally[int] = field(default_factory=Tally)
    _plan: Plan = NO_PLAN
    _updates: Updates = field(default_factory=Updates)

    @property
    def watch(self) -> Watch:
        """What tells it of each piece."""
        return Watch(opened=self._begin, reached=self._reach, closed=self._close)

    def observed(self, failure: SqlFailure | None, seen: tuple[Seen, ...]) -> Observed:
        """How a run went that ended in `failure`, or did what is `seen`."""
        strongest: dict[tuple[str, str], int] = {}
        for (oid, mode, _), sent in self._touched.items():
            of, rank = (sent.part.migration.tag, self.names[oid]), ORDER.index(mode)
            strongest[of] = max(rank, strongest.get(of, rank))
        return Observed(
            failure,
            tuple(Touched(*of, LOCKS[ORDER[rank]]) for of, rank in strongest.items()),
            seen,
            frozenset(self.names[oid] for oid, mode in self.teller.used if mode == WRITES),
            {} if self.counter is None else self.counter.last,
            self.writing.written,
            () if self.counter is None else tuple(self.counter.written),
            tuple(locked_in(self._touched, self.names, self._sizes)),
            frozenset(self.names[oid] for oid in self._spoken),
            self.first,
        )

    def seen(self) -> tuple[Seen, ...]:
        """What was done to the tables and still is so, in its order. Everything must have gone through."""
        end = self._end()
        beside = () if self.around is None else self.around.seen()
        left = (self._left(*each, end) for each in self._seen)
        return (*(each for each in left if each is not None), *self._transaction.seen, *beside)

    def _end(self) -> _End:
        """Look once more, and take note of what nobody has seen."""
        with settled(self.connection):
            names = names_there(self.connection)
            oids = {name: oid for oid, name in names_there(self.connection, views=False).items()}
            renamed = {oid for oid, each in self.tables.items() if names.get(oid) != each.name}
            unseen = set(self.tables) if self._blind else renamed
            known = unseen | {oid for _, oid, _ in self._seen}
            last, above = read_tables(self.connection, known), tables_above(self.connection, known)
        if self._sent is not None:
            look = Look(self._sent, {}, {}, self.tables, unseen, last)
            self._seen += ((self._sent, oid, each) for oid, each in self.teller.unseen(look))
        read = {oid for oid in known if self._blind or self.teller.has_rows(oid)}
        read |= {oid for oid, shown in above.items() if oids.get(self.names[oid]) in shown}
        return _End(last, oids, frozenset(names.values()), read)

    def _left(self, sent: Sent, oid: int, told: Seen, end: _End) -> Seen | None:
        """The same as it is told in the end; None where it is so no more."""
        first, last = self.first[oid], end.tables.get(oid)
        one = in_the_end(told, first, last, written=self._is_written(sent, oid, told))
        one = taken(one, oid, end.oids, self.first, read=oid in end.read)
        if isinstance(one.change, IndexDropped) and (sent.batch, oid) in self.teller.altered:
            # CONCURRENTLY would help nobody then.
            return None
        sure = not (self._blind or self.teller.unsure)
        if not lasts(self._updates.copied(oid, one) if sure else one, first, last, end.names):
            return None
        return replace(one, after=sent.followed_by(self._sizes[sent.batch]) if one.lock else 0)

    def _is_written(self, sent: Sent, oid: int, told: Seen) -> bool:
        """Whether rows of the table were written: where a column is told to be renamed, that which has its name."""
        if self._blind or self.teller.unsure:
            return True
        if isinstance(told.change, ColumnRenamed):
            return self._updates.may_fill(oid, told.change.column, sent)
        return (oid, WRITES) in self.teller.used

    def _close(self) -> None:
        # What comes next may run in no transaction.
        self._batch += 1
        self._held = {}
        self._transaction.close()

    def _begin(self) -> None:
        self._batch += 1
        if self._blind:
            self._see_again()
        self._transaction.begin()
        self._signs.clear()
        # What an earlier transaction read counts until the server has reported it (pgstat.c `pgstat_report_stat`).
        if counted := [oid for oid, each in self.tables.items() if each.scans]:
            with settled(self.connection):
                now = read_tables(self.connection, counted)
            self.tables = self.tables | {oid: replace(self.tables[oid], scans=each.scans) for oid, each in now.items()}
        if self._sent is not None and not self._sent.within:
            # The row begins to count anew, and would take what the last statement wrote for nothing.
            self._look(self._sent)
            self._sent = None
        if self.counter is not None:
            with settled(self.connection):
                self.counter.begin(self.tables)

    def _see_again(self) -> None:
        """What nobody saw in the transaction before is told of it alone: the next one is seen."""
        with settled(self.connection):
            now = read_tables(self.connection, self.tables)
        if self._sent is not None:
            look = Look(self._sent, {}, {}, self.tables, set(self.tables), now)
            self._seen += ((self._sent, oid, each) for oid, each in self.teller.unseen(look))
        self.tables, self._sent = now, None
        self._blind, self.teller.unsure = False, True

    def _reach(self, pieces: Sequence[SentPiece]) -> None:
        """Before each piece, and before the row behind the last one: what the piece before it has done."""
        part = pieces[-1]
        if self._transaction.reach(part, within=self._is_within()) and not self._blind and self._sent is not None:
            # A transaction of the migration's own may have to say something before any query.
            self._blind = True
            self.writing.unseen(self._sent.part)
        if self._blind:
            self.writing.unseen(part)
        else:
            self._go_on(part)
        if self.around is not None:
            self.around.reach(part.migration, blind=self._blind)

    def _go_on(self, part: SentPiece) -> None:
        # The last of a transaction is a row: once it has ended there is nothing more to see of it.
        if self._sent is not None and (self._sent.batch == self._batch or not self._sent.within):
            self._look(self._sent)
        within = self._is_within()
        # Outside of a transaction each is one of its own.
        self._batch += not within
        self._sizes[self._batch] += 1
        # Where nobody is kept out, it is all the same how rows are found.
        locked = within and any(EVERYTHING in modes for oid, modes in self._held.items() if oid in self.tables)
        self._plan = plan_of(self.connection, part) if locked else NO_PLAN
        self._sent = Sent(part, self._batch, self._sizes[self._batch], within)

    def _is_within(self) -> bool:
        return self.connection.info.transaction_status == TransactionStatus.INTRANS

    def _look(self, sent: Sent) -> None:
        # Whatever a migration has set: a tight timeout, an encoding, a search_path.
        with settled(self.connection):
            look = self._read(sent)
            self.teller.note(look)
            self._updates.note(look)
            self._count(look)
        if not sent.within and not defines(sent.part):
            said = set(names_in(sent.part.piece.text))
            self._spoken |= {oid for oid, each in self.tables.items() if bare(each.name).casefold() in said}
        self.writing.look(look)
        told = self.teller.tell(look)
        self._seen += ((sent, oid, each) for oid, each in told)
        self._hold(look, told)
        self._held = look.held
        self.tables = {
            oid: look.now.get(oid, each)
            for oid, each in self.tables.items()
            if oid in look.now or oid not in look.changed
        }

    def _read(self, sent: Sent) -> Look:
        held = locks_held(self.connection)
        # What reads a table is no TRUNCATE of a later piece that has to read it to write it anew.
        # And who writes all of its rows while another table is held need read it by no lock of its own.
        modes = CHANGES | {READS} | ({WRITES} if self._plan.writes else _NOTHING)
        asked = {oid for oid in self.tables if not sent.within or held.get(oid, _NOTHING) & modes}
        changed = with_above(self._changed(asked) if sent.within else asked, self.tables)
        now = read_tables(self.connection, changed)
        return Look(sent, held, self._held, self.tables, changed, now, self._plan)

    def _hold(self, look: Look, told: Iterable[tuple[int, Seen]]) -> None:
        for oid, mode in (each for each in modes_of(look, told) if each[0] in self.names):
            self.teller.used.add((oid, mode))
            self._touched.setdefault((oid, mode, look.sent.batch), look.sent)

    def _changed(self, asked: Collection[int]) -> set[int]:
        """Those of which something may have been written anew since they were last asked for, or that are gone."""
        if len(asked) <= _FEW:
            # To read them is as fast as to ask.
            return set(asked)
        signs = signs_of(self.connection, asked)
        changed = {oid for oid in asked if oid not in signs or self._signs.get(oid) != signs[oid]}
        self._signs |= signs
        return changed

    def _count(self, look: Look) -> None:
        """Rows were written by the piece: told of the table that they are asked of, not of its partitions."""
        within = look.sent.within
        if self.counter is None or not (within or self.counter.counts_alone):
            return
        counts = self.counter.look([oid for oid in self.tables if WRITES in look.modes(oid) or not within])
        if not within and look.sent.part.words & _MANY:
            return
        whole: dict[int, Counts] = {}
        for oid, each in counts.items():
            top = topmost(oid, self.tables)
            whole[top] = each.plus(whole.get(top, Counts()))
            if each.deleted:
                self.counter.last.pop(oid, None)
                self.counter.last[oid] = self.teller.fewer(look, oid)
        self.counter.written += (self.teller.wrote(look, oid, each) for oid, each in sorted(whole.items()))


def onlooker(connection: Connection, name: LedgerName, at: LookAt) -> Onlooker:
    """Somebody who looks on, from what is there now; the ledger called `name` is none of it."""
    beside = inspector(connection) if at is LookAt.LEAVINGS else None
    with settled(connection):
        names = lockable(connection, name)
        tables, views = tables_there(connection, name), views_of(connection)
    counter = Counter(connection) if at is LookAt.ROWS else None
    writing, teller = Writing(names, name), Teller(names, tables, views)
    return Onlooker(connection, names, tables, tables, writing, teller, beside, counter)
