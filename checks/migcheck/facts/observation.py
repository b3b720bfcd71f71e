"""What new migrations did to the tables that were there before them: seen while the upgrade was rehearsed.

Of that nothing is read out of SQL, so what a function or a DO block does is told as well. Where nothing is rehearsed,
`facts/lint` reads the same out of the files.
"""

from msgspec import Struct

from migcheck.finding import Location


class TableDropped(Struct, frozen=True):
    """The table is gone, and its rows with it."""


class ColumnDropped(Struct, frozen=True):
    """A column is gone. `generated`: its values were computed from the others."""

    column: str
    generated: bool = False


class Emptied(Struct, frozen=True):
    """The table was given a new file, and nobody read the old one: TRUNCATE."""


class TableRenamed(Struct, frozen=True):
    """The table has another name, or is in another schema: `to` is `schema.table`."""

    to: str


class ColumnRenamed(Struct, frozen=True):
    """A column has another name."""

    column: str
    to: str


class RequiredColumnAdded(Struct, frozen=True):
    """A new column is NOT NULL and has nothing to fill it: a table with a row refuses it."""

    column: str
    type: str


class ColumnMadeRequired(Struct, frozen=True):
    """A column is NOT NULL now, and was not. It has its old name here; `added`: it was not there before what is new."""

    column: str
    added: bool = False


class Rewritten(Struct, frozen=True):
    """Every row was written anew into another file; `why` has what asks for it."""

    why: str


class Validated(Struct, frozen=True):
    """Every row was read to see whether it holds a foreign key or a check."""

    constraint: str
    foreign: bool


class IndexBuilt(Struct, frozen=True):
    """An index was built from every row."""

    index: str
    unique: bool


class RowSecurityOff(Struct, frozen=True):
    """Row level security was on, and is not."""


class RefusedInTransaction(Struct, frozen=True):
    """`what` runs outside of a transaction alone. This is only read: a rehearsal ends there."""

    what: str


Change = (
    TableDropped
    | ColumnDropped
    | Emptied
    | TableRenamed
    | ColumnRenamed
    | RequiredColumnAdded
    | ColumnMadeRequired
    | Rewritten
    | Validated
    | IndexBuilt
    | RowSecurityOff
    | RefusedInTransaction
)


class Seen(Struct, frozen=True):
    """One change of the table that was called `table`, as `schema.table`, before what is new.

    `at` is where what made it begins, and `statement` that: of several that were sent as one, the first that speaks of
    it. Where nobody could look on, `at` has no line and `statement` is empty. `lock` is the strongest lock that the
    transaction held on the table behind it, empty where it held none any more. `after`: how many pieces followed in the
    same batch, during which it was still held. `read` and `written`: something new had read rows of the table before,
    or had inserted, changed or deleted some, or would have, had there been any. `source` is who says so, where it was
    not seen but read.
    """

    migration: str
    at: Location
    statement: str
    table: str
    change: Change
    lock: str = ""
    after: int = 0
    read: bool = False
    written: bool = False
    source: str = ""
