"""Rows that become alike by an UPDATE which folds a text, as `lower(email)` does, where they have to be unique. No I/O.

What is folded stays as it is when it is folded again. So a row can only meet another that is, by then, what it becomes:
in whichever order the server takes them. Of `n + 1` that is not so.
"""

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from migcheck.facts.replay.watching.placing import Stated
from migcheck.facts.replay.with_rows.called import Called
from migcheck.facts.replay.with_rows.selecting import twice_in
from migcheck.facts.replay.with_rows.suspicion import DemandOf
from migcheck.facts.sql.misfit import Taken
from migcheck.facts.sql.rows import Question
from migcheck.finding import Location
from migcheck.postgres.filling.demands import Demand, Distinct
from migcheck.postgres.running.failure import shorten
from migcheck.postgres.table import Table
from migcheck.regex import regex
from migcheck.sql_names import NAME, NAMED, bare, quoted_always

_FOLDS = regex(
    rf"update\s+(?P<table>{NAMED})\s+set\s+(?P<column>{NAME})\s*=\s*"
    rf"(?P<value>(?:(?:lower|upper|b?trim|[lr]trim)\s*\(\s*)+(?P<of>{NAME})(?:\s*\))+)"
    rf"(?:\s*,\s*{NAME}\s*=\s*(?:now\s*\(\s*\)|current_timestamp))*"
    r"(?:\s+where\b(?P<where>[^;]*))?\s*;?\s*\Z",
    re.IGNORECASE | re.DOTALL,
)
# Other rows may be others by then, and a comment would go on.
_READS = regex(r"(?i)\bselect\b|--|/\*")
_LONGEST = 2_000


class Folding(Struct, frozen=True):
    """What became of the tables, as they are `called`. Of those in `heard` a trigger or a rule hears an update."""

    called: Called
    demand_of: DemandOf
    heard: frozenset[int]

    def questions(self, statements: Iterable[Stated]) -> Iterator[Question]:
        """Whether a target has rows that become alike, by each unique index that was there."""
        for by in statements:
            found = _FOLDS.match(by.text) if len(by.text) <= _LONGEST else None
            table = self.called.table(found["table"]) if found and not _READS.search(found["where"] or "") else None
            if found is None or table is None or table.oid in self.heard:
                continue
            for index in self.called.unique_of(table):
                if select := self._select(by.at, found, table, self.demand_of(table.oid, index.name)):
                    yield Question(by.migration, by.at, shorten(by.text.strip()), table.name, Taken(index.name), select)

    def _select(self, at: Location, found: re.Match[str], table: Table, demand: Demand | None) -> str:
        """It finds what several rows have by then."""
        if not isinstance(demand, Distinct) or demand.alone or bare(found["column"]) != bare(found["of"]):
            return ""
        columns = [table.columns[each] for each in demand.numbers if each in table.columns]
        folded = next((each for each in columns if each.name == bare(found["column"])), None)
        if folded is None or not self._is_first(at, table):
            return ""
        name, where = quoted_always(folded.name), (found["where"] or "").strip()
        value = f"{found['value']}::{folded.type}"
        value = f"case when {where} then {value} else {name} end" if where else value
        others = [quoted_always(each.name) for each in columns if each is not folded]
        listed = ", ".join([*others, f"{value} as {name}"])
        rows = f"(select {listed} from {table.name}) given"  # noqa: S608 - the catalogue's words, and the migration's own
        return twice_in(rows, demand.keys, demand.where, alike=demand.alike)

    def _is_first(self, at: Location, table: Table) -> bool:
        """Whether nothing else may have written rows of it before."""
        return all(each.at == at and each.alone for each in self.called.writes(table, at))
