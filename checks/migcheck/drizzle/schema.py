"""What a release of an application knows of its database: tables and views, as Drizzle's schema in code has them."""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

_NONE = frozenset[str]()
SERIALS = frozenset({"serial", "serial4", "bigserial", "serial8", "smallserial", "serial2"})
"""What is written for the type of an integer with a sequence."""


class Column(Struct, frozen=True):
    """A column. `type` is as the snapshot writes it, with `[]` for an array; `labels` are those of its enum.

    `required`: NOT NULL. `filled`: the database has a default for it. `generated`: it is computed, and written by
    nobody. `identity` is `always`, `byDefault` or empty. `type_schema` is that of an enum; empty for any other type.
    """

    name: str
    type: str
    labels: tuple[str, ...] = ()
    required: bool = False
    filled: bool = False
    generated: bool = False
    identity: str = ""
    type_schema: str = ""

    @property
    def counted(self) -> bool:
        """Whether the database numbers it: who inserts a row leaves it out."""
        return bool(self.identity) or self.type.lower() in SERIALS

    @property
    def is_given(self) -> bool:
        """Whether whoever inserts a row has to give it a value."""
        return self.required and not (self.filled or self.generated or self.counted)


class UniqueKey(Struct, frozen=True):
    """The columns of a primary key, a unique constraint or a unique index, which holds for the rows `where` says."""

    name: str
    columns: tuple[str, ...]
    where: str = ""


class Reference(Struct, frozen=True):
    """A foreign key: `columns` point to the columns `to` of another table."""

    columns: tuple[str, ...]
    schema: str
    table: str
    to: tuple[str, ...]


class Relation(Struct, frozen=True):
    """A table or a view; `schema` is empty for public, which Drizzle does not write.

    Of a view there may be more columns, or none may be known. `indexes` are the names of those that drizzle-kit makes,
    `checks` the conditions that rows hold; `guarded`: it has row level security.
    """

    schema: str
    name: str
    columns: tuple[Column, ...]
    keys: tuple[UniqueKey, ...] = ()
    references: tuple[Reference, ...] = ()
    is_view: bool = False
    indexes: frozenset[str] = frozenset()
    checks: tuple[str, ...] = ()
    guarded: bool = False

    @property
    def names(self) -> frozenset[str]:
        """The names of its columns."""
        return frozenset(each.name for each in self.columns)


def without(relations: Iterable[Relation], lost: Mapping[tuple[str, str], frozenset[str]]) -> Iterator[Relation]:
    """`relations` without the columns that each, by schema and name, has `lost`, nor what needs one of those."""
    for each in relations:
        own = lost.get((each.schema, each.name), _NONE)
        if own or any(lost.get((one.schema, one.table)) for one in each.references):
            yield replace(
                each,
                columns=tuple(column for column in each.columns if column.name not in own),
                keys=tuple(key for key in each.keys if own.isdisjoint(key.columns)),
                references=tuple(
                    one
                    for one in each.references
                    if own.isdisjoint(one.columns) and lost.get((one.schema, one.table), _NONE).isdisjoint(one.to)
                ),
            )
        else:
            yield each
