"""What a release of an application knows of its database: tables and views, as Drizzle's schema in code has them."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace


class Column(Struct, frozen=True):
    """A column. `type` is as the snapshot writes it, with `[]` for an array; `labels` are those of its enum.

    `required`: NOT NULL. `filled`: the database has a default for it. `generated`: it is computed, and written by
    nobody. `identity` is `always`, `byDefault` or empty.
    """

    name: str
    type: str
    labels: tuple[str, ...] = ()
    required: bool = False
    filled: bool = False
    generated: bool = False
    identity: str = ""

    @property
    def counted(self) -> bool:
        """Whether the database numbers it: who inserts a row leaves it out."""
        return bool(self.identity) or "serial" in self.type.lower()

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

    Of a view there may be more columns, or none may be known.
    """

    schema: str
    name: str
    columns: tuple[Column, ...]
    keys: tuple[UniqueKey, ...] = ()
    references: tuple[Reference, ...] = ()
    is_view: bool = False

    @property
    def names(self) -> frozenset[str]:
        """The names of its columns."""
        return frozenset(each.name for each in self.columns)


def without(relations: Sequence[Relation], lost: Mapping[Relation, frozenset[str]]) -> Iterator[Relation]:
    """`relations` without the columns that each has `lost`, and without the keys and references that need one."""
    kept = {(each.schema, each.name): each.names - lost.get(each, frozenset()) for each in relations}
    for each in relations:
        own = kept[each.schema, each.name]
        yield replace(
            each,
            columns=tuple(column for column in each.columns if column.name in own),
            keys=tuple(key for key in each.keys if own.issuperset(key.columns)),
            references=tuple(
                one
                for one in each.references
                if own.issuperset(one.columns) and kept.get((one.schema, one.table), frozenset()).issuperset(one.to)
            ),
        )
