"""The release that is still running while a deploy goes on: what it asks of the database, and what of that is refused.

A statement is refused only where the same one was taken right before the new migrations ran.
"""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from migcheck.drizzle.queries import Kind
from migcheck.drizzle.schema import Relation
from migcheck.facts.sql.observation import (
    Change,
    ColumnDropped,
    ColumnMadeRequired,
    ColumnRenamed,
    RequiredColumnAdded,
    TableDropped,
    TableRenamed,
)
from migcheck.finding import Location

UNPLACED = "which statement did it is not known: it was seen when everything had run"
"""The evidence where there is no statement to show."""


class OwnQuery(Struct, frozen=True):
    """A statement of the project's own, and where it begins. `parameters` is how many it has."""

    at: Location
    text: str
    parameters: int = 0


class Release(Struct, frozen=True):
    """What a release was built with: the `relations` of the snapshot that is `called` so, and the project's queries.

    `queries` were asked for by name where `named`: then each has to be one that the database of before takes, unless
    that is `behind` base, whose they are. `unmatched` is the pattern in which they were named, where no file is as it
    says, and the file that it stands in. `unread` is where the snapshot is, if it cannot be read; then it has no
    `relations` here.
    """

    called: str
    relations: tuple[Relation, ...]
    queries: tuple[OwnQuery, ...] = ()
    named: bool = False
    behind: bool = False
    unmatched: tuple[str, Location] | None = None
    unread: Location | None = None


class Gone(Struct, frozen=True):
    """Nothing has the name of the table or the view."""


class ColumnsGone(Struct, frozen=True):
    """Columns that have no counterpart of their name."""

    columns: tuple[str, ...]


class NotWritable(Struct, frozen=True):
    """A column that only the database gives a value to. `sure`: the release had to give it one."""

    column: str
    sure: bool


class KeyGone(Struct, frozen=True):
    """No unique index has these columns any more, which an upsert may name."""

    columns: tuple[str, ...]


class NotComparable(Struct, frozen=True):
    """The columns of a foreign key cannot be compared with those of the other table."""

    columns: tuple[str, ...]
    to: str


class Demanded(Struct, frozen=True):
    """A column that an insert has to give a value, and had not. `known`: to the release; `counted`: it was numbered."""

    column: str
    known: bool
    counted: bool = False


class LeftOutRefused(Struct, frozen=True):
    """A row that leaves out `columns` is refused by the check that is `called` so; by what is `unique`, the second one.

    `known`: the release may give them a value.
    """

    called: str
    columns: tuple[str, ...]
    known: bool
    unique: bool = False


class ValuesRefused(Struct, frozen=True):
    """Values that the release may give a column of `type`. `sure`: all of that type, or a label of its enum."""

    column: str
    type: str
    values: tuple[str, ...]
    sure: bool


class Unplannable(Struct, frozen=True):
    """A statement that does not plan for another reason."""

    kind: Kind


class QueryRefused(Struct, frozen=True):
    """A query of the project's own, in the file at `of`."""

    of: Location


Harm = (
    Gone
    | ColumnsGone
    | NotWritable
    | KeyGone
    | NotComparable
    | Demanded
    | LeftOutRefused
    | ValuesRefused
    | Unplannable
    | QueryRefused
)


class Broken(Struct, frozen=True):
    """Something that the release does with `table` and that the server refuses now, saying `said`.

    `migration` made it so by `made_by` at `at`, for all that is known; `statement` is what the release sends. `others`
    are the tags of those that may have done it instead.
    """

    migration: str
    at: Location
    made_by: str
    table: str
    harm: Harm
    statement: str
    said: str = ""
    others: tuple[str, ...] = ()

    def evidence(self, called: str) -> str:
        """What made it so, and what the release sends, which is known by what is `called` so."""
        known = str(self.harm.of) if isinstance(self.harm, QueryRefused) else called
        lines = [self.made_by or UNPLACED, f"the running release sends ({known}): {self.statement}"]
        return "\n".join([*lines, *([f"refused: {self.said}"] if self.said else [])])


class Running(Struct, frozen=True):
    """A release: what it knows of each table, by `schema.table` without quotes, and what is broken for it.

    `untaken` are the queries that were asked for by name and that the database of before did not take, and why.
    """

    release: Release
    tables: Mapping[str, Relation]
    broken: tuple[Broken, ...] = ()
    untaken: tuple[tuple[OwnQuery, str], ...] = ()

    def of(self, table: str) -> Relation | None:
        """What the release knows of the table that is called so, quoted or not."""
        return self.tables.get(plain(table))

    def is_view(self, table: str) -> bool:
        """Whether it is no table that has rows."""
        relation = self.of(table)
        return relation is None or relation.is_view

    def demands(self, table: str, column: str) -> Demanded | None:
        """The harm that inserts of the release have to give `column` a value, and had not."""
        harms = (each.harm for each in self.broken if plain(each.table) == plain(table))
        return next((each for each in harms if isinstance(each, Demanded) and each.column == column), None)


def asked_for(running: Running | None, table: str, change: Change) -> Iterator[str]:
    """Lines that say whether the running release asks for what `change` takes from `table`, or gives what it wants."""
    if running is None or not running.tables:
        return
    relation, called = running.of(table), running.release.called
    match change:
        case TableDropped() | TableRenamed():
            yield _named(called, there=relation is not None)
        case ColumnDropped(column=name) | ColumnRenamed(column=name):
            yield _named(called, there=relation is not None and name in relation.names)
        case RequiredColumnAdded(column=name) | ColumnMadeRequired(column=name):
            yield from _given(running, table, name)
        case _:
            pass


def _named(called: str, *, there: bool) -> str:
    if there:
        return f"{called} names it: the running release asks for it, unless its code has done without since"
    return f"{called} does not name it: the schema of the running release is without it"


def _given(running: Running, table: str, name: str) -> Iterator[str]:
    relation, demanded, called = running.of(table), running.demands(table, name), running.release.called
    if demanded is not None and demanded.known:
        yield f"the running release may leave it out when it inserts: {called} has it as one that may be"
    elif demanded is not None:
        yield f"the running release leaves it out when it inserts: {called} does not name it"
    elif relation is not None and any(each.name == name and each.is_given for each in relation.columns):
        yield f"the running release always gives it a value: {called} has it as NOT NULL"


def plain(name: str) -> str:
    """A name as people write it, who quote nothing."""
    return name.replace('"', "")
