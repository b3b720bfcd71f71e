"""New migrations on tables that have rows: such as were made up, or the project's own."""

from collections.abc import Mapping

from msgspec import Struct

from migcheck.postgres.failure import SqlFailure, shorten
from migcheck.postgres.filling.filled import Filled
from migcheck.wording import counted


class Seed(Struct, frozen=True):
    """The project's own rows: the SQL in the file at `path`."""

    path: str
    sql: str


class NoValue(Struct, frozen=True):
    """A row has no value in the column."""

    column: str


class Repeated(Struct, frozen=True):
    """Two rows are alike in what the unique `index` is of."""

    index: str


class Unheld(Struct, frozen=True):
    """A row does not hold the check."""

    constraint: str


class Orphaned(Struct, frozen=True):
    """A row points by a foreign key to none."""

    constraint: str


class Unfit(Struct, frozen=True):
    """The value of the column is none of its new type."""

    column: str


class Unexplained(Struct, frozen=True):
    """Nobody knows which rows do it."""


Misfit = NoValue | Repeated | Unheld | Orphaned | Unfit | Unexplained


class RowFault(Struct, frozen=True):
    """A new migration failed because of rows of `table`, called so before what is new; empty where that is not known.

    `select` finds such rows on what was there before, and each that it finds is refused; empty where there is none that
    is known to.
    """

    failure: SqlFailure
    table: str = ""
    misfit: Misfit = Unexplained()
    select: str = ""

    @property
    def detail(self) -> str:
        """What the server says beside its message, on a line: it may hold a whole row."""
        return shorten(self.failure.detail)


class Rows(Struct, frozen=True):
    """How the new migrations went on tables with rows. `ms` is the wall time of all of it.

    `seed` is the path of the file that they are of, empty where they were made up; `unsown` says why they were where
    there is such a file. `ended` says why not all was tried. There are no `filled` where nothing new touches a table.
    """

    ms: int
    filled: tuple[Filled, ...] = ()
    faults: tuple[RowFault, ...] = ()
    seed: str = ""
    unsown: str = ""
    ended: str = ""


class Found(Struct, frozen=True):
    """So many rows of the target are such; `more`: that many and more."""

    rows: int
    more: bool = False

    @property
    def told(self) -> str:
        """`3 such rows`."""
        return f"more than {self.rows:,} such rows" if self.more else counted(self.rows, "such row")


class Unasked(Struct, frozen=True):
    """Whether the target has such rows is not known, and why; `reason` is empty where nobody asked."""

    reason: str


Answer = Found | Unasked
Answers = Mapping[str, Answer]
"""What the target says, by the SELECT that it was asked."""
