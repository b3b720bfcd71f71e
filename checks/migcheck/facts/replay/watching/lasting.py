"""What of all that was done to a table still is so in the end."""

from collections.abc import Mapping

from migcheck.facts.sql.observation import (
    Change,
    ColumnDropped,
    ColumnMadeRequired,
    ColumnRenamed,
    Deleted,
    Emptied,
    IndexDropped,
    LeftNotValid,
    PartitionDetached,
    RowSecurityOff,
    Seen,
    TableDropped,
    TableRenamed,
)
from migcheck.postgres.table import Column, Table


def lasts(seen: Seen, first: Table, last: Table | None, names: frozenset[str]) -> bool:
    """Whether it still is so in the end, where `last` is what became of the table `first`, and `names` are in use.

    What was undone is not, nor what has its old name again and may have its rows: they were read, or some written.
    """
    columns: Mapping[int, Column] = {} if last is None else last.columns
    there = {each.name for each in columns.values()}
    match seen.change:
        case TableDropped():
            over = last is not None or (seen.read and seen.table in names)
        case TableRenamed(taken=taken):
            over = seen.table in names and not taken
        case ColumnRenamed(column=column, taken=taken):
            over = column in there and not taken
        case ColumnDropped(column=column, generated=generated):
            undone = any(number in columns for number, each in first.columns.items() if each.name == column)
            over = undone or (column in there and (generated or seen.written))
        case ColumnMadeRequired(column=column):
            over = any(each.required for each in first.columns.values() if each.name == column)
        case Emptied():
            over = last is not None and last.files == first.files
        case PartitionDetached():
            # What is dropped then is told as that.
            over = last is None or bool(last.parent)
        case RowSecurityOff():
            over = last is not None and last.guarded
        case Deleted() | IndexDropped() | LeftNotValid():
            over = last is None or _is_held(seen.change, last)
        case _:
            over = False
    return not over


def _is_held(change: Change, last: Table) -> bool:
    """Whether it is a constraint that `last` has no more, or that was validated since."""
    left = {each.name for each in last.constraints.values() if not each.validated}
    return isinstance(change, LeftNotValid) and change.constraint not in left
