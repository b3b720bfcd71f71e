"""Tables that had rows before what is new and have none behind it, whatever SQL deleted them."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial
from math import inf

from msgspec import Struct
from msgspec.structs import replace
from psycopg import Error

from migcheck.facts.replay.watching.keeping import HIDES, Keeps, keeps
from migcheck.facts.replay.watching.observed import Observed
from migcheck.facts.replay.watching.placing import names_in, speaks_of
from migcheck.facts.replay.with_rows.asking import Both
from migcheck.facts.replay.with_rows.trial import Trial
from migcheck.facts.sql.observation import ColumnDropped, Deleted, Emptied, Seen, TableDropped
from migcheck.facts.sql.row_counts import FEWEST, LastDeleted, chooses
from migcheck.facts.sql.rows import Gone
from migcheck.postgres.catalogue.session import settled
from migcheck.postgres.filling.fill import row_count
from migcheck.postgres.filling.filled import Filled
from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.running.statements import tokens
from migcheck.postgres.sql_calls import calls_others
from migcheck.postgres.table import Table
from migcheck.regex import regex
from migcheck.sql_names import bare

_FEWEST_OWN = 2
# A trigger may keep what is deleted, and hand on what is inserted.
_MOVES = frozenset({"delete", "insert"})
_RENAMES = regex(r"(?i)\brename\s+to\b")


def lost_by_rows(trial: Trial, done: Observed, seed: str) -> Iterator[Seen]:
    """What `done` dropped or emptied with rows, by the file `seed` if any is named, that is not done without any."""
    told = {(each.table, each.change) for each in trial.seen}
    for each in done.seen:
        if isinstance(each.change, TableDropped | ColumnDropped | Emptied) and (each.table, each.change) not in told:
            by = f"with the rows of {seed}" if seed else "with rows that were made up"
            yield replace(each, source=f"seen {by}: without any it is not done", made_up=not seed)


def vanished(both: Both, trial: Trial, done: Observed, filled: Sequence[Filled], seed: str) -> Iterator[Gone]:
    """The tables of which `done` has left no row, of those that were `filled`: by the file `seed`, if any is named.

    Not what tells of itself that every row goes, nor where others have as many more rows since, by what may have read
    them: they may be kept. Nor what chose them by rows of the table itself, or, of such as were made up, by a condition
    with values of its own, or by what an UPDATE with such a condition filled.
    """
    least = _FEWEST_OWN if seed else FEWEST
    had = {each.table: each.rows for each in filled if each.rows >= least}
    grown = cache(partial(_grown, both, done))
    keepers = _Keepers(both)
    told = {each.table for each in trial.seen if isinstance(each.change, TableDropped | Emptied | Deleted)}
    for oid, table in both.change.before.items():
        rows, after = had.get(table.name, 0), both.change.after.get(oid)
        last = _last(done.deleted, table)
        if not rows or after is None or last is None or last.seen.read or table.name in told:
            continue
        seen = last.seen
        if not seed and any(map(chooses, (seen.statement, *_updates_of(both, table)))):
            continue
        if _count(both.now, after.name) == 0 and keepers.most(grown(), oid) < rows:
            said = last.said and table.name in trial.written
            yield Gone(seen.migration, seen.at, seen.statement, table.name, rows, seed, said, seen.keeper)


def _updates_of(both: Both, table: Table) -> Iterator[str]:
    """What updates the table by the words of what is new."""
    texts = (each.text for each in both.change.statements if next(tokens(each.text), "").lower() == "update")
    return (each for each in texts if speaks_of(each, bare(table.name)))


def _last(deleted: Mapping[int, LastDeleted], table: Table) -> LastDeleted | None:
    """What deleted rows of it last; what chose them by others of it, where anything did."""
    found = [each for oid, each in deleted.items() if oid in table.files]
    return next((each for each in found if each.seen.read), found[-1] if found else None)


class _Keepers(Struct):
    """What may have kept rows by the words of what is new, and where: in a table that it names, or in any."""

    both: Both

    def most(self, grown: Mapping[str, float], oid: int) -> float:
        """By how many rows a table has `grown` at most that rows of the table `oid` may be in."""
        texts = self._texts({bare(each[oid].name) for each in (self.both.change.before, self.both.change.after)})
        found = (
            more for name, more in grown.items() if texts is None or any(speaks_of(each, bare(name)) for each in texts)
        )
        return max(found, default=0)

    def _texts(self, names: set[str]) -> Sequence[str] | None:
        """The statements that may have kept rows of what is called so; None where nobody knows where."""
        change, found = self.both.change, list[str]()
        tables = {each.name for there in (change.before, change.after) for each in there.values()}
        others = {bare(each) for there in self.both.names for each in there.values() if each not in tables}
        if any(event in _MOVES for each in self.both.following for _, event, _ in each.fires):
            return None
        for text in (each.text for each in change.statements):
            if _RENAMES.search(text):
                return None
            if keeps(text) is Keeps.NOTHING:
                continue
            hides = next(tokens(text), "").lower() in HIDES or calls_others(text)
            # What is read or written by a view or a partition is of a table that need not be named.
            if hides or any(speaks_of(text, each) for each in others):
                return None
            if any(speaks_of(text, each) for each in names):
                found.append(text)
                # What it has put there, a later one may hand on.
                names.update(names_in(text))
        return found


def _grown(both: Both, done: Observed) -> Mapping[str, float]:
    """By how many rows each table, and each view that holds rows, has grown; without bound where nobody can tell."""
    views = {each: _count(both.now, each) for each in both.views}
    found: dict[str, float] = {name: inf if rows is None else rows for name, rows in views.items()}
    for oid, table in both.change.after.items():
        before = both.change.before.get(oid)
        if before is None or before.name in done.written:
            more, less = _count(both.now, table.name), 0 if before is None else _count(both.was, before.name)
            found[table.name] = inf if more is None or less is None else more - less
    return found


def _count(connection: Connection, table: str) -> int | None:
    """How many rows it has; None where the role may not see them all."""
    try:
        with settled(connection):
            return row_count(connection, table)
    except Error:
        if connection.broken:
            raise
        return None
