"""Filling tables with rows that are made up: whatever the server takes of what is drawn."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from functools import partial
from time import monotonic

import psycopg
from msgspec import Struct
from psycopg import sql

from migcheck.postgres.filling.drawing import FEWEST, Drawing, Row
from migcheck.postgres.filling.filled import ANYWHERE, Avoided, Filled
from migcheck.postgres.filling.shape import Column, Foreign, Shape
from migcheck.postgres.running.ledger import Connection

NO_TIME = "there was no time left"
NONE_STAYED = "a trigger or a rule takes each away"
_MOST = 24
_MOST_LABELS = 200
_REPEATED = 8
_TRIES = 16
# How often a row is put into each table of a circle at once.
_OF_CIRCLE = 3
# How many seconds the checks of one table may be asked.
_ASKING = 1.0
# Of a table that has taken nothing by then, nothing that can be drawn is taken.
_PATIENCE = 3
_TIMEOUT = "set statement_timeout = '2s'"


def fill(connection: Connection, shapes: Sequence[Shape], avoided: Avoided, deadline: float) -> tuple[Filled, ...]:
    """Put rows into tables, which come behind those that they point to, until `deadline` on the monotonic clock.

    Must be called on the owner's own login: to insert a row runs triggers. Raises psycopg.OperationalError where the
    connection is lost.
    """
    connection.execute(_TIMEOUT)
    filler = _Filler(connection, _pointed_to(shapes), avoided, deadline, {})
    circles = {each.name: circle for circle in _circles_of(shapes) for each in circle}
    found: list[Filled] = []
    for each in shapes:
        if circle := circles.get(each.name):
            filler.begin(circle)
        found.append(filler.fill(each))
    for number, each in enumerate(shapes):
        behind = {one.name for one in shapes[number + 1 :]}
        for foreign in each.foreign:
            if foreign.to in behind:
                filler.point(each, foreign)
    return tuple(found)


def row_count(connection: Connection, table: str) -> int:
    """How many rows the table has that is called so, quoted where SQL needs it."""
    found = connection.execute(sql.SQL("select count(*) from {}").format(sql.SQL(table)), prepare=False)
    return sum(int(str(count)) for (count,) in found)


def refresh(connection: Connection, views: Iterable[str], deadline: float) -> None:
    """Fill materialized views anew, each behind what it reads, until `deadline`; one that is refused stays as it is.

    Raises psycopg.OperationalError where the connection is lost.
    """
    connection.execute(_TIMEOUT)
    for each in views:
        if monotonic() > deadline:
            break
        try:
            connection.execute(sql.SQL("refresh materialized view {}").format(sql.SQL(each)), prepare=False)
        except psycopg.Error:
            if connection.broken:
                raise


class _RefusedError(Exception):
    """What was drawn is drawn anew."""


class _Filler(Struct, frozen=True):
    connection: Connection
    keys: Mapping[str, Sequence[str]]
    avoided: Avoided
    deadline: float
    parents: dict[str, list[Row]]

    def begin(self, circle: Sequence[Shape]) -> None:
        """A few rows for each table of a circle, of which none can be the first."""
        names = {each.name for each in circle}
        if names & set(self.avoided.empty) or any(row_count(self.connection, each) for each in names):
            return
        drawings = [Drawing(each, self.parents, self.avoided.ends) for each in circle]
        for number in range(_OF_CIRCLE):
            if not any(self._begun(drawings, number, tries) for tries in range(_TRIES)):
                break
        for each in circle:
            self.parents[each.name] = self._there(each)

    def _begun(self, drawings: Sequence[Drawing], number: int, tries: int) -> bool:
        """Whether a row of each is taken, all in one statement: behind that the server looks at foreign keys."""
        if monotonic() > self.deadline:
            return False
        given = {each.shape.name: dict(each.keys(self.keys[each.shape.name], tries)) for each in drawings}
        inserts = []
        for place, drawing in enumerate(drawings):
            name, own = drawing.shape.name, given[drawing.shape.name]
            row = {**drawing.new(number, tries), **own}
            for foreign in (each for each in drawing.shape.demanded if each.to in given):
                row |= {column: given[foreign.to].get(key) for column, key in foreign.pairs}
            own |= {key: row[key] for key in own}
            inserts.append(sql.SQL("{} as ({})").format(sql.Identifier(f"row{place}"), _insert_of(name, row, ())))
        try:
            self._write(given, sql.SQL("with {} select").format(sql.SQL(", ").join(inserts)))
        except _RefusedError:
            return False
        return True

    def point(self, shape: Shape, foreign: Foreign) -> None:
        """Let some rows point to a table that was filled behind theirs: where they may, they were begun without."""
        nothing = sql.SQL("select ctid from {} where num_nulls({}) > 0 limit 1").format(
            sql.SQL(shape.name), sql.SQL(", ").join(map(sql.Identifier, foreign.columns))
        )
        for parent in self.parents[foreign.to][:_REPEATED] if monotonic() < self.deadline else ():
            pairs = (sql.SQL("{} = {}").format(sql.Identifier(name), parent[key]) for name, key in foreign.pairs)
            query = sql.SQL("update {} set {} where ctid = ({})")
            with suppress(_RefusedError):
                self._write([shape.name], query.format(sql.SQL(shape.name), sql.SQL(", ").join(pairs), nothing))

    def fill(self, shape: Shape) -> Filled:
        self.parents[shape.name] = self._there(shape)
        if shape.name in self.avoided.empty:
            count = row_count(self.connection, shape.name)
            return Filled(shape.name, count, "" if count else "it fails with any")
        drawing = Drawing(shape, self.parents, self.avoided.ends)
        drawing.narrow(partial(self._takes, min(self.deadline, monotonic() + _ASKING)))
        taken, refusal = list[Row](), ""
        for number in range(_wanted(shape)):
            match self._first_taken(shape, drawing.tried(number, _TRIES)):
                case str(why):
                    refusal = why
                    if not taken and number + 1 >= _PATIENCE:
                        break
                case row:
                    taken.append(row)
        for number, row in enumerate(taken[:_REPEATED]):
            again = drawing.repeated(row, number)
            self._first_taken(shape, [drawing.bare(again), again] if number == _REPEATED - 1 else [again])
        count = row_count(self.connection, shape.name)
        return Filled(shape.name, count, "" if count else refusal or NONE_STAYED)

    def _takes(self, deadline: float, column: Column, value: str | None, checks: Sequence[str]) -> bool:
        """Whether `value` is one of the type and holds the checks; it may be, where there is no time to ask."""
        if monotonic() > deadline:
            return True
        holds = sql.SQL(" and ").join(sql.SQL("({}) is not false").format(sql.SQL(each)) for each in checks)
        query = sql.SQL("select from (select {}::{} as {}) given where {}").format(
            sql.Literal(value), sql.SQL(column.type), sql.Identifier(column.name), holds
        )
        try:
            return self.connection.execute(query, prepare=False).fetchone() is not None
        except psycopg.Error:
            if self.connection.broken:
                raise
            return False

    def _first_taken(self, shape: Shape, drawn: Iterable[Row]) -> Row | str:
        """The first of what is `drawn` that the server takes, else why the last was not."""
        why = NO_TIME
        for row in drawn:
            if monotonic() > self.deadline:
                return NO_TIME
            try:
                self.parents[shape.name].append(self._insert(shape, row))
            except _RefusedError as refused:
                why = str(refused)
            else:
                return row
        return why

    def _insert(self, shape: Shape, row: Row) -> Row:
        """Insert `row`; of it what foreign keys point to. Raises _RefusedError where it is not to be there."""
        names = self.keys.get(shape.name, ())
        found = self._write([shape.name], _insert_of(shape.name, row, names))
        if names and found is None:
            raise _RefusedError(NONE_STAYED)
        return _row(names, found or ())

    def _write(self, tables: Iterable[str], query: sql.Composed) -> tuple[object, ...] | None:
        """Write to `tables`; the row that it returns. Raises _RefusedError where that is not to be there."""
        never = [select for each in (*tables, ANYWHERE) for select in self.avoided.never.get(each, ())]
        try:
            with self.connection.transaction() if never else nullcontext():
                cursor = self.connection.execute(query, prepare=False)
                found = cursor.fetchone() if cursor.description else None
                if any(self._finds(each) for each in never):
                    raise _RefusedError("each that was tried is one of those")
                return found
        except psycopg.Error as error:
            if self.connection.broken:
                raise
            raise _RefusedError(error.diag.message_primary or str(error)) from error

    def _finds(self, select: str) -> bool:
        return self.connection.execute(select.encode(), prepare=False).fetchone() is not None

    def _there(self, shape: Shape) -> list[Row]:
        """Rows that the migrations themselves have put there."""
        names = self.keys.get(shape.name, ())
        query = sql.SQL("select {} from {} limit {}").format(_as_texts(names), sql.SQL(shape.name), _MOST)
        return [_row(names, each) for each in self.connection.execute(query, prepare=False)] if names else []


def _wanted(shape: Shape) -> int:
    """How many rows that differ: enough for each label of an enum, and for NULL."""
    labels = max((len(each.kind.labels) + (not each.required) for each in shape.columns), default=0)
    return min(max(FEWEST, labels), _MOST_LABELS)


def _pointed_to(shapes: Iterable[Shape]) -> Mapping[str, Sequence[str]]:
    """The columns of each table that foreign keys point to."""
    found: dict[str, dict[str, None]] = {}
    for foreign in (each for shape in shapes for each in shape.foreign):
        found.setdefault(foreign.to, {}).update(dict.fromkeys(foreign.keys))
    return {name: list(keys) for name, keys in found.items()}


def _circles_of(shapes: Sequence[Shape]) -> Iterator[tuple[Shape, ...]]:
    """Circles of foreign keys: tables in which there can be no row before the next has one; it may be one table."""
    demands = {each.name: {foreign.to for foreign in each.demanded} for each in shapes}
    reached = {name: _reached(name, demands) for name in demands}
    told = set[str]()
    for shape in shapes:
        if shape.name in reached[shape.name] and shape.name not in told:
            circle = [each for each in shapes if shape.name in reached[each.name] and each.name in reached[shape.name]]
            told |= {each.name for each in circle}
            yield tuple(circle)


def _reached(name: str, demands: dict[str, set[str]]) -> set[str]:
    found, left = set[str](), [name]
    while left:
        new = demands.get(left.pop(), set()) - found
        found |= new
        left += new
    return found


def _insert_of(table: str, row: Row, names: Sequence[str]) -> sql.Composed:
    returning = sql.SQL(" returning {}").format(_as_texts(names)) if names else sql.SQL("")
    if not row:
        return sql.SQL("insert into {} default values{}").format(sql.SQL(table), returning)
    return sql.SQL("insert into {} ({}) overriding system value values ({}){}").format(
        sql.SQL(table),
        sql.SQL(", ").join(map(sql.Identifier, row)),
        sql.SQL(", ").join(map(sql.Literal, row.values())),
        returning,
    )


def _as_texts(names: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.SQL("{}::pg_catalog.text").format(sql.Identifier(each)) for each in names)


def _row(names: Sequence[str], values: Sequence[object]) -> Row:
    return {name: None if value is None else str(value) for name, value in zip(names, values, strict=True)}
