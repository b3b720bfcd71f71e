"""A SELECT that finds rows which break what is asked of them now, where that is not asked yet."""

from collections.abc import Sequence

from migcheck.facts.replay.with_rows.suspicion import Change
from migcheck.facts.sql.misfit import Excluded, Misfit, NoValue, Orphaned, Repeated, Unheld
from migcheck.postgres.filling.demands import Demand, Distinct, Excludes, Holds, PointsTo
from migcheck.postgres.table import Table
from migcheck.sql_names import quoted_always


def select_of(change: Change, table: Table, misfit: Misfit, demand: Demand | None, *, to_nothing: bool) -> str:
    """It finds rows of `table` that are such, by what `demand` says of them; empty where none would be true.

    `to_nothing`: what they are to point to is new, and empty by then.
    """
    match misfit, demand:
        case NoValue(column), _:
            return _without_value(change, table, column)
        case Repeated(), Distinct():
            return _repeated(change, demand)
        case Unheld(), Holds():
            there = change.untouched(demand.table, demand.numbers)
            return "" if there is None else rows_of(there, f"not {demand.says}", alone=demand.alone)
        case Orphaned(), PointsTo():
            return _orphaned(change, demand, to_nothing=to_nothing)
        case Excluded(), Excludes():
            return _excluded(change, demand)
        case _:
            return ""


def _without_value(change: Change, table: Table, column: str) -> str:
    numbers = [number for number, each in table.columns.items() if each.name == column]
    if numbers:
        known = not change.is_changed(table, numbers)
        return rows_of(table, f"{quoted_always(column)} is null") if known else ""
    now = change.after.get(table.oid)
    added = [number for number, each in now.columns.items() if each.name == column] if now is not None else []
    return all_of(table.name) if change.empty(table.oid, added) else ""


def all_of(table: str) -> str:
    """A SELECT of every row of the table that is called so."""
    return f"select * from {table}"  # noqa: S608 - the catalogue's own word


def _repeated(change: Change, demand: Distinct) -> str:
    empty = change.empty(demand.table, demand.numbers) if demand.alike else {}
    there = _unchanged(change, demand, [each for each in demand.numbers if each not in empty])
    # What is new and NULL in each row is alike in all of them.
    told = [each for each in demand.keys if each not in empty.values()]
    if there is None or not told:
        return ""
    rows = _from(there, alone=demand.alone).removeprefix("from ")
    return twice_in(rows, told, demand.where, alike=demand.alike)


def twice_in(rows: str, keys: Sequence[str], where: str | None, *, alike: bool) -> str:
    """A SELECT of what several of `rows`, which may be a query, have alike in `keys`. `alike`: NULL is as NULL."""
    listed = ", ".join(keys)
    conditions = [where] if where else []
    conditions += [] if alike else [f"{each} is not null" for each in keys]
    found = [f"from {rows}", *(["where", " and ".join(conditions)] if conditions else [])]
    return " ".join(["select", f"{listed}, count(*)", *found, "group by", listed, "having count(*) > 1"])


def _unchanged(change: Change, demand: Distinct | Excludes, numbers: Sequence[int]) -> Table | None:
    """The table, where what it reads is as it was: it may read a row as a whole, which no number tells."""
    there = change.untouched(demand.table, numbers)
    whole = any(".*" in each for each in (*demand.keys, demand.where or ""))
    return None if there is not None and whole and change.is_changed(there, ()) else there


def _excluded(change: Change, demand: Excludes) -> str:
    there = _unchanged(change, demand, demand.numbers)
    if there is None:
        return ""
    names = [f"key{number}" for number, _ in enumerate(demand.keys, 1)]
    keys = f"lateral (select {', '.join(demand.keys)})"
    listed = ", ".join(names)
    where = [demand.where] if demand.where else []
    # A partition has rows at the same places as the next one.
    apart = "(other.tableoid, other.ctid) <> (one.tableoid, one.ctid)"
    meets = [f"mine.{name} {sign} its.{name}" for name, sign in zip(names, demand.operators, strict=True)]
    rows = _from(there, alone=demand.alone)
    other = f"select {rows} other, {keys} its({listed}) where {' and '.join([*where, apart, *meets])}"
    return f"select one.* {rows} one, {keys} mine({listed}) where {' and '.join([*where, f'exists ({other})'])}"


def _orphaned(change: Change, demand: PointsTo, *, to_nothing: bool) -> str:
    if demand.to in change.before:
        child, parent = change.untouched(demand.table, demand.numbers), change.untouched(demand.to, demand.keys)
        if child is None or parent is None:
            return ""
        names = [quoted_always(child.columns[each].name) for each in demand.numbers]
        keys = [quoted_always(parent.columns[each].name) for each in demand.keys]
        given = _given([f"child.{each}" for each in names], demand)
        equal = " and ".join(f"parent.{key} = child.{name}" for name, key in zip(names, keys, strict=True))
        there = f"select from {parent.name} parent where {equal}"
        rows = _from(child, alone=demand.alone)
        return " ".join(["select *", rows, "child where", given, f"and not exists ({there})"])
    return _pointing(change, demand) if to_nothing else ""


def new_parent(change: Change, demand: Demand | None) -> str:
    """The table that rows are to point to, where that is new; empty where there is none."""
    if isinstance(demand, PointsTo) and demand.to not in change.before and demand.to in change.after:
        return change.after[demand.to].name
    return ""


def _pointing(change: Change, demand: PointsTo) -> str:
    """Those that point to anything at all."""
    now, given = change.after.get(demand.table), change.given(demand.table, demand.numbers)
    child = change.untouched(demand.table, given)
    added = [now.columns.get(each) for each in demand.numbers if each not in given] if now is not None else []
    # A new column that every row has a value in.
    if child is None or not all(each is not None and each.required for each in added):
        return ""
    rows = f"select * {_from(child, alone=demand.alone)}"
    if not given or (demand.full and added):
        return rows
    return f"{rows} where {_given([quoted_always(child.columns[each].name) for each in given], demand)}"


def _given(names: Sequence[str], demand: PointsTo) -> str:
    """Whether a row points anywhere, by these columns."""
    told = (" or " if demand.full else " and ").join(f"{each} is not null" for each in names)
    return f"({told})" if demand.full and len(names) > 1 else told


def unheld(says: str, values: Sequence[str]) -> str:
    """The condition that what `says` speaks of the `values` by their names, and is false of them."""
    return " ".join(["not (select", says, "from (select", ", ".join(values) + ") as given)"])


def rows_of(table: Table, condition: str, *, alone: bool = False) -> str:
    """A SELECT of those rows for which `condition` holds; `alone`: not of those that inherit from it."""
    # Both are the catalogue's own words, quoted where SQL needs it.
    return f"select * {_from(table, alone=alone)} where {condition}"


def _from(table: Table, *, alone: bool) -> str:
    return f"from only {table.name}" if alone else f"from {table.name}"
