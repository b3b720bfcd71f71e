"""What became of a table between two looks at it."""

from collections.abc import Iterator, Mapping, Sequence

from migcheck.facts.observation import (
    Change,
    ColumnDropped,
    ColumnMadeRequired,
    ColumnRenamed,
    Emptied,
    IndexBuilt,
    RequiredColumnAdded,
    Rewritten,
    RowSecurityOff,
    Seen,
    TableDropped,
    TableRenamed,
    Validated,
)
from migcheck.postgres.tables import Column, Table


def changes(first: Table, before: Table, after: Table | None) -> Iterator[Change]:
    """Everything that was done to the table `before`, at first `first`; `after` is None where it is gone."""
    if after is None:
        yield TableDropped()
        return
    if after.name != before.name:
        yield TableRenamed(after.name)
    yield from _of_columns(first, before, after)
    yield from _of_rows(before, after)
    yield from _read_through(before, after)
    if before.guarded and not after.guarded:
        yield RowSecurityOff()


def _of_columns(first: Table, before: Table, after: Table) -> Iterator[Change]:
    for number, column in before.columns.items():
        now = after.columns.get(number)
        if now is None:
            yield ColumnDropped(column.name, column.generated)
            continue
        if now.name != column.name:
            yield ColumnRenamed(column.name, now.name)
        if now.required and not column.required and not _is_proven(before, column.name):
            yield ColumnMadeRequired(now.name, added=number not in first.columns)
    for column in _added(before, after):
        if column.required and not column.filled:
            yield RequiredColumnAdded(column.name, column.type)


def _is_proven(table: Table, column: str) -> bool:
    """Whether a check says already that `column` has a value: then the server does not look (ALTER TABLE's manual)."""
    told = {f"CHECK (({name} IS NOT NULL))" for name in (column, f'"{column}"')}
    return any(each.validated and each.says in told for each in table.constraints.values())


def _of_rows(before: Table, after: Table) -> Iterator[Change]:
    kept = before.files.keys() & after.files.keys()
    if all(before.files[each] == after.files[each] for each in kept):
        return
    # A rewritten table has another one for its long values, an emptied one keeps it (commands/cluster.c
    # `finish_heap_swap`, commands/tablecmds.c `ExecuteTruncateGuts`). Not every table has one.
    if before.toast and before.toast == after.toast:
        yield Emptied()
    elif reasons := "; ".join(_reasons(before, after)):
        yield Rewritten(reasons)
    else:
        yield Rewritten("its rows were moved") if before.toast else Emptied()


def _reasons(before: Table, after: Table) -> Iterator[str]:
    """What may have had a table rewritten, the likeliest alone."""
    added = [each.name for each in _added(before, after) if each.filled]
    if retyped := list(_retyped(before, after)):
        yield from retyped
    elif added:
        yield from (f"{name} was added with a value for each row" for name in added)
    elif before.storage != after.storage:
        yield "it is stored in another way"
    elif after.clustered:
        yield "it was put into the order of an index"
    elif any(each.generated for each in before.columns.values()):
        yield "a generated column has another expression"


def _retyped(before: Table, after: Table) -> Iterator[str]:
    for number, column in before.columns.items():
        now = after.columns.get(number)
        if now is not None and now.type != column.type:
            yield f"{now.name} was {column.type}, and is {now.type}"


def _read_through(before: Table, after: Table) -> Iterator[Change]:
    held = {oid for oid, each in before.constraints.items() if each.validated}
    for oid, constraint in after.constraints.items():
        if constraint.validated and oid not in held:
            yield Validated(constraint.name, constraint.foreign)
    built = {oid for oid, each in before.indexes.items() if each.valid}
    for oid, index in after.indexes.items():
        if index.valid and oid not in built:
            yield IndexBuilt(index.name, index.unique)


def _added(before: Table, after: Table) -> Sequence[Column]:
    return [each for number, each in after.columns.items() if number not in before.columns]


def lasts(seen: Seen, table: Table | None, names: frozenset[str]) -> bool:
    """Whether it still is so in the end, where `table` is what became of it and `names` are in use.

    What has its old name again, or is made anew by that name and holds no rows of its own, nobody misses.
    """
    columns: Mapping[int, Column] = {} if table is None else table.columns
    there = {each.name for each in columns.values()}
    match seen.change:
        case TableRenamed():
            return seen.table not in names
        case ColumnRenamed(column=column) | ColumnDropped(column=column, generated=True):
            return table is None or column not in there
        case _:
            return True
