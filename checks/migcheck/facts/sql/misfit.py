"""Which rows a statement is refused for, or loses something of."""

from msgspec import Struct


class NoValue(Struct, frozen=True):
    """A row has no value in the column."""

    column: str


class Repeated(Struct, frozen=True):
    """Two rows are alike in what the unique `index` is of."""

    index: str


class RepeatedInView(Struct, frozen=True):
    """Two rows of a materialized view are alike in what the unique `index` is of."""

    index: str


class Taken(Struct, frozen=True):
    """A row is there already that is like one which is inserted, by what the unique `index` is of."""

    index: str


class Unheld(Struct, frozen=True):
    """A row does not hold the check."""

    constraint: str


class Orphaned(Struct, frozen=True):
    """A row points by a foreign key to none."""

    constraint: str


class Excluded(Struct, frozen=True):
    """Two rows exclude one another by the constraint."""

    constraint: str


class Unplaced(Struct, frozen=True):
    """A row is in what is to be a partition, called `schema.table`, which does not take it."""

    partition: str


class Unfit(Struct, frozen=True):
    """The value of the column is none of its new type."""

    column: str


class Lessens(Struct, frozen=True):
    """The value of the column is taken, and something of it lost."""

    column: str


class Uncomputed(Struct, frozen=True):
    """The expression of the generated column fails on a row."""

    column: str


class AnyRow(Struct, frozen=True):
    """Any row that is taken does it, whatever its values: the words of what runs for it are wrong."""


class Unexplained(Struct, frozen=True):
    """Nobody knows which rows do it."""


Misfit = (
    NoValue
    | Repeated
    | RepeatedInView
    | Taken
    | Unheld
    | Orphaned
    | Excluded
    | Unplaced
    | Unfit
    | Lessens
    | Uncomputed
    | AnyRow
    | Unexplained
)
