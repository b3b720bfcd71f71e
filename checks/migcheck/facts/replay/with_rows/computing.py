"""Rows of which a generated column that is stored cannot be computed: the server does that when the column comes.

No SELECT tells what fails of what does not. So it computes each row and finds none: it fails where the column does.
"""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from migcheck.facts.replay.watching.placing import Stated, speaks_of
from migcheck.facts.replay.with_rows.selecting import rows_of
from migcheck.facts.replay.with_rows.suspicion import Change, Suspect, as_written
from migcheck.facts.sql.misfit import Uncomputed
from migcheck.facts.sql.rows import Question
from migcheck.finding import Location
from migcheck.postgres.filling.expressions import Expression
from migcheck.postgres.running.failure import SqlFailure, shorten
from migcheck.postgres.table import Table
from migcheck.regex import regex
from migcheck.sql_names import bare

OF_VALUES = "22"
"""The class of what the server says of a value."""
# In a DO block it may be skipped, or its error caught.
_ALTERS = regex(r"(?is)alter\s+table\b.*\b(?:generated|expression)\b")
# A cast in so many words would cut what is too long (PostgreSQL's manual, 8.3), and so it would bits (8.10).
_LENGTH = regex(r"(?:character varying|character)\((\d+)\)")
_BITS = regex(r"bit\b")


class Computing(Struct, frozen=True):
    """What generated columns `was` and are `now` computed by, and what became of the tables."""

    was: Sequence[Expression]
    now: Sequence[Expression]
    change: Change

    def suspects(self, failure: SqlFailure) -> Iterator[Suspect]:
        """Those that the statement which was refused speaks of."""
        at = Location(failure.path, failure.line)
        for each in self._new if _ALTERS.match(failure.statement) else ():
            if self._is_of(each, failure.statement):
                yield self._suspect(each, at, failure.statement)

    def questions(self, statements: Iterable[Stated]) -> Iterator[Question]:
        """Whether a target has such rows, each at the first statement that makes the server compute the column."""
        new = list(self._new)
        # Most migrations ask nothing of it, and one may have tens of thousands of statements.
        altering = [each for each in statements if _ALTERS.match(each.text)] if new else []
        for each in new:
            by = next((one for one in altering if self._is_of(each, one.text)), None)
            if by is not None:
                said = shorten(by.text.strip())
                told = self._suspect(each, by.at, said)
                if told.select:
                    yield Question(by.migration, by.at, said, told.table, told.misfit, told.select)

    @property
    def _new(self) -> Iterator[Expression]:
        there = {(each.table, each.number): (each.says, each.type) for each in self.was}
        for each in self.now:
            if each.table in self.change.before and there.get((each.table, each.number)) != (each.says, each.type):
                yield each

    def _is_of(self, asked: Expression, statement: str) -> bool:
        tables = (self.change.before[asked.table].name, self.change.after[asked.table].name)
        return speaks_of(statement, asked.column) and any(speaks_of(statement, bare(each)) for each in tables)

    def _suspect(self, asked: Expression, at: Location, statement: str) -> Suspect:
        there = self.change.until(at, statement).untouched(asked.table, asked.numbers)
        known = there is not None and asked.numbers and not _BITS.match(asked.type) and not _copies(there, asked)
        select = rows_of(there, _fails(asked)) if there is not None and known else ""
        return Suspect(self.change.before[asked.table].name, Uncomputed(asked.column), select)


def _copies(there: Table, asked: Expression) -> bool:
    """Whether it is another column as it is: nothing of that can fail."""
    read = there.columns[asked.numbers[0]]
    return asked.says in as_written(read.name) and asked.type == read.type


def _fails(asked: Expression) -> str:
    """A condition that cannot be looked at of such a row; it holds where the value is too long."""
    if length := _LENGTH.fullmatch(asked.type):
        return f"char_length(rtrim(({asked.says})::text)) > {length[1]}"
    return f"num_nulls(({asked.says})::{asked.type}) < 0"
