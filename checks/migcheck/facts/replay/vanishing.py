"""Tables that had rows before what is new and have none behind it, whatever SQL deleted them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache, partial
from math import inf

from psycopg import Error

from migcheck.facts.observation import Deleted, Emptied, TableDropped
from migcheck.facts.replay.asking import Both
from migcheck.facts.replay.observed import Observed
from migcheck.facts.row_counts import FEWEST, LastDeleted, chooses
from migcheck.facts.rows import Gone
from migcheck.postgres.catalogue.session import settled
from migcheck.postgres.filling.fill import row_count
from migcheck.postgres.filling.filled import Filled
from migcheck.postgres.ledger import Connection
from migcheck.postgres.table import Table

_FEWEST_OWN = 2


def vanished(
    both: Both, done: Observed, filled: Sequence[Filled], seed: str, written: Collection[str]
) -> Iterator[Gone]:
    """The tables of which `done` has left no row, of those that were `filled`: by the file `seed`, if any is named.

    `written` are those that are written without any rows as well.

    Not what tells of itself that every row goes, nor where others have as many more rows since: they may be kept. Nor
    what chose them by rows of the table itself, or, of such as were made up, by a condition with values of its own.
    """
    least = _FEWEST_OWN if seed else FEWEST
    had = {each.table: each.rows for each in filled if each.rows >= least}
    grown = cache(partial(_grown, both, done))
    told = {each.table for each in done.seen if isinstance(each.change, TableDropped | Emptied | Deleted)}
    for oid, table in both.change.before.items():
        rows, after = had.get(table.name, 0), both.change.after.get(oid)
        last = _last(done.deleted, table)
        if not rows or after is None or last is None or last.seen.read or table.name in told:
            continue
        seen = last.seen
        if not seed and chooses(seen.statement):
            continue
        if _count(both.now, after.name) == 0 and grown() < rows:
            said = last.said and table.name in written
            yield Gone(seen.migration, seen.at, seen.statement, table.name, rows, seed, said, seen.keeper)


def _last(deleted: Mapping[int, LastDeleted], table: Table) -> LastDeleted | None:
    """What deleted rows of it last; what chose them by others of it, where anything did."""
    found = [each for oid, each in deleted.items() if oid in table.files]
    return next((each for each in found if each.seen.read), found[-1] if found else None)


def _grown(both: Both, done: Observed) -> float:
    """By how many rows a table, or a view that holds rows, has grown at most; without bound where nobody can tell."""
    views = [_count(both.now, each) for each in both.views]
    most = max([0.0, *(inf if each is None else each for each in views)])
    for oid, table in both.change.after.items():
        before = both.change.before.get(oid)
        if before is None or before.name in done.written:
            more, less = _count(both.now, table.name), 0 if before is None else _count(both.was, before.name)
            if more is None or less is None:
                return inf
            most = max(most, more - less)
    return most


def _count(connection: Connection, table: str) -> int | None:
    """How many rows it has; None where the role may not see them all."""
    try:
        with settled(connection):
            return row_count(connection, table)
    except Error:
        if connection.broken:
            raise
        return None
