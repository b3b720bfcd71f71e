"""What new migrations did to the tables that were there before them: seen in the upgrade, as is what is `left_behind`.

Of that nothing is read out of SQL, so what a function or a DO block does is told as well. Where nothing is rehearsed,
`facts/lint` reads the same out of the files.
"""

from enum import StrEnum, auto
from typing import Literal

from msgspec import Struct

from migcheck.facts.sql.left_behind import (
    DefinerLeftOpen,
    GrantedToAll,
    NameCut,
    SessionHolds,
    SettingKept,
    SettingLeft,
    TakenAlong,
    TriggerDisabled,
)
from migcheck.facts.sql.lossy import Lessened
from migcheck.facts.sql.retype import Retype
from migcheck.finding import Location
from migcheck.postgres.table import Key


class TableDropped(Struct, frozen=True):
    """The table is gone, and its rows with it."""


class ColumnDropped(Struct, frozen=True):
    """A column is gone. `generated`: its values were computed. `called` is its name by then, where that is another."""

    column: str
    generated: bool = False
    called: str = ""


class Emptied(Struct, frozen=True):
    """The table was given a new file, and nobody read the old one: TRUNCATE."""


class PartitionDetached(Struct, frozen=True):
    """The table was a partition, and is none: whoever asks the table that it was of does not find its rows."""


class TableRenamed(Struct, frozen=True):
    """The table has another name, or is in another schema: `to` is `schema.table`.

    `taken`: a table has the old name that is "new", or was "there", and nothing that is new read rows of this one.
    """

    to: str
    taken: Literal["", "new", "there"] = ""


class ColumnRenamed(Struct, frozen=True):
    """A column has another name. `taken`: one has the old name that is "new", or was "there", and nothing filled it."""

    column: str
    to: str
    taken: Literal["", "new", "there"] = ""


class RequiredColumnAdded(Struct, frozen=True):
    """A new column is NOT NULL and has nothing to fill it: a table with a row refuses it."""

    column: str
    type: str


class ColumnMadeRequired(Struct, frozen=True):
    """A column is NOT NULL now, and was not. It has its old name here; `added`: it was not there before what is new."""

    column: str
    added: bool = False


class Cause(StrEnum):
    """What had a table rewritten; OTHER is what no look at it tells: VACUUM FULL, a domain's check, USING."""

    RETYPED = auto()
    FILLED = auto()
    COMPUTED = auto()
    STORED = auto()
    ORDERED = auto()
    REFRESHED = auto()
    REFILLED = auto()
    OTHER = auto()


class Rewritten(Struct, frozen=True):
    """Every row was written anew into another file: `why`, which columns were `retyped`, which `lessened` by it."""

    why: str
    cause: Cause = Cause.OTHER
    lessened: tuple[Lessened, ...] = ()
    retyped: tuple[Retype, ...] = ()


class Rezoned(Struct, frozen=True):
    """A column got a time zone, or lost it, and no row was written anew: as scratch is in UTC (`zones`)."""

    why: str


class Validated(Struct, frozen=True):
    """Every row was read to see whether it holds a foreign key or a check."""

    constraint: str
    foreign: bool


class LeftNotValid(Struct, frozen=True):
    """A foreign key or a check was added NOT VALID: nobody looked whether the rows that are there hold it."""

    constraint: str
    foreign: bool


class DomainChecked(Struct, frozen=True):
    """Every row was read to see whether a column holds a check that its domain got."""

    constraint: str


class IndexBuilt(Struct, frozen=True):
    """An index was built from every row; `key` is the constraint that it is for, where there is one."""

    index: str
    unique: bool
    key: Key = ""


class IndexDropped(Struct, frozen=True):
    """An index that no constraint had is gone, and its table is not, which nothing before took from everybody."""

    index: str


class Reindexed(Struct, frozen=True):
    """Indexes that were there were built anew from every row."""


class PartitionChecked(Struct, frozen=True):
    """Every row was read to see whether it fits the partition that the table is now."""


class RestChecked(Struct, frozen=True):
    """Every row of a default partition was read to see whether it belongs into a partition that is new."""


class WorkedThrough(Struct, frozen=True):
    """Every row was read, to be changed or not, while an earlier statement kept everybody else out."""


class ReadMeanwhile(Struct, frozen=True):
    """Every row was read, to be changed or not, while earlier statements kept everybody out of the tables `held`."""

    held: tuple[str, ...]


class RowSecurityOff(Struct, frozen=True):
    """Row level security was on, and is not."""


class Deleted(Struct, frozen=True):
    """A DELETE without a condition: every row is gone, as far as nothing keeps it."""


class RefusedInTransaction(Struct, frozen=True):
    """`what` runs outside of a transaction alone. This is only read: a rehearsal ends there."""

    what: str


class End(StrEnum):
    """What becomes of what ran in a transaction that ends: it stays, it is undone, or it waits for COMMIT PREPARED."""

    KEPT = auto()
    UNDONE = auto()
    SET_ASIDE = auto()


class TransactionEnded(Struct, frozen=True):
    """A migration ended the transaction that it runs in: what followed ran in none, or in another."""

    end: End


Change = (
    TableDropped
    | ColumnDropped
    | Emptied
    | PartitionDetached
    | TableRenamed
    | ColumnRenamed
    | RequiredColumnAdded
    | ColumnMadeRequired
    | Lessened
    | Rewritten
    | Rezoned
    | Validated
    | LeftNotValid
    | DomainChecked
    | IndexBuilt
    | IndexDropped
    | Reindexed
    | PartitionChecked
    | RestChecked
    | WorkedThrough
    | ReadMeanwhile
    | RowSecurityOff
    | RefusedInTransaction
    | Deleted
    | DefinerLeftOpen
    | GrantedToAll
    | TriggerDisabled
    | TakenAlong
    | NameCut
    | SettingKept
    | SettingLeft
    | SessionHolds
    | TransactionEnded
)


class Seen(Struct, frozen=True):
    """One change of the table that was called `table`, as `schema.table`, before what is new; of no table, it is empty.

    `at` is where what made it begins, and `statement` that: of several that were sent as one, the first that speaks of
    it. Where nobody could look on, `at` has no line and `statement` is empty. `lock` is the strongest that was held on
    the table behind it, empty where none was, and `after` how many pieces followed while it was. `read` and `written`:
    something new had read rows before and may have kept them, or had written some, or would have, had there been any.
    `keeper`: where begins what may have kept something of gone rows. `source` is who says so, or with which rows it was
    seen, if not without; `made_up`: those were. `of` is the table that it was a partition of, where it was one.
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
    made_up: bool = False
    of: str = ""
    keeper: Location | None = None
