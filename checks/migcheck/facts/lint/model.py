"""The tables as they are said to be: what landed, and what statements that are read make of it, one after another.

A table is what a look at a server would give, so what became of one is told by the code that compares two looks.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from msgspec.structs import replace

from migcheck.drizzle import schema
from migcheck.facts.lint.told import PUBLIC, beside, enums_of, table_of
from migcheck.facts.replay.watching import locks
from migcheck.facts.replay.watching.naming import Spoken, spoken_in
from migcheck.postgres.table import Column, Constraint, Index, Table
from migcheck.sql_names import full_name

READS, WRITES = "read", "written"
EVERY = 0
"""The number of whatever table there is."""
UNKNOWN = "?"
"""The type of a column that nothing tells of but its name."""
# Weakest first.
LOCKS = tuple(locks.LOCKS.values())


class Model:
    """Tables by a number of their own: `first` before what is new, and `now`.

    Of those that changed since, `before` has what they were before the piece that is read, `then` before the statement.

    A table that nothing tells of is taken to be there once a statement needs it: else that would fail. `oids` are the
    numbers by name, `indexes` the names of indexes, and `index_of` has the table of those that landed. `held` is the
    strongest lock on each table, `used` which were read or written (EVERY: any may have been). `made` are the names of
    what is new, which nobody judges, `gone` of what was dropped, `views` of what stands for other tables; `partitions`
    says of each which table it is of; `enums` are types; `hidden` has the words of what cannot be read and may make
    tables, and is None where that may be any. `heirs` came to be below another table, which shows their rows.
    `strayed`: what a name without a schema means, nobody knows.
    """

    def __init__(self, tables: Iterable[schema.Relation] | None, landed: Sequence[str] = ()) -> None:
        """Begin with what a snapshot says is there, None without one; `landed` is the SQL that made it."""
        self._landed = landed
        self._last = 0
        self.first: dict[int, Table] = {}
        self.before: dict[int, Table] = {}
        self.then: dict[int, Table] = {}
        self.now: dict[int, Table] = {}
        self.oids: dict[str, int] = {}
        self.made: set[str] = set()
        self.gone: set[str] = set()
        self.partitions: dict[str, tuple[str, ...]] = {}
        self.views: set[str] = set()
        self.hidden: set[str] | None = set()
        self.indexes: set[str] = set()
        self.index_of: dict[str, int] = {}
        self.enums: set[str] = set()
        self.held: dict[int, str] = {}
        self.used: set[tuple[int, str]] = set()
        self.strayed = False
        self.heirs: set[int] = set()
        self._beside: set[str] = set()
        self._parts: dict[str, tuple[str, ...]] = {}
        self._used_now: set[tuple[int, str]] = set()
        self._schemas: set[str] = set()
        for each in tables or ():
            self._beside.update(beside(each))
            if each.is_view:
                self.views.add(full_name(each.schema or PUBLIC, each.name))
                continue
            oid = self._add(table_of(each, self.number))
            of = each.schema or PUBLIC
            self.index_of |= {full_name(of, name): oid for name in (*each.indexes, *(key.name for key in each.keys))}
            self._schemas.add(each.schema or PUBLIC)
            self.indexes |= each.indexes
            self.enums.update(enums_of(each))
        self._told = None if tables is None else dict(self.now)

    def number(self) -> int:
        """A number that nothing has yet."""
        self._last += 1
        return self._last

    def land(self) -> None:
        """What was read so far had landed. A snapshot has the tables and columns that came of it, and no others."""
        if self._told is not None:
            now, self.now = self.now, dict(self._told)
            self.oids = {each.name: oid for oid, each in self.now.items()}
            self.gone = set()
            for oid in now.keys() & self.now.keys():
                self.put(oid, constraints=now[oid].constraints)
        self.first, self._parts = dict(self.now), dict(self.partitions)
        self.made, self.held, self.used, self.strayed, self.heirs = set(), {}, set(), False, set()
        self.begin_piece()

    def begin_piece(self) -> None:
        """A piece begins."""
        self.before, self.then, self._used_now = {}, {}, set()

    def begin_statement(self) -> None:
        """A statement begins."""
        self.then = {}

    def name_of(self, path: tuple[str, ...]) -> str:
        """The full name of a table that is called so."""
        return full_name(self.schema_of(path), path[-1])

    def schema_of(self, path: tuple[str, ...]) -> str:
        """The schema of a table that is called so: where none is named public, or that of the only one there is."""
        if len(path) > 1:
            return path[-2]
        name = path[0]
        plain = full_name(PUBLIC, name)
        others = [each for each in self._schemas if full_name(each, name) in self.oids]
        there = plain in self.oids or plain in self.made or len(others) != 1
        return PUBLIC if there else others[0]

    def strays(self, path: tuple[str, ...]) -> bool:
        """Whether it may be of any schema."""
        return self.strayed and len(path) == 1

    def find(self, path: tuple[str, ...], *, sure: bool) -> int | None:
        """The table that is called so, if it was there. `sure`: the statement fails where there is none."""
        name = self.name_of(path)
        if self.strays(path):
            return None
        if name in self.oids:
            return self.oids[name]
        if name in self._parts and (sure or not self.told_of("drop", path[-1])):
            return self._add_part(name)
        not_there = any(name in each for each in (self.made, self.gone, self.partitions, self._beside))
        if not_there or not sure or Spoken(self.hidden).names(path[-1]):
            return None
        return self._add(table_of(schema.Relation(self.schema_of(path), path[-1], (), guarded=True), self.number))

    def find_view(self, path: tuple[str, ...]) -> int | None:
        """The view that keeps rows, if it was there: a statement fails where it is none."""
        name = self.name_of(path)
        if self.strays(path) or name in self.made or name in self.gone:
            return None
        if name not in self.oids:
            table = table_of(schema.Relation(PUBLIC, "", (), guarded=True), self.number)
            return self._add(replace(table, name=name, materialized=True))
        return self.oids[name]

    def find_column(self, oid: int, name: str, *, sure: bool) -> int | None:
        """The column of that name. `sure`: the statement fails where there is none."""
        number = next((number for number, each in self.now[oid].columns.items() if each.name == name), None)
        if number is None and sure:
            number = self.number()
            column = Column(name, UNKNOWN, UNKNOWN, required=False, filled=False, generated=False)
            self._was_there(oid, "columns", number, column)
        return number

    def find_constraint(self, oid: int, name: str) -> int:
        """The constraint of that name, which the statement needs: one that nothing tells of is not validated yet."""
        number = next((number for number, each in self.now[oid].constraints.items() if each.name == name), None)
        if number is None:
            number = self.number()
            constraint = Constraint(name, foreign=False, validated=False, says="")
            self._was_there(oid, "constraints", number, constraint)
        return number

    def told_of(self, *names: str) -> bool:
        """Whether SQL that landed names all of these in one piece: a snapshot may say what a file no more does."""
        if not self._landed:
            return False
        told = [re.compile(rf"(?<!\w){re.escape(each)}(?!\w)", re.IGNORECASE) for each in names]
        return any(all(each.search(text) for each in told) for text in self._landed)

    def was_guarded(self, table: str) -> bool:
        """Whether SQL that landed switched row level security on for `table`, or for what is put in for a name."""
        if not self._landed:
            return False
        told = re.compile(rf'(?:(?<!\w){re.escape(table)}|%\w+)"?\s+enable\s+row\s+level\s+security', re.IGNORECASE)
        return any(told.search(text) for text in self._landed)

    def put(self, oid: int, *, column: tuple[int, Column] | None = None, **others: object) -> None:
        """Change a table: one column, or whatever else `others` names."""
        table = self.now[oid]
        if column is not None:
            others["columns"] = {**table.columns, column[0]: column[1]}
        self._keep(oid)
        self.now[oid] = replace(table, **others)

    def put_index(self, oid: int, index: Index) -> None:
        """Build an index."""
        self.indexes.add(index.name)
        self.put(oid, indexes={**self.now[oid].indexes, self.number(): index})

    def put_constraint(self, oid: int, constraint: Constraint, number: int | None = None) -> None:
        """Add a constraint, or make another of the one with `number`."""
        number = self.number() if number is None else number
        self.put(oid, constraints={**self.now[oid].constraints, number: constraint})

    def write_anew(self, oid: int, *, reading: bool = True) -> None:
        """Give the table another file; `reading` the old one, or not."""
        table = self.now[oid]
        scans = table.scans + 1 if reading else table.scans
        self.put(oid, files={number: file + 1 for number, file in table.files.items()}, scans=scans)

    def drop(self, oid: int) -> None:
        """Drop a table."""
        self._keep(oid)
        name = self.now.pop(oid).name
        self.oids.pop(name, None)
        self.gone.add(name)

    def forget(self, name: str) -> None:
        """What has that name is not there, whatever was told: a statement makes it."""
        oid = self.oids.pop(name, None)
        for tables in self._looks():
            tables.pop(oid or 0, None)

    def rename(self, path: tuple[str, ...], to: tuple[str, ...]) -> None:
        """Give a table another name; `to` is its schema and name. What nothing tells of may be an index, or a view."""
        name, new = self.name_of(path), full_name(*to)
        if self.strays(path):
            self.hide(spoken_in(to[-1]).words)
        elif name in self.made:
            self.made.discard(name)
            self.made.add(new)
        elif (oid := self.find(path, sure=False)) is not None:
            self.lock(oid, LOCKS[-1])
            self.oids.pop(name, None)
            self.oids[new] = oid
            self.put(oid, name=new)

    def use(self, oid: int, *ways: str) -> None:
        """Rows of the table, or of EVERY one there is, are read or written."""
        new = {(oid, each) for each in ways} - self.used
        self.used |= new
        self._used_now |= new

    def is_used(self, oid: int, way: str) -> bool:
        """Whether rows of the table may have been."""
        return not self.used.isdisjoint({(oid, way), (EVERY, way)})

    def was_used(self, oid: int, way: str) -> bool:
        """Whether rows of the table may have been before the piece."""
        return not (self.used & {(oid, way), (EVERY, way)}) <= self._used_now

    def hide(self, words: Collection[str] | None) -> None:
        """Tables that these words name may be there now, or any."""
        self.hidden = None if self.hidden is None or words is None else self.hidden.union(words)

    def lock(self, oid: int, mode: str) -> None:
        """Hold a lock until the transaction ends."""
        self.held[oid] = max(mode, self.held.get(oid, LOCKS[0]), key=LOCKS.index)

    def _keep(self, oid: int) -> None:
        """Remember what a table is, before it changes."""
        self.before.setdefault(oid, self.now[oid])
        self.then.setdefault(oid, self.now[oid])

    def _looks(self) -> tuple[dict[int, Table], ...]:
        return self.first, self.before, self.then, self.now

    def _add(self, table: Table) -> int:
        self.oids[table.name] = table.oid
        for tables in (self.first, self.now):
            tables[table.oid] = table
        return table.oid

    def _add_part(self, name: str) -> int | None:
        """A partition that landed, where it still is what it was."""
        path = self._parts.pop(name)
        above = None if name in self.made or name in self.gone else self.find(path, sure=True)
        if above is None:
            return None
        table = table_of(schema.Relation(PUBLIC, "", (), guarded=True), self.number)
        return self._add(replace(table, name=name, parent=above))

    def _was_there(self, oid: int, of: str, number: int, thing: Column | Constraint) -> None:
        """Something was there all the time that nothing told of."""
        for tables in self._looks():
            if oid in tables:
                there: Mapping[int, object] = getattr(tables[oid], of)
                tables[oid] = replace(tables[oid], **{of: {**there, number: thing}})
