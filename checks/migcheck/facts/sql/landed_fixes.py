"""What to do about what has landed, which nobody may edit, and the target that is asked has not run yet. Pure."""

from migcheck.facts.sql.left_behind import (
    DefinerLeftOpen,
    GrantedToAll,
    SessionHolds,
    SettingKept,
    SettingLeft,
    TriggerDisabled,
)
from migcheck.facts.sql.locked import Locked
from migcheck.facts.sql.observation import (
    Change,
    ColumnMadeRequired,
    DomainChecked,
    IndexBuilt,
    IndexDropped,
    PartitionChecked,
    ReadMeanwhile,
    RefusedInTransaction,
    Reindexed,
    RequiredColumnAdded,
    RestChecked,
    Rewritten,
    Rezoned,
    RowSecurityOff,
    Seen,
    TransactionEnded,
    Validated,
    WorkedThrough,
)
from migcheck.facts.sql.refused_rows import found_by
from migcheck.facts.sql.release import Broken
from migcheck.facts.sql.row_counts import RowsWritten
from migcheck.facts.sql.rows import Gone, Question, RowFault

Placed = Seen | Broken | RowFault | Question | Gone | Locked | RowsWritten
"""What stands at a place of a migration."""
_QUIET = "let it run when nobody needs the table for that long."


def fix_of_landed(of: Placed) -> str:
    """What a person does before a deploy to that target, or with it."""
    return f"It has landed, and the target has not run it yet: {_fix(of)}"


def _fix(of: Placed) -> str:
    match of:
        case RowFault() | Question():
            return f"it fails while there is such a row. Mend that first.{f' {found_by(of)}' if of.select else ''}"
        case Seen(change=change):
            return _of_seen(change)
        case Locked() | RowsWritten():
            return _QUIET
        case _:
            return "see to it that nothing there needs what it takes away."


def _of_seen(change: Change) -> str:
    match change:
        case ColumnMadeRequired():
            told = "it fails while there is such a row. Mend that first."
        case RequiredColumnAdded(column=column):
            told = (
                "it fails while the table has a row. Where no database has run it, give the column a default in its "
                "file. Else take the rows out before the deploy, and put them back behind it with a value for "
                f"{column}."
            )
        case (
            Rewritten()
            | Rezoned()
            | Validated()
            | DomainChecked()
            | IndexBuilt()
            | IndexDropped()
            | Reindexed()
            | PartitionChecked()
            | RestChecked()
            | WorkedThrough()
            | ReadMeanwhile()
        ):
            told = _QUIET
        case RowSecurityOff() | DefinerLeftOpen() | GrantedToAll() | TriggerDisabled():
            told = "mend what it leaves behind by a new migration, which the same deploy runs."
        case RefusedInTransaction():
            told = 'it fails in a transaction. Give it `transaction = "none"` under [[migration]].'
        case SettingKept(next=following, setting=setting):
            told = (
                f"there the two run together. Begin {following} with `RESET {setting};` where that has not landed; "
                "else see to it that it does the same with this setting."
            )
        case SettingLeft() | SessionHolds():
            told = (
                "it stays until the connection of that deploy ends. `migcheck apply` ends it; where an application "
                "migrates on its own pool, start that anew."
            )
        case TransactionEnded():
            told = "where it fails there, see what is left before you try again."
        case _:
            told = "see to it that nothing there needs what it takes away."
    return told
