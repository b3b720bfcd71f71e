"""Which rows it is that a new migration fails with, and a SELECT that finds them where the migration has not run."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from msgspec import Struct
from psycopg import sql

from migcheck.facts.lint.names import quoted
from migcheck.facts.observation import ColumnMadeRequired, IndexBuilt, Seen, Validated
from migcheck.facts.rows import Misfit, NoValue, Orphaned, Repeated, RowFault, Taken, Unexplained, Unfit, Unheld
from migcheck.postgres.failure import SqlFailure
from migcheck.postgres.filling.demands import Demand, Distinct, Holds, PointsTo
from migcheck.postgres.table import Column, Table

# A value that a type does not take: too long, out of its range, or no value of it at all.
_UNFIT = frozenset({"22001", "22003", "22007", "22008", "22P02", "22023"})
_RANGES = {"smallint": 15, "integer": 31, "bigint": 63}
_NUMBER = re.compile(r"smallint|integer|bigint|numeric|real|double precision")
_LENGTH = re.compile(r"(?:character varying|character|varchar|char)\((\d+)\)")
_PRECISION = re.compile(r"numeric\((\d+),(-?\d+)\)")
# `USING "status"::"public"."status"`: anything else may take what the type itself does not.
_PLAIN = re.compile(r"""\busing\s+\(*"?[\w$]+"?\)*\s*::\s*[\w."$ ]+(?:\([\d, ]+\))?(?:\[\])*\s*;?\s*$""", re.IGNORECASE)
_USING = re.compile(r"\busing\b", re.IGNORECASE)
_TEXT = re.compile(r"text|(?:character|character varying)(?:\(\d+\))?|citext")


DemandOf = Callable[[int, str], Demand | None]
"""What the constraint or index of that name demands of the table with that oid."""


class Suspect(Struct, frozen=True):
    """What may have been refused: rows of `table`, that a `select` finds."""

    table: str
    misfit: Misfit
    select: str = ""


class Change(Struct, frozen=True):
    """What the tables were `before` what is new, and are `after` it, by oid; and which of them it wrote rows of.

    `labels` are those of the enums that columns have after it, by the number of the type and its modifier.
    """

    before: Mapping[int, Table]
    after: Mapping[int, Table]
    written: Collection[str]
    labels: Mapping[str, Sequence[str]]

    def called(self, schema: str, name: str) -> Table | None:
        """The table, as it was, that is called so now, or was."""
        told = {f"{one}.{other}" for one in _as_written(schema) for other in _as_written(name)}
        for tables in (self.after, self.before):
            for oid, each in tables.items():
                if each.name in told and oid in self.before:
                    return self.before[oid]
        return None

    def empty(self, oid: int, numbers: Collection[int]) -> Mapping[int, str]:
        """Which of these columns are new and have no value in any row, as SQL calls them."""
        was, now = self.before.get(oid), self.after.get(oid)
        if was is None or now is None or was.name in self.written:
            return {}
        added = {each: now.columns[each] for each in numbers if each in now.columns and each not in was.columns}
        return {number: quoted(each.name) for number, each in added.items() if not (each.filled or each.generated)}

    def untouched(self, oid: int, numbers: Collection[int]) -> Table | None:
        """The table, where these of its columns were there and are as they were: so are their values."""
        was, now = self.before.get(oid), self.after.get(oid)
        if was is None or now is None or was.name in self.written:
            return None
        pairs = [(was.columns.get(each), now.columns.get(each)) for each in numbers]
        return was if all(one and other and _is_same(one, other) for one, other in pairs) else None


def suspects(failure: SqlFailure, change: Change, demand_of: DemandOf) -> Iterator[Suspect]:
    """What may have been refused, the likeliest first."""
    named = failure.named
    table = change.called(named.schema, named.table)
    if failure.sqlstate in _UNFIT:
        yield from _retyped(failure, change)
    elif table is not None:
        misfit = _misfit(failure, change, table)
        yield Suspect(table.name, misfit, _select(change, table, misfit, demand_of(table.oid, named.constraint)))


def demanded(seen: Seen, change: Change, demand_of: DemandOf) -> Suspect | None:
    """What is refused where there are such rows, of something that was seen to be asked of all of them."""
    table = next((each for each in change.before.values() if each.name == seen.table), None)
    if table is None:
        return None
    match seen.change:
        case ColumnMadeRequired(column=column, added=False):
            return Suspect(table.name, NoValue(column), _select(change, table, NoValue(column), None))
        case IndexBuilt(index=name, unique=True):
            misfit: Misfit = Repeated(name)
        case Validated(constraint=name, foreign=foreign):
            misfit = Orphaned(name) if foreign else Unheld(name)
        case _:
            return None
    return Suspect(table.name, misfit, _select(change, table, misfit, demand_of(table.oid, name)))


def fault_of(failure: SqlFailure, suspect: Suspect | None, tables: Collection[str]) -> RowFault:
    """The fault, by what was found out; else by the first of `tables` that the statement names."""
    if suspect is not None:
        return RowFault(failure, suspect.table, suspect.misfit, suspect.select)
    words = set(re.findall(r"[\w$]+", failure.statement))
    named = next((each for each in tables if each.rpartition(".")[2].strip('"') in words), "")
    return RowFault(failure, named)


def _misfit(failure: SqlFailure, change: Change, table: Table) -> Misfit:
    named = failure.named
    match failure.sqlstate:
        case "23502":
            was = _column_of(change, table, named.column)
            return NoValue(named.column if was is None else was.name)
        case "23505":
            there = {each.name for each in table.indexes.values()}
            return Taken(named.constraint) if named.constraint in there else Repeated(named.constraint)
        case "23514" if named.constraint:
            return Unheld(named.constraint)
        case "23503" if named.constraint:
            return Orphaned(named.constraint)
        case _:
            return Unexplained()


def _select(change: Change, table: Table, misfit: Misfit, demand: Demand | None) -> str:
    match misfit, demand:
        case NoValue(column), _:
            known = table.name not in change.written and any(each.name == column for each in table.columns.values())
            return _rows_of(table, f"{_quoted(column)} is null") if known else ""
        case Repeated(), Distinct():
            return _repeated(change, demand)
        case Unheld(), Holds():
            there = change.untouched(demand.table, demand.numbers)
            return "" if there is None else _rows_of(there, f"not {demand.says}", alone=demand.alone)
        case Orphaned(), PointsTo():
            return _orphaned(change, demand)
        case _:
            return ""


def _column_of(change: Change, table: Table, name: str) -> Column | None:
    """The column, as it was, that has this name now."""
    now = change.after.get(table.oid)
    number = next((number for number, each in now.columns.items() if each.name == name), None) if now else None
    return None if number is None else table.columns.get(number)


def _repeated(change: Change, demand: Distinct) -> str:
    empty = change.empty(demand.table, demand.numbers) if demand.alike else {}
    there = change.untouched(demand.table, [each for each in demand.numbers if each not in empty])
    # What is new and NULL in each row is alike in all of them.
    told = [each for each in demand.keys if each not in empty.values()]
    if there is None or not told:
        return ""
    keys = ", ".join(told)
    conditions = [demand.where] if demand.where else []
    conditions += [] if demand.alike else [f"{each} is not null" for each in told]
    rows = [_from(there, alone=demand.alone), *(["where", " and ".join(conditions)] if conditions else [])]
    return " ".join(["select", f"{keys}, count(*)", *rows, "group by", keys, "having count(*) > 1"])


def _orphaned(change: Change, demand: PointsTo) -> str:
    child, parent = change.untouched(demand.table, demand.numbers), change.untouched(demand.to, demand.keys)
    if child is None or parent is None:
        return ""
    names = [_quoted(child.columns[each].name) for each in demand.numbers]
    keys = [_quoted(parent.columns[each].name) for each in demand.keys]
    given = " and ".join(f"child.{each} is not null" for each in names)
    equal = " and ".join(f"parent.{key} = child.{name}" for name, key in zip(names, keys, strict=True))
    there = f"select from {parent.name} parent where {equal}"
    rows = _from(child, alone=demand.alone)
    return " ".join(["select *", rows, "child where", given, f"and not exists ({there})"])


def _retyped(failure: SqlFailure, change: Change) -> Iterator[Suspect]:
    """Columns of another type that the statement names."""
    said, plain = failure.statement, _is_plain(failure.statement)
    words = set(re.findall(r"[\w$]+", said))
    for oid, was in change.before.items():
        now = change.after.get(oid)
        for number, column in sorted(was.columns.items()) if now is not None else ():
            then = now.columns.get(number) if now is not None else None
            if then is None or then.kind == column.kind or not words & {column.name, then.name}:
                continue
            known = plain and was.name not in change.written
            condition = _refuses(column, then, change.labels) if known else ""
            yield Suspect(was.name, Unfit(column.name), _rows_of(was, condition) if condition else "")


def _is_plain(statement: str) -> bool:
    """Whether each value is made one of the new type by nothing but a cast."""
    used = len(_USING.findall(statement))
    return used == 0 or (used == 1 and _PLAIN.search(statement) is not None)


def _refuses(was: Column, then: Column, labels: Mapping[str, Sequence[str]]) -> str:
    """A condition that holds for values of the column `was` which the type of `then` does not take.

    Empty where none is known.
    """
    name = _quoted(was.name)
    if then.kind in labels:
        told = ", ".join(sql.Literal(each).as_string() for each in labels[then.kind])
        return f"{name}::text <> all (array[{told}])"
    if length := _LENGTH.fullmatch(then.type):
        # Blanks behind the last character that fits are cut off without a word (PostgreSQL's manual, 8.3).
        return f"char_length(rtrim({name}::text)) > {length[1]}"
    if precision := _PRECISION.fullmatch(then.type):
        digits, scale = int(precision[1]), int(precision[2])
        # NaN is more than any number, and any numeric takes it.
        return f"abs(round(nullif({name}::numeric, 'NaN'), {scale})) >= 1e{digits - scale}"
    if then.type in _RANGES and _NUMBER.match(was.type):
        most = 2 ** _RANGES[then.type]
        return f"round({name}::numeric) not between {-most} and {most - 1}"
    if not _TEXT.fullmatch(was.type):
        # There a cast is a function of its own, which need not read what the one writes.
        return ""
    return f"not pg_input_is_valid({name}::text, {sql.Literal(then.type).as_string()})"


def _rows_of(table: Table, condition: str, *, alone: bool = False) -> str:
    # Both are the catalogue's own words, quoted where SQL needs it.
    return f"select * {_from(table, alone=alone)} where {condition}"


def _from(table: Table, *, alone: bool) -> str:
    return f"from only {table.name}" if alone else f"from {table.name}"


def _is_same(was: Column, now: Column) -> bool:
    return (was.name, was.kind) == (now.name, now.kind)


def _quoted(name: str) -> str:
    return sql.Identifier(name).as_string()


def _as_written(name: str) -> tuple[str, str]:
    return name, _quoted(name)
