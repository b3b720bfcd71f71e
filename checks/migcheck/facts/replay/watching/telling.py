"""What a look at the tables tells: each change with its place, its lock, and what was done to the rows before."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from msgspec import Struct, field
from msgspec.structs import replace

from migcheck.facts.replay.watching.deleting import matches, says_all, takes_back, whole_deletes
from migcheck.facts.replay.watching.gone_through import gone_through, only_reads
from migcheck.facts.replay.watching.keeping import HIDES, Keeps, Kept, keeps
from migcheck.facts.replay.watching.locks import EVERYTHING, LOCKS, READS, WRITES, lock_alone, strongest
from migcheck.facts.replay.watching.looking import Look
from migcheck.facts.replay.watching.noticing import adds, alters, changes
from migcheck.facts.replay.watching.partitions import told_once, without_handed_up
from migcheck.facts.replay.watching.placing import (
    names_in,
    place,
    place_by,
    speaks_of,
    stated,
    stated_before,
    stated_in,
)
from migcheck.facts.replay.watching.retyped import as_written
from migcheck.facts.replay.watching.writing import begin
from migcheck.facts.sql.observation import (
    Cause,
    Change,
    Deleted,
    Emptied,
    IndexDropped,
    ReadMeanwhile,
    Reindexed,
    RequiredColumnAdded,
    Rewritten,
    Seen,
    WorkedThrough,
)
from migcheck.facts.sql.row_counts import Counts, LastDeleted, RowsWritten, asks_others, chooses
from migcheck.finding import Location
from migcheck.postgres.running.joining import SentPiece
from migcheck.postgres.sql_calls import calls_others
from migcheck.postgres.table import Table
from migcheck.regex import regex
from migcheck.sql_names import bare

_NOTHING = frozenset[str]()
# What may read a table that it does not name.
_MAY_READ = HIDES | {"select", "with"}
_DELETES = frozenset({"delete", "with"})
_MAKES = regex(r"(?i)\bcreate\s+(?:\w+\s+){0,3}table\b")


class Teller(Struct):
    """Tells of tables by their `names`, by oid; `first` is what they were before what is new, `views` which read them.

    `used` are the locks that something new has held so far, by oid. `unsure`: and in a transaction that nobody saw any.
    `altered` are the tables that got columns, or got or lost defaults, each with the batch. `kept` has what may have
    kept rows, by the oid of their table.
    """

    names: Mapping[int, str]
    first: Mapping[int, Table]
    views: Mapping[int, AbstractSet[str]] = field(default_factory=dict)
    used: set[tuple[int, str]] = field(default_factory=set)
    unsure: bool = False
    altered: set[tuple[int, int]] = field(default_factory=set)
    kept: dict[int, Kept] = field(default_factory=dict)
    _emptied: set[int] = field(default_factory=set)
    _alone: list[SentPiece] = field(default_factory=list)

    def note(self, look: Look) -> None:
        """What may have kept rows that it read."""
        part = look.sent.part
        read = [oid for oid, modes in look.held.items() if READS in modes and oid in look.before]
        most = keeps(part.piece.text) if read and look.sent.within else Keeps.NOTHING
        if most is Keeps.NOTHING:
            return
        hides = bool(part.words & HIDES) or calls_others(part.piece.text)
        for oid in read:
            table = look.before[oid]
            kept = _keeps(part.piece.text, table)
            # Locks pile up: whether this read what was read before, its words alone say, where they do.
            fresh = READS not in look.held_before.get(oid, _NOTHING)
            called = {bare(table.name), *self.views.get(oid, ())}
            sure = fresh or hides or any(speaks_of(part.piece.text, each) for each in called)
            self._keep(oid, Kept(kept if sure else min(kept, Keeps.VALUES), begin(part)))

    def _keep(self, oid: int, kept: Kept) -> None:
        if kept.keeps > (self.kept[oid].keeps if oid in self.kept else Keeps.NOTHING):
            self.kept[oid] = kept

    def has_rows(self, oid: int) -> bool:
        """Whether rows of the table may be somewhere else."""
        return self.unsure or (oid in self.kept and self.kept[oid].keeps >= Keeps.PARTS)

    def tell(self, look: Look) -> list[tuple[int, Seen]]:
        """Everything that was done, each with the oid of its table."""
        if not look.sent.within:
            self._alone.append(look.sent.part)
        else:
            altered = (oid for oid in look.changed if alters(look.before[oid], look.now.get(oid)))
            self.altered |= {(look.sent.batch, oid) for oid in altered}
        found = {oid: list(self._noticed(look, oid)) for oid in sorted(look.changed)}
        emptied = list(self._deleted(look))
        gone = {oid for oid, _ in emptied}
        told = [
            (oid, each)
            for oid, each in told_once(found, look.before)
            if oid not in gone or not isinstance(each.change, WorkedThrough | ReadMeanwhile)
        ]
        return [*told, *emptied]

    def fewer(self, look: Look, oid: int) -> LastDeleted:
        """That rows of the table were deleted."""
        migration, piece, name = look.sent.part.migration, look.sent.part.piece, look.before[oid].name
        at, statement = place(migration, piece, name, Deleted())
        read = READS in look.modes(oid) - look.held_before.get(oid, _NOTHING) and look.sent.part.words <= _DELETES
        read, kept = read or self.unsure or not look.sent.within, self.kept.get(oid)
        keeper, of = None if kept is None else kept.at, self._above(oid)
        seen = Seen(migration.tag, at, statement, self.names[oid], Deleted(), read=read, of=of, keeper=keeper)
        return LastDeleted(seen, "do" in look.sent.part.words and says_all(piece.text, name))

    def wrote(self, look: Look, oid: int, counts: Counts) -> RowsWritten:
        """That rows of the table were written, and how many."""
        migration, piece = look.sent.part.migration, look.sent.part.piece
        at, statement = place_by(migration, piece, look.before[oid].name, (counts.verb,))
        chosen = chooses(piece.text) or asks_others(piece.text)
        locked = EVERYTHING in look.held_before.get(oid, _NOTHING)
        return RowsWritten(migration.tag, at, statement, self.names[oid], counts, chosen=chosen, locked=locked)

    def unseen(self, look: Look) -> Iterator[tuple[int, Seen]]:
        """What nobody saw happen to tables: behind the end of a transaction, or without a lock on them."""
        migration, told = look.sent.part.migration, dict[int, Sequence[Seen]]()
        for oid in sorted(look.changed):
            tables = self.first[oid], look.before[oid], look.now.get(oid)
            found = (as_written(change, stated(migration), tables) for change in changes(*tables))
            of, at = self._above(oid), Location(migration.path)
            told[oid] = [Seen(migration.tag, at, "", self.names[oid], change, of=of) for change in found]
        for oid, each in told_once(told, look.before):
            if not isinstance(each.change, Emptied):
                yield oid, each

    def _noticed(self, look: Look, oid: int) -> Iterator[Seen]:
        sent, before, now, held = look.sent, look.before[oid], look.now.get(oid), look.modes(oid)
        found = list(changes(self.first[oid], before, now, counted=sent.within))
        if not sent.within:
            found = list(_by_words(found, sent.part.words))
        if (WRITES in look.held_before.get(oid, _NOTHING) or WRITES not in held) and _truncates(sent.part.piece.text):
            # Who wrote rows before has read the table, and nobody looked how often. So may the same piece that empties
            # it, which wrote no row again where it never held the lock for that.
            found = [Emptied() if _is_anew(each) else each for each in found]
        if not speaks_of(sent.part.piece.text, "drop"):
            found = without_handed_up(found, oid, look.before, look.now)
        if EVERYTHING in look.held_before.get(oid, _NOTHING):
            found = [each for each in found if not isinstance(each, IndexDropped)]
        if now is not None:
            found += gone_through(look, before, now, found, self.names)
        for change in found:
            # Nobody plans a query without a lock on each index (REINDEX's manual).
            lock = LOCKS[EVERYTHING] if held and isinstance(change, Reindexed) else strongest(held)
            if not sent.within:
                lock = lock_alone(change, sent.part.piece.text, added=adds(before, now))
            migration, piece = sent.part.migration, sent.part.piece
            at, statement = place(migration, piece, before.name, change)
            # A column that comes with NOT NULL was filled by nothing before, but may have been in the same piece.
            apart = isinstance(change, RequiredColumnAdded) and ((oid, WRITES) in self.used or WRITES not in held)
            apart = apart or only_reads(change, look, before, now)
            by, earlier = stated_in(migration, piece), stated_before(migration, piece)
            yield Seen(
                migration.tag,
                at,
                statement,
                self.names[oid],
                as_written(change, by, (self.first[oid], before, now), earlier),
                lock,
                read=self.has_rows(oid) or not look.sent.within,
                written=self._has(look, oid, WRITES) and not apart,
                of=self._above(oid),
            )

    def _deleted(self, look: Look) -> Iterator[tuple[int, Seen]]:
        """What a DELETE without a condition has emptied: the statement ran, and locked the one table that it names."""
        part, before = look.sent.part, look.before
        for path, at, statement in whole_deletes(part.migration.path, part.piece) if "delete" in part.words else ():
            tables = (*before.values(), *look.now.values())
            named = {each.oid for each in tables if each.oid in before and matches(each.name, path)}
            # Outside of a transaction the lock is gone by now.
            found = [oid for oid in named if WRITES in look.modes(oid) or not look.sent.within]
            # A partition that has partitions is read as the table above it: what holds rows tells.
            holds = before[found[0]].files if len(found) == 1 else ()
            kept = self._kept(look, found[0], path[-1], holds) if holds else None
            silent = not holds or self.unsure or (kept is not None and kept.keeps is Keeps.ROWS)
            if not silent and found[0] not in self._emptied and not takes_back(part.migration.sql):
                self._emptied.add(found[0])
                lock, table, of = strongest(look.modes(found[0])), self.names[found[0]], self._above(found[0])
                seen = Seen(part.migration.tag, at, statement, table, Deleted(), lock, written=True, of=of)
                yield found[0], replace(seen, keeper=None if kept is None else kept.at)

    def _kept(self, look: Look, oid: int, name: str, holds: Iterable[int]) -> Kept | None:
        """What may have kept rows of the table, called `name` by now, whose rows these hold."""
        alone = self._kept_alone(look, oid, {name, bare(self.names[oid]), *self.views.get(oid, ())})
        found = [self.kept[each] for each in (oid, *holds) if each in self.kept]
        return max([*found, *alone], key=lambda one: one.keeps, default=None)

    def _kept_alone(self, look: Look, oid: int, names: AbstractSet[str]) -> Iterator[Kept]:
        """The same outside of a transaction, by words."""
        for each in self._alone:
            text = each.piece.text
            speaks = any(speaks_of(text, one) for one in names)
            if each is look.sent.part or not (speaks or each.words & _MAY_READ):
                continue
            # What is deleted may be of a table that was made, and is called so as well.
            kept = (
                Keeps.ROWS
                if speaks and _MAKES.search(text) and "create" in each.words
                else _keeps(text, look.before[oid])
            )
            if kept is not Keeps.NOTHING:
                yield Kept(kept, begin(each))

    def _has(self, look: Look, oid: int, mode: str) -> bool:
        return mode in look.modes(oid) or (oid, mode) in self.used or self.unsure or not look.sent.within

    def _above(self, oid: int) -> str:
        """The table that it was a partition of, if it was one."""
        return self.names.get(self.first[oid].parent, "")


def _keeps(text: str, table: Table) -> Keeps:
    columns = table.columns.values()
    return keeps(text, {each.name for each in columns}, {each.name for each in columns if each.generated})


def _by_words(found: Iterable[Change], words: AbstractSet[str]) -> Iterator[Change]:
    """What was `found` of a table outside of a transaction, where nobody knows how often it was read.

    A new file is then told apart by the words alone: TRUNCATE and VACUUM FULL leave the same.
    """
    for each in found:
        anew = isinstance(each, Emptied) or _is_anew(each)
        if anew and words == {"truncate"}:
            yield Emptied()
        elif not isinstance(each, Emptied):
            yield each


def _is_anew(change: Change) -> bool:
    """Whether rows were written anew for no reason that a look at the table tells."""
    return isinstance(change, Rewritten) and change.cause is Cause.OTHER


def _truncates(text: str) -> bool:
    said = set(names_in(text))
    return "truncate" in said and "alter" not in said
