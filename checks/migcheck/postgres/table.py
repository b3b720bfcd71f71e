"""What a table is at one moment. `tables` reads it from a server, and `facts/lint` out of SQL."""

from typing import Literal

from msgspec import Struct

Key = Literal["", "PRIMARY KEY", "UNIQUE", "EXCLUDE"]


class Column(Struct, frozen=True):
    """`kind` is the type with its modifier, by number: a name depends on the search_path.

    `required`: every row has a value, or the server refuses it. `filled`: a row that says nothing of it has a value all
    the same, by a default (one that is gone since counts for the rows there are), an identity or an expression.
    `checks` are those of its domain, where it is of one, by their oids.
    """

    name: str
    kind: str
    type: str
    required: bool
    filled: bool
    generated: bool
    checks: dict[int, "Constraint"] = {}


class Index(Struct, frozen=True):
    """`valid` is false where it is not built yet; `key` is the constraint that it is for, where there is one.

    `file` is the file node that holds it, 0 where none does.
    """

    name: str
    unique: bool
    valid: bool
    key: Key = ""
    file: int = 0


class Constraint(Struct, frozen=True):
    """A foreign key or a check, and what a check `says`. `validated`: the rows that are there were found to hold it."""

    name: str
    foreign: bool
    validated: bool
    says: str


class Table(Struct, frozen=True):
    """A table; `name` is `schema.table`. Columns by their numbers, indexes and constraints by their oids.

    `parent` is the oid of the table that it is a partition of, 0 where it is none, and `bounded` says that not every
    row of that belongs into it. `partitions` are the oids of its own, `rest` that of the default one, 0 where it has
    none. `materialized` says that it is a view whose rows are kept.
    `files` are the file nodes that hold its rows, by the oid of the table, or of each partition without any of its own.
    `scans` counts how often the transaction has read one of them from one end to the other, and `indexed` how many
    indexes they have. `storage` says how the table is kept: whether it is logged, and its access method. `clustered`:
    an index says the order of its rows. `guarded`: row level security is on.
    """

    oid: int
    name: str
    files: dict[int, int]
    scans: int
    indexed: int
    storage: str
    clustered: bool
    guarded: bool
    columns: dict[int, Column]
    indexes: dict[int, Index]
    constraints: dict[int, Constraint]
    parent: int = 0
    bounded: bool = False
    partitions: frozenset[int] = frozenset()
    rest: int = 0
    materialized: bool = False

    @property
    def has_checks(self) -> bool:
        """Whether a check that holds may spare the server to look at the rows: else it looks at each of them."""
        return any(each.validated and not each.foreign for each in self.constraints.values())
