"""Rows that a migration inserts, and that a target may have: by a unique index that was there before. No I/O.

Their values are those of its text, where that is nothing but VALUES: ON CONFLICT knows of such rows.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from migcheck.facts.replay.watching.placing import Stated
from migcheck.facts.replay.with_rows.called import Called
from migcheck.facts.replay.with_rows.suspicion import Change, DemandOf, is_same
from migcheck.facts.sql.misfit import Taken
from migcheck.facts.sql.rows import Question
from migcheck.postgres.filling.demands import Demand, Distinct
from migcheck.postgres.running.failure import shorten
from migcheck.postgres.running.statements import tokens
from migcheck.postgres.table import Column, Table
from migcheck.regex import regex
from migcheck.sql_names import NAME, NAMED, bare, quoted, quoted_always

_INSERTS = regex(
    rf"insert\s+into\s+(?P<table>{NAMED})\s*(?:\((?P<columns>[^()]*)\)\s*)?values\b(?P<values>.*)",
    re.IGNORECASE | re.DOTALL,
)
_NAMES = regex(NAME)
# Elsewhere than in a quotation a line end is a blank. What opens a quotation in another way, or a comment, is not read.
_BLANKS = regex(r"('[^']*')|\s+")
_UNREAD = regex(r"\\|\$\w*\$|--|/\*")
_ALONE = frozenset({"insert"})
# What a person is to read, and how many of them a target is to be asked.
_LONGEST, _MOST = 2_000, 50


class _Inserted(Struct, frozen=True):
    """A statement that inserts `values`, of these `columns`, into `table`."""

    by: Stated
    table: Table
    columns: Sequence[str]
    values: str


class Inserting(Struct, frozen=True):
    """What became of the tables, as they are `called`. Of those in `heard` a trigger or a rule hears an insert."""

    called: Called
    demand_of: DemandOf
    heard: frozenset[int]

    @property
    def change(self) -> Change:
        """What became of the tables."""
        return self.called.change

    def questions(self, statements: Iterable[Stated]) -> Iterator[Question]:
        """Whether a target has a row like one that is inserted, by each unique index that was there."""
        asked = 0
        for each in statements:
            found = list(self._of(each)) if asked < _MOST else []
            asked += len(found)
            yield from found

    def _of(self, by: Stated) -> Iterator[Question]:
        inserted = self._read(by)
        if inserted is None or not self._is_kept(inserted):
            return
        table = inserted.table
        for index in self.called.unique_of(table):
            if select := self._select(inserted, self.demand_of(table.oid, index.name)):
                yield Question(by.migration, by.at, shorten(by.text.strip()), table.name, Taken(index.name), select)

    def _read(self, by: Stated) -> _Inserted | None:
        if len(by.text) > _LONGEST or (found := _INSERTS.match(by.text)) is None:
            return None
        # What else stands behind VALUES makes no SELECT; what is read there may be other rows by then.
        if _UNREAD.search(found["values"]) or "select" in map(str.lower, tokens(found["values"])):
            return None
        table, listed = self.called.table(found["table"]), found["columns"]
        if table is None or not (listed or _keeps_order(table, self.change.after[table.oid])):
            return None
        columns = [bare(each) for each in _NAMES.findall(listed)] if listed else _in_order(table)
        values = _BLANKS.sub(lambda each: each[1] or " ", found["values"]).strip(" ;")
        return _Inserted(by, table, columns, values)

    def _is_kept(self, inserted: _Inserted) -> bool:
        """Whether rows that were there are there by then, as they were: others may have been inserted."""
        table, at = inserted.table, inserted.by.at
        before = self.called.writes(table, at)
        # Where a trigger hears of an insert, it may write other tables otherwise.
        plain = [each.events == _ALONE and (not self.heard or (each.at == at and bool(each.alone))) for each in before]
        return table.oid not in self.heard and all(plain)

    def _select(self, inserted: _Inserted, demand: Demand | None) -> str:
        """It finds the rows that are like one of them."""
        if not isinstance(demand, Distinct) or demand.where is not None or demand.alike or demand.deferrable:
            return ""
        was, now = inserted.table.columns, self.change.after[inserted.table.oid].columns
        pairs = [(was.get(each), now.get(each)) for each in demand.numbers]
        keys = [one for one, other in pairs if one is not None and other is not None and is_same(one, other)]
        given = [each.name in inserted.columns and self._is_compared(each) for each in keys]
        if not keys or {quoted(each.name) for each in keys} != set(demand.keys) or not all(given):
            return ""
        # The server calls the columns of VALUES so. Where there are fewer than that, the row gets a default.
        places = {name: f"given.column{place}" for place, name in enumerate(inserted.columns, 1)}
        equal = " and ".join(f"had.{quoted_always(each.name)} = {places[each.name]}::{each.type}" for each in keys)
        rows = f"only {inserted.table.name}" if demand.alone else inserted.table.name
        # The catalogue's own words, but for the values, which the migration sends as they are.
        return f"select had.* from {rows} had, (values {inserted.values}) given where {equal}"  # noqa: S608

    def _is_compared(self, column: Column) -> bool:
        """Whether its type is the server's own, or an enum: another may have an operator of its own."""
        return "." not in column.type or column.kind in self.change.labels


def _keeps_order(was: Table, now: Table) -> bool:
    """Whether its columns stand where they stood; behind them there may be others."""
    return all(number in now.columns and now.columns[number].name == each.name for number, each in was.columns.items())


def _in_order(table: Table) -> list[str]:
    return [each.name for _, each in sorted(table.columns.items())]
