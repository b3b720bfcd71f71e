"""Which rows it is that a new migration fails with, and a SELECT that finds them where the migration has not run."""

import re
from collections.abc import Collection, Iterator

from migcheck.facts.replay.watching.casting import is_plain
from migcheck.facts.replay.with_rows.newcomers import stays_empty
from migcheck.facts.replay.with_rows.retyping import is_cast, refuses, takes_all
from migcheck.facts.replay.with_rows.selecting import new_parent, rows_of, select_of, unheld
from migcheck.facts.replay.with_rows.suspicion import Change, DemandOf, Suspect
from migcheck.facts.sql.misfit import Excluded, Misfit, NoValue, Orphaned, Repeated, Taken, Unexplained, Unfit, Unheld
from migcheck.facts.sql.observation import ColumnMadeRequired, IndexBuilt, RequiredColumnAdded, Seen, Validated
from migcheck.facts.sql.rows import RowFault
from migcheck.finding import Location
from migcheck.postgres.filling.demands import Demand, Holds
from migcheck.postgres.running.failure import SqlFailure
from migcheck.postgres.table import Column, Table
from migcheck.regex import regex
from migcheck.sql_names import bare, quoted_always

# In a DO block it may be skipped, or its error caught; and a default that is taken back has filled it.
_ADDS = regex(r"(?is)alter\s+table\b(?!.*\bdefault\b)")
# A value that a type does not take: too long, out of its range, or no value of it at all.
_UNFIT = frozenset({"22001", "22003", "22007", "22008", "22P02", "22023"})


def suspects(failure: SqlFailure, change: Change, demand_of: DemandOf) -> Iterator[Suspect]:
    """What may have been refused, the likeliest first."""
    named = failure.named
    table = change.called(named.schema, named.table)
    at = failure.at
    change = change.until(at, failure.statement)
    if failure.sqlstate in _UNFIT:
        yield from _retyped(failure, change)
    elif table is not None:
        misfit = _misfit(failure, change, table)
        yield _suspect(change, table, misfit, demand_of(table.oid, named.constraint), at)


def demanded(seen: Seen, change: Change, demand_of: DemandOf) -> Suspect | None:
    """What is refused where there are such rows, of something that was seen to be asked of all of them."""
    table = next((each for each in change.before.values() if each.name == seen.table), None)
    if table is None:
        return None
    name = ""
    match seen.change:
        # Before those that bind a name: a pattern that does not match may have bound its own.
        case ColumnMadeRequired(column=column, added=False):
            misfit: Misfit = NoValue(column)
        case RequiredColumnAdded(column=column) if _ADDS.match(seen.statement):
            misfit = NoValue(column)
        case IndexBuilt(index=name, unique=True):
            misfit = Repeated(name)
        case IndexBuilt(index=name, key="EXCLUDE"):
            misfit = Excluded(name)
        case Validated(constraint=name, foreign=foreign):
            misfit = Orphaned(name) if foreign else Unheld(name)
        case _:
            return None
    demand = demand_of(table.oid, name) if name else None
    return _suspect(change.until(seen.at), table, misfit, demand, seen.at)


def _suspect(change: Change, table: Table, misfit: Misfit, demand: Demand | None, at: Location) -> Suspect:
    parent = new_parent(change, demand)
    empty = bool(parent) and stays_empty(parent, change.new, at)
    select = select_of(change, table, misfit, demand, to_nothing=empty)
    select = select or _unheld_when_cast(change, demand)
    filled = bool(parent) and not empty and not select
    why = f"{parent} is new, and what is new may have filled it by then" if filled else ""
    return Suspect(table.name, misfit, select, why)


def _unheld_when_cast(change: Change, demand: Demand | None) -> str:
    """A SELECT of rows that break a check by then, of columns that get other names or types which take all values.

    Empty where there is none that is true.
    """
    if not isinstance(demand, Holds):
        return ""
    was, now = change.before.get(demand.table), change.after.get(demand.table)
    if was is None or now is None or change.is_changed(was, demand.numbers):
        return ""
    columns = list[str]()
    for number in demand.numbers:
        one, other = was.columns.get(number), now.columns.get(number)
        if one is None or other is None:
            return ""
        if one.kind == other.kind:
            columns.append(f"{quoted_always(one.name)} as {quoted_always(other.name)}")
        elif takes_all(one, other) and is_cast(change, was, now, number):
            columns.append(f"{quoted_always(one.name)}::{other.type} as {quoted_always(other.name)}")
        else:
            return ""
    return rows_of(was, unheld(demand.says, columns), alone=demand.alone) if columns else ""


def fault_of(failure: SqlFailure, suspect: Suspect | None, tables: Collection[str]) -> RowFault:
    """The fault, by what was found out; else by the first of `tables` that the statement names."""
    if suspect is not None:
        return RowFault(failure, suspect.table, suspect.misfit, suspect.select, why=suspect.why)
    return RowFault(failure, next(iter(speaking_of(failure, tables)), ""))


def speaking_of(failure: SqlFailure, tables: Collection[str]) -> list[str]:
    """Those of `tables` that the statement names."""
    words = set(re.findall(r"[\w$]+", failure.statement))
    return [each for each in tables if bare(each) in words]


def _misfit(failure: SqlFailure, change: Change, table: Table) -> Misfit:
    named = failure.named
    match failure.sqlstate:
        case "23502":
            was = _column_of(change, table, named.column)
            return NoValue(named.column if was is None else was.name)
        case "23505":
            now = change.after.get(table.oid)
            # What is made anew by the same name was not there.
            there = {each.name for oid, each in table.indexes.items() if now is None or oid in now.indexes}
            return Taken(named.constraint) if named.constraint in there else Repeated(named.constraint)
        case "23514" if named.constraint:
            return Unheld(named.constraint)
        case "23P01" if named.constraint:
            return Excluded(named.constraint)
        case "23503" if named.constraint:
            return Orphaned(named.constraint)
        case _:
            return Unexplained()


def _column_of(change: Change, table: Table, name: str) -> Column | None:
    """The column, as it was, that has this name now."""
    now = change.after.get(table.oid)
    number = next((number for number, each in now.columns.items() if each.name == name), None) if now else None
    return None if number is None else table.columns.get(number)


def _retyped(failure: SqlFailure, change: Change) -> Iterator[Suspect]:
    """Columns of another type that the statement names."""
    said, plain = failure.statement, is_plain(failure.statement)
    words = set(re.findall(r"[\w$]+", said))
    for oid, was in change.before.items():
        now = change.after.get(oid)
        for number, column in sorted(was.columns.items()) if now is not None else ():
            then = now.columns.get(number) if now is not None else None
            if then is None or then.kind == column.kind or not _speaks(said, words, {column.name, then.name}):
                continue
            known = plain and not change.is_changed(was, [number])
            condition = refuses(column, then, change) if known else ""
            yield Suspect(was.name, Unfit(column.name), rows_of(was, condition) if condition else "")


def _speaks(said: str, words: Collection[str], names: Collection[str]) -> bool:
    """Whether the statement has one of these names, which may be more than a word."""
    return any(
        each in words or (re.fullmatch(r"[\w$]+", each) is None and quoted_always(each) in said) for each in names
    )
