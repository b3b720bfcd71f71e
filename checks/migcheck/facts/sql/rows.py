"""New migrations on tables that have rows: such as were made up, or the project's own."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from msgspec import Struct

from migcheck.facts.sql.misfit import Misfit, NoValue, Uncomputed, Unexplained
from migcheck.facts.sql.observation import Seen
from migcheck.facts.sql.row_counts import RowsWritten
from migcheck.finding import Location
from migcheck.postgres.filling.filled import Filled
from migcheck.postgres.running.failure import SqlFailure, shorten
from migcheck.wording import counted


class Seed(Struct, frozen=True):
    """The project's own rows: the SQL in the file at `path`."""

    path: str
    sql: str


class RowFault(Struct, frozen=True):
    """A new migration failed because of rows of `table`, called so before what is new; empty where that is not known.

    `select` finds such rows on what was there before, and each that it finds is refused (of Uncomputed it fails where
    there is one); empty where there is none that is known to, and `why`, where that is known. `seed` is the path of the
    file that the rows are of, empty where they were made up.
    """

    failure: SqlFailure
    table: str = ""
    misfit: Misfit = Unexplained()
    select: str = ""
    seed: str = ""
    why: str = ""

    @property
    def migration(self) -> str:
        """The tag of the one that failed."""
        return self.failure.migration

    @property
    def at(self) -> Location:
        """Where it did."""
        return self.failure.at

    @property
    def statement(self) -> str:
        """What was refused, in a line."""
        return self.failure.statement

    @property
    def what(self) -> tuple[object, ...]:
        """What it is, whoever's rows it is of: those that are named differ."""
        failure = self.failure
        return failure.path, failure.line, failure.statement, failure.sqlstate, self.table, self.misfit, self.select

    @property
    def told(self) -> str:
        """What the server said, in a line: a value that was made up may be long."""
        return f"{self.failure.sqlstate} {shorten(self.failure.message)}"

    @property
    def detail(self) -> str:
        """What the server says beside its message, on a line: it may hold a whole row."""
        return shorten(self.failure.detail)


class Question(Struct, frozen=True):
    """Which rows of `table` a new migration would fail with, or lose something of, by what it was seen to ask of all.

    None of those that were made up were such, or it did not come so far; `select` finds them on what was there before.
    """

    migration: str
    at: Location
    statement: str
    table: str
    misfit: Misfit
    select: str


class Gone(Struct, frozen=True):
    """A new migration left none of the `rows` that `table` had, by what it did there last.

    `seed` is the path of the file that they are of, empty where they were made up. `said`: the words of what did it say
    so, and it does that without any rows as well.
    """

    migration: str
    at: Location
    statement: str
    table: str
    rows: int
    seed: str = ""
    said: bool = False
    keeper: Location | None = None


class Unsown(Struct, frozen=True):
    """The file with the project's own rows was refused at a place in it, and why."""

    at: Location
    told: str


class Own(Struct, frozen=True):
    """How it went with the project's own rows, of the file at `path`; there are none where it was refused."""

    path: str
    filled: tuple[Filled, ...] = ()
    faults: tuple[RowFault, ...] = ()
    unsown: Unsown | None = None
    ended: str = ""
    gone: tuple[Gone, ...] = ()
    written: tuple[RowsWritten, ...] = ()
    seen: tuple[Seen, ...] = ()


class Rows(Struct, frozen=True):
    """How the new migrations went on tables with rows that were made up. `ms` is the wall time of all of it.

    `own` is how they went before that with the project's own, where it has any. `ended` says why not all was tried.
    There are no `filled` where nothing new touches a table. `questions` are for a target, where there is one, and
    `unasked` says why those are not all. `gone` are the tables that have no row any more, `written` is what wrote how
    many, in the last round, and `seen` what was dropped or emptied that is not where there are no rows.
    """

    ms: int
    filled: tuple[Filled, ...] = ()
    faults: tuple[RowFault, ...] = ()
    own: Own | None = None
    ended: str = ""
    questions: tuple[Question, ...] = ()
    gone: tuple[Gone, ...] = ()
    unasked: str = ""
    written: tuple[RowsWritten, ...] = ()
    seen: tuple[Seen, ...] = ()

    @property
    def all_faults(self) -> tuple[RowFault, ...]:
        """Those of the project's own rows first, and of the others what they do not tell."""
        return _joined(self.own.faults if self.own else (), self.faults, lambda each: each.what)

    @property
    def all_gone(self) -> tuple[Gone, ...]:
        """The same."""
        return _joined(self.own.gone if self.own else (), self.gone, lambda each: each.table)

    @property
    def all_written(self) -> tuple[RowsWritten, ...]:
        """The same."""
        return _joined(self.own.written if self.own else (), self.written, lambda each: (each.at, each.table))

    @property
    def all_seen(self) -> tuple[Seen, ...]:
        """The same."""
        return _joined(self.own.seen if self.own else (), self.seen, lambda each: (each.table, each.change))

    def fills(self, table: str, column: str) -> bool:
        """Whether rows of `table` that were made up were written, and none was without a value in `column` then."""
        failed = any((each.table, each.misfit) == (table, NoValue(column)) for each in self.all_faults)
        return not (failed or self.ended) and any(each.table == table for each in self.written)

    @property
    def selects(self) -> tuple[str, ...]:
        """What to ask of a target."""
        selects = (*(each.select for each in self.all_faults), *(each.select for each in self.questions))
        return tuple(dict.fromkeys(filter(None, selects)))


class Found(Struct, frozen=True):
    """So many rows of the target are such; `more`: that many and more."""

    rows: int
    more: bool = False

    def told(self, what: str) -> str:
        """`3 such rows`."""
        return f"more than {self.rows:,} {what}s" if self.more else counted(self.rows, what)


class Unasked(Struct, frozen=True):
    """Whether the target has such rows is not known, and why; `reason` is empty where nobody asked.

    `by_value`: the SELECT failed on the value of a row.
    """

    reason: str
    by_value: bool = False

    @property
    def lines(self) -> tuple[str, ...]:
        """The same for people, in a line, where there is something to say."""
        return (f"the target did not say whether it has such rows: {self.reason}",) if self.reason else ()


T = TypeVar("T")
Answer = Found | Unasked
Answers = Mapping[str, Answer]
"""What the target says, by the SELECT that it was asked."""


def answer_to(of: RowFault | Question, answers: Answers) -> Answer:
    """What the target says of it: what cannot be computed there, a SELECT fails at as the migration would."""
    answer = answers.get(of.select, Unasked(""))
    fails = isinstance(of.misfit, Uncomputed) and isinstance(answer, Unasked) and answer.by_value
    return Found(1) if fails else answer


def _joined(own: Sequence[T], others: Sequence[T], by: Callable[[T], object]) -> tuple[T, ...]:
    told = {by(each) for each in own}
    return (*own, *(each for each in others if by(each) not in told))
