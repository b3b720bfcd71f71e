"""Where a folder and a ledger stand to each other: what is applied, what is due, what Drizzle will never run.

Pure: the whole ledger against the whole folder. Drizzle itself compares one number (0.x) or names (1.0).
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cached_property
from itertools import takewhile

from msgspec import Struct
from msgspec.structs import replace

from migcheck.drizzle.folder import Folder, Layout, Migration, greatest_when
from migcheck.drizzle.ledger import Ledger, LedgerRow, pending
from migcheck.drizzle.pieces import decode
from migcheck.regex import regex

_SHA256 = regex(r"[0-9a-f]{64}")


class State(StrEnum):
    """What a migration is on one ledger."""

    APPLIED = "applied"
    PENDING = "pending"
    SKIPPED = "will be skipped"
    EDITED = "edited"


class Stray(StrEnum):
    """What a ledger's row is that belongs to no migration of the folder.

    TWICE records what another row records already; AHEAD is newer than the whole folder; REMOVED has a hash that some
    revision knows; BASELINE is a first row written by hand, whose hash is not a SHA-256; UNKNOWN is none of these.
    """

    TWICE = "recorded twice"
    AHEAD = "ahead"
    REMOVED = "removed"
    BASELINE = "baseline"
    UNKNOWN = "unknown"


class Standing(Struct, frozen=True):
    """One migration on one ledger, with the row that speaks for it; `note` says what is not plain.

    `squash`: it stands for the rows of an older folder.
    """

    migration: Migration
    state: State
    row: LedgerRow | None = None
    note: str = ""
    squash: bool = False


class StrayRow(Struct, frozen=True):
    """A row that belongs to no migration of the folder. `tag` is what some revision called it, where one did."""

    row: LedgerRow
    kind: Stray
    tag: str = ""


class Standings:
    """Every migration and every stray row of `ledger`. `known` maps a hash to the tag that some revision had for it."""

    def __init__(self, folder: Folder, ledger: Ledger, known: Mapping[str, str]) -> None:
        """Index both sides once: thousands of migrations against thousands of rows."""
        self._folder = folder
        self._ledger = ledger
        self._known = known
        self._due = {id(each) for each in pending(folder, ledger)}
        self._exact = _exact_rows(folder, ledger)
        taken = set(self._exact.values())
        free = [row for row in ledger.rows if row not in taken]
        self._free_by_hash = _grouped((row.hash, row) for row in free)
        self._free_by_place = _grouped((_place(folder, row), row) for row in free)
        self._spent: set[LedgerRow] = set()
        self._surplus = {row for _, row in surplus_rows(folder, ledger)}
        dated = [row for row in ledger.rows if row.created_at is not None]
        self._first = min(dated, key=lambda row: (row.created_at or 0, row.id), default=None)
        self._tags = {each.tag for each in folder.migrations}
        self._newest = greatest_when(folder.migrations) or 0

    @cached_property
    def migrations(self) -> tuple[Standing, ...]:
        """One for each migration, in the folder's order."""
        return tuple(self._standing(position, each) for position, each in enumerate(self._folder.migrations))

    @cached_property
    def strays(self) -> tuple[StrayRow, ...]:
        """The rows that belong to no migration, by `id`."""
        spoken_for = {each.row for each in self.migrations if each.row is not None}
        return tuple(self._stray(row) for row in self._ledger.rows if row not in spoken_for)

    def of(self, state: State) -> tuple[Standing, ...]:
        """The migrations in one state."""
        return tuple(each for each in self.migrations if each.state is state)

    @cached_property
    def run_again(self) -> tuple[Migration, ...]:
        """The migrations with a row that Drizzle would run all the same: all of them where a created_at is NULL."""
        return tuple(each.migration for each in self.migrations if each.row and id(each.migration) in self._due)

    @cached_property
    def before_the_ledger(self) -> tuple[Migration, ...]:
        """The migrations that stand before the ledger's first row: taken as applied, as Drizzle takes them."""
        return tuple(each.migration for each in self.migrations if each.state is State.APPLIED and each.row is None)

    @cached_property
    def restarted_behind(self) -> bool:
        """The folder was restarted after this ledger's rows, and its start is due: it would build what is there."""
        removed = any(each.kind is Stray.REMOVED for each in self.strays)
        told = any(each.row is not None for each in self.migrations)
        return removed and not told and any(each.state is State.PENDING for each in self.migrations[:1])

    def _standing(self, position: int, migration: Migration) -> Standing:
        if row := self._exact.get(position):
            return Standing(migration, State.APPLIED, row)
        moved = self._unspent(self._free_by_hash.get(migration.hash, []))
        if id(migration) not in self._due:
            return self._passed(position, migration, moved)
        if moved:
            note = f"applied as {_called(moved)}{self._differs(moved)}: Drizzle would run it again"
            return self._told_by(moved, migration, State.EDITED, note)
        return Standing(migration, State.PENDING)

    def _differs(self, row: LedgerRow) -> str:
        """What alone keeps `row`, which has a migration's hash, from being its own; empty where the row has none."""
        if _place(self._folder, row) is None:
            return ""
        return f" with the same SQL, and another {'name' if self._folder.layout is Layout.FOLDERS else '`when`'}"

    def _unspent(self, rows: list[LedgerRow]) -> LedgerRow | None:
        """The first of `rows` that speaks for no migration yet."""
        while rows and rows[0] in self._spent:
            rows.pop(0)
        return rows[0] if rows else None

    def _told_by(self, row: LedgerRow, migration: Migration, state: State, note: str) -> Standing:
        """`row` speaks for this migration. Another with the same text or `when` ran only where it has its own."""
        self._spent.add(row)
        return Standing(migration, state, row, note)

    def _passed(self, position: int, migration: Migration, moved: LedgerRow | None) -> Standing:
        """Drizzle will not run it, and no row is plainly its own."""
        if moved:
            return self._told_by(moved, migration, State.APPLIED, f"recorded as {_called(moved)}")
        if held := self._unspent(self._free_by_place.get(_own_place(self._folder, migration), [])):
            return self._in_place(position, migration, held)
        if self._is_before_the_ledger(position, migration):
            return Standing(migration, State.APPLIED, None, "older than the ledger's first row")
        return Standing(migration, State.SKIPPED)

    def _in_place(self, position: int, migration: Migration, row: LedgerRow) -> Standing:
        """A row stands where this migration's row would, with another hash."""
        if row.hash in other_line_ends(migration):
            return self._told_by(row, migration, State.APPLIED, "applied with other line ends")
        tag = self._known.get(row.hash)
        if tag is not None and tag not in self._tags and self._squashes(position, row):
            return replace(self._told_by(row, migration, State.APPLIED, f"stands for {tag}"), squash=True)
        if row == self._first and not _SHA256.fullmatch(row.hash):
            # It stands for all that is as old, not for one: it is not spent.
            return Standing(migration, State.APPLIED, row, "baseline written by hand")
        return self._told_by(row, migration, State.EDITED, "the file is not the one that was applied")

    def _squashes(self, position: int, row: LedgerRow) -> bool:
        """Whether the migration at `position`, in the place of `row`, can be a whole older folder in one file.

        It is the first, and the ledger has more of what it stands for. Anything else in that place was replaced.
        """
        here = row.created_at or 0
        return position == 0 and any((each.created_at or 0) < here for each in self._ledger.rows)

    @cached_property
    def squashed(self) -> bool:
        """Whether the folder's first migration stands for the rows of an older folder."""
        return any(each.squash for each in self.migrations[:1])

    def _is_before_the_ledger(self, position: int, migration: Migration) -> bool:
        """Older than the first row, and before its migration in the journal: a baseline, not a late merge."""
        first = self._first
        if first is None or first.created_at is None or migration.when >= first.created_at:
            return False
        return position <= self._leading

    @cached_property
    def _leading(self) -> int:
        """How many migrations, from the top, are older than the ledger's first row."""
        begins = self._first.created_at if self._first is not None else None
        whens = (each.when for each in self._folder.migrations)
        return sum(1 for _ in takewhile(lambda when: begins is not None and when < begins, whens))

    def _stray(self, row: LedgerRow) -> StrayRow:
        tag = self._known.get(row.hash, "")
        if row in self._surplus:
            return StrayRow(row, Stray.TWICE, tag)
        newest = self._newest
        # Where not one row is the folder's own, newer rows say that this is another application's database.
        if row.created_at is not None and row.created_at > newest and (tag or self._exact or self.squashed):
            return StrayRow(row, Stray.AHEAD, tag)
        if tag:
            return StrayRow(row, Stray.REMOVED, tag)
        if row == self._first and not _SHA256.fullmatch(row.hash):
            return StrayRow(row, Stray.BASELINE)
        return StrayRow(row, Stray.UNKNOWN)


def surplus_rows(folder: Folder, ledger: Ledger) -> tuple[tuple[LedgerRow, LedgerRow], ...]:
    """Pairs of rows of which only one can be true: one place or one hash twice, without two migrations for it.

    A place is `created_at` in 0.x and the name in 1.0. Two files with one text, or with one `when`, are two migrations.
    What a squash took out of the folder may have been two such files: nothing here says that it was one.
    """
    here = {each.hash for each in folder.migrations}
    room = Counter((_own_place(folder, each), each.hash) for each in folder.migrations)
    newest = greatest_when(folder.migrations) or 0
    at: dict[object, LedgerRow] = {}
    told: dict[str, LedgerRow] = {}
    strange: list[tuple[object, int, LedgerRow]] = []
    for row in ledger.rows:
        place = _place(folder, row)
        if place is None or row.created_at is None:
            continue
        if room[place, row.hash] > 0:
            room[place, row.hash] -= 1
            at[place] = told[row.hash] = row
        else:
            strange.append((place, row.created_at, row))
    pairs = []
    for place, created_at, row in strange:
        other = at.get(place) or (told.get(row.hash) if row.hash in here and created_at <= newest else None)
        if other:
            pairs.append((other, row) if other.id < row.id else (row, other))
        at[place] = told[row.hash] = row
    return tuple(pairs)


def _exact_rows(folder: Folder, ledger: Ledger) -> dict[int, LedgerRow]:
    """The row that is plainly a migration's own, by the migration's position: same place, same hash, each row once."""
    rows = _grouped(((_place(folder, row), row.hash), row) for row in ledger.rows)
    exact = {}
    for position, each in enumerate(folder.migrations):
        if held := rows.get((_own_place(folder, each), each.hash)):
            exact[position] = held.pop(0)
    return exact


def _place(folder: Folder, row: LedgerRow) -> object:
    """What ties a row to a migration: `when` in 0.x, the name in 1.0."""
    return row.name if folder.layout is Layout.FOLDERS else row.created_at


def _own_place(folder: Folder, migration: Migration) -> object:
    return migration.tag if folder.layout is Layout.FOLDERS else migration.when


def _called(row: LedgerRow) -> str:
    if row.name is None and row.created_at is None:
        return f"row {row.id}, whose created_at is NULL"
    return f"row {row.id}, {row.name or row.created_at}"


def other_line_ends(migration: Migration) -> frozenset[str]:
    """The hashes of its text with each kind of line ends."""
    # A deploy from a Windows checkout (core.autocrlf) recorded the hash of another text of the same SQL.
    text = decode(migration.sql).replace("\r\n", "\n")
    return frozenset(hashlib.sha256(each.encode()).hexdigest() for each in (text, text.replace("\n", "\r\n")))


def _grouped(pairs: Iterable[tuple[object, LedgerRow]]) -> dict[object, list[LedgerRow]]:
    grouped: dict[object, list[LedgerRow]] = defaultdict(list)
    for key, row in pairs:
        grouped[key].append(row)
    return dict(grouped)
