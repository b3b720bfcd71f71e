"""What became of a table between two looks at it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Literal

from msgspec.structs import replace

from migcheck.facts.sql.conditions import columns_with_value
from migcheck.facts.sql.observation import (
    Cause,
    Change,
    ColumnDropped,
    ColumnMadeRequired,
    ColumnRenamed,
    DomainChecked,
    Emptied,
    IndexBuilt,
    IndexDropped,
    LeftNotValid,
    PartitionChecked,
    PartitionDetached,
    Reindexed,
    RequiredColumnAdded,
    Rewritten,
    Rezoned,
    RowSecurityOff,
    Seen,
    TableDropped,
    TableRenamed,
    Validated,
)
from migcheck.facts.sql.retype import Retype
from migcheck.postgres.table import Column, Table
from migcheck.regex import regex

_TIMES = {"timestamp without time zone", "timestamp with time zone"}
_SIZE = regex(r"\(\d+\)")
_ORDER = "it was put into the order of an index"


def changes(first: Table, before: Table, after: Table | None, *, counted: bool = False) -> Iterator[Change]:
    """What was done to the table `before`, that was `first` before what is new; `after` is None where it is gone.

    `counted`: the two are of one transaction, so how often it read the table between them is known.
    Of what is new itself, a column that is added and dropped again, nothing is told.
    """
    if after is None:
        if not first.materialized:
            yield TableDropped()
        return
    if first.materialized:
        yield from _of_view(before, after)
        return
    columns, detached = _of_columns(first, before, after), bool(before.parent and not after.parent)
    if first.parent:
        yield from [PartitionDetached()] if detached else ()
        # Nobody asks for a partition by its name, behind that neither.
        columns = (each for each in columns if not isinstance(each, ColumnRenamed))
    elif after.name != before.name == first.name:
        yield TableRenamed(after.name)
    yield from columns
    yield from _of_rows(before, after)
    for each in _read_through(before, after, counted=counted):
        # A foreign key of what it was a partition of is its own then, and CONCURRENTLY, which no transaction takes,
        # puts a check on it that says its bounds: nobody looked at rows for these.
        if not (detached and isinstance(each, Validated | LeftNotValid) and (each.foreign or not counted)):
            yield each
    yield from _indexes_dropped(first, before, after)
    if first.guarded and before.guarded and not after.guarded and not first.parent:
        yield RowSecurityOff()


def _of_view(before: Table, after: Table) -> Iterator[Change]:
    """What was done to a materialized view."""
    if before.files != after.files:
        cause, reason = (Cause.ORDERED, _ORDER) if after.clustered else (Cause.REFRESHED, "its query was run anew")
        yield Rewritten(reason, cause)
    yield from _indexes_built(before, after)


def _of_columns(first: Table, before: Table, after: Table) -> Iterator[Change]:
    for number, column in before.columns.items():
        now, old = after.columns.get(number), first.columns.get(number)
        if now is not None and now.required and not column.required and not _is_proven(before, column.name):
            yield ColumnMadeRequired((old or now).name, added=old is None)
        if old is None:
            continue
        if now is None:
            yield ColumnDropped(old.name, old.generated, column.name if column.name != old.name else "")
        elif now.name != column.name == old.name:
            yield ColumnRenamed(old.name, now.name)
    for column in _added(before, after):
        if column.required and not column.filled:
            yield RequiredColumnAdded(column.name, column.type)


def _is_proven(table: Table, column: str) -> bool:
    """Whether a check says already that `column` has a value: then the server does not look (ALTER TABLE's manual)."""
    checks = (each.says for each in table.constraints.values() if each.validated)
    return any(column in columns_with_value(each) for each in checks)


def _of_rows(before: Table, after: Table) -> Iterator[Change]:
    kept = before.files.keys() & after.files.keys()
    moved = [each for each in kept if before.files[each] != after.files[each]]
    if not moved:
        zoned = [str(each) for each in _retyped(before, after) if kept and _sizeless(each) == _TIMES]
        yield from [Rezoned("; ".join(zoned))] if zoned else ()
        return
    rewritten = _rewritten(before, after)
    # Who writes rows anew reads them (commands/tablecmds.c `ATRewriteTable`), who empties a table does not. Both build
    # each index again, from one reading of what is there then.
    if rewritten.cause is not Cause.OTHER or after.scans - before.scans > after.indexed:
        yield rewritten
    elif len(moved) == len(kept):
        yield Emptied()


def _rewritten(before: Table, after: Table) -> Rewritten:
    """That a table was rewritten, and what may have asked for it, the likeliest alone."""
    added = [each for each in _added(before, after) if each.filled]
    if retyped := tuple(_retyped(before, after)):
        return Rewritten("; ".join(map(str, retyped)), Cause.RETYPED, retyped=retyped)
    if added:
        cause = Cause.COMPUTED if all(each.generated for each in added) else Cause.FILLED
        return Rewritten("; ".join(f"{each.name} was added with a value for each row" for each in added), cause)
    if before.storage != after.storage:
        return Rewritten("it is stored in another way", Cause.STORED)
    if after.clustered:
        return Rewritten(_ORDER, Cause.ORDERED)
    return Rewritten("every row was written anew")


def _sizeless(retype: Retype) -> set[str]:
    """Its types without their sizes."""
    return {_SIZE.sub("", each) for each in (retype.was, retype.now)}


def _retyped(before: Table, after: Table) -> Iterator[Retype]:
    for number, column in before.columns.items():
        now = after.columns.get(number)
        if now is not None and now.kind != column.kind:
            yield Retype(now.name, column.type, now.type)


def _read_through(before: Table, after: Table, *, counted: bool) -> Iterator[Change]:
    constraints = {each.name for each in before.constraints.values()} if _is_remade(before, after) else set()
    held = {oid for oid, each in before.constraints.items() if each.validated}
    # The server believes a foreign key that comes with an empty column (parse_utilcmd.c `skipValidation`). Who builds
    # an index reads the table, too.
    believed = (
        counted and _added(before, after) and after.scans - before.scans <= max(0, after.indexed - before.indexed)
    )
    for oid, constraint in after.constraints.items():
        if constraint.name in constraints or oid in held:
            continue
        if not constraint.validated and oid not in before.constraints:
            yield LeftNotValid(constraint.name, constraint.foreign)
        elif constraint.validated and not (constraint.foreign and believed):
            yield Validated(constraint.name, constraint.foreign)
    yield from _domains_checked(before, after)
    yield from _indexes_built(before, after)
    if after.parent and not before.parent and _is_checked_as_part(before, after, counted=counted):
        yield PartitionChecked()


def _is_checked_as_part(before: Table, after: Table, *, counted: bool) -> bool:
    """With a check that says as much the server looks at no row (ALTER TABLE's manual, ATTACH PARTITION)."""
    if counted:
        return after.scans - before.scans > max(0, after.indexed - before.indexed)
    return after.bounded and not before.has_checks and not after.partitions


def _domains_checked(before: Table, after: Table) -> Iterator[Change]:
    """What domains ask of the rows that they did not: of a column that gets one, a new file tells."""
    columns = [(each, after.columns[number]) for number, each in before.columns.items() if number in after.columns]
    new = {
        oid: check.name
        for was, now in columns
        if was.kind == now.kind
        for oid, check in now.checks.items()
        if check.validated and not (oid in was.checks and was.checks[oid].validated)
    }
    yield from (DomainChecked(name) for name in new.values())


def _indexes_built(before: Table, after: Table) -> Iterator[Change]:
    indexes = {each.name for each in before.indexes.values()} if _is_remade(before, after) else set()
    for oid, index in after.indexes.items():
        # One that was there and is valid now was put together of what others had built.
        if index.valid and oid not in before.indexes and index.name not in indexes:
            yield IndexBuilt(index.name, index.unique, index.key)
    both = before.indexes.keys() & after.indexes.keys()
    if before.files == after.files and any(before.indexes[each].file != after.indexes[each].file for each in both):
        yield Reindexed()


def _indexes_dropped(first: Table, before: Table, after: Table) -> Iterator[Change]:
    """Those that DROP INDEX takes, and could CONCURRENTLY: not what is of a constraint, or goes with a column.

    Nor what is in partitions, or is one: an index of a partitioned table is dropped with all of its own.
    """
    columns_gone = bool(before.columns.keys() - after.columns.keys())
    if columns_gone or before.parent or before.oid not in before.files:
        return
    names = {each.name for each in after.indexes.values()}
    for oid, index in before.indexes.items():
        if oid in first.indexes and oid not in after.indexes and not index.key and index.name not in names:
            yield IndexDropped(index.name)


def _is_remade(before: Table, after: Table) -> bool:
    # A column of another type has what is on it made again, by the same names.
    return any(_retyped(before, after))


def _added(before: Table, after: Table) -> Sequence[Column]:
    return [each for number, each in after.columns.items() if number not in before.columns]


def adds(before: Table, after: Table | None) -> bool:
    """Whether columns came between the two."""
    return after is not None and bool(_added(before, after))


def alters(before: Table, after: Table | None) -> bool:
    """Whether columns came between the two, or got or lost a default: ALTER TABLE keeps everybody out for each."""
    then = before.columns
    return after is not None and any(
        number not in then or then[number].filled != each.filled for number, each in after.columns.items()
    )


def taken(seen: Seen, oid: int, tables: Mapping[str, int], there: Collection[int], *, read: bool) -> Seen:
    """The same of the table `oid`, where it says of a rename who has the old name.

    `tables` are those that have it now, by name, of which some were `there`.

    A view is no table: it shows the rows. Where something new has `read` them, they may be in the other table, and
    where that is above this one, as what it is a partition of or inherits from, they are.
    """
    if not isinstance(seen.change, TableRenamed) or seen.read or read or tables.get(seen.table) in (None, oid):
        return seen
    by: Literal["new", "there"] = "there" if tables[seen.table] in there else "new"
    return replace(seen, change=TableRenamed(seen.change.to, by))


def in_the_end(seen: Seen, first: Table, last: Table | None, *, written: bool) -> Seen:
    """The same, where it takes the end to tell it: `last` is what became of the table `first`, `written` since or not.

    What was emptied when its rows had been read may have them again. So may a column that has the name of another, and
    is `written`.
    """
    match seen.change:
        case Emptied() if seen.read and not seen.written and written:
            return replace(seen, change=Rewritten("it was emptied and filled again", Cause.REFILLED))
        case ColumnRenamed(column=column, to=to) if last is not None and not written:
            was = {number for number, each in first.columns.items() if each.name == column}
            others = {
                number for number, each in last.columns.items() if each.name == column and not each.generated
            } - was
            by: Literal["new", "there"] = "there" if others & first.columns.keys() else "new"
            return replace(seen, change=ColumnRenamed(column, to, by if others else ""))
        case _:
            return seen
