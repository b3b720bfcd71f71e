"""The tables of a snapshot: what drizzle-kit takes to be there once its migration has run.

Source: drizzle-kit 0.31 pgSchema.ts (versions 5 to 7); 1.0.0-rc.5 for `ddl`, a list of all there is.
"""

from collections.abc import Iterator, Mapping
from typing import TypeVar

import msgspec
from msgspec import Raw, Struct, field

Of = TypeVar("Of")


class SnapshotColumn(Struct, frozen=True):
    """A column. `type` as drizzle-kit writes it, of an enum with its schema. `filled`: by a default or an identity."""

    name: str
    type: str
    required: bool
    filled: bool
    generated: bool


class SnapshotTable(Struct, frozen=True):
    """A table; `indexes` are the names of those that drizzle-kit makes, `checks` the conditions that rows hold.

    `guarded`: it has row level security.
    """

    schema: str
    name: str
    columns: tuple[SnapshotColumn, ...]
    indexes: frozenset[str]
    checks: tuple[str, ...]
    guarded: bool


class _Column(Struct):
    name: str
    type: str
    typeSchema: str | None = None  # noqa: N815 the name in the file
    primaryKey: bool = False  # noqa: N815 likewise
    notNull: bool = False  # noqa: N815 likewise
    dimensions: int | None = None
    default: object = None
    generated: object = None
    identity: object = None


class _Check(Struct):
    value: str = ""


class _Table(Struct):
    name: str
    schema: str | None = None
    columns: dict[str, _Column] = field(default_factory=dict)
    indexes: dict[str, object] = field(default_factory=dict)
    policies: dict[str, object] = field(default_factory=dict)
    checkConstraints: dict[str, _Check] = field(default_factory=dict)  # noqa: N815 the name in the file
    isRLSEnabled: bool = False  # noqa: N815 likewise


class _Thing(Struct):
    """One of `ddl`. What it is says `entityType`; the keys of the other kinds are not read."""

    entityType: str  # noqa: N815 likewise
    name: str | None = None
    schema: str | None = None
    table: str | None = None
    value: str | None = None
    isRlsEnabled: bool = False  # noqa: N815 likewise


class _ListedColumn(_Column, kw_only=True):
    """A column of `ddl`, which names its table."""

    schema: str | None = None
    table: str


class _Snapshot(Struct):
    tables: dict[str, _Table] = field(default_factory=dict)
    ddl: tuple[Raw, ...] = ()


_read = msgspec.json.Decoder(_Snapshot).decode
_thing = msgspec.json.Decoder(_Thing).decode
_listed = msgspec.json.Decoder(_ListedColumn).decode
_SERIAL = "serial"


def snapshot_tables(content: bytes) -> tuple[SnapshotTable, ...] | None:
    """Every table of a snapshot; None where it cannot be read as one: gate `folder` says so."""
    try:
        found = _read(content)
        return tuple(_of_ddl(found.ddl) if found.ddl else map(_of_table, found.tables.values()))
    except (msgspec.DecodeError, RecursionError):
        return None


def _of_table(table: _Table) -> SnapshotTable:
    return SnapshotTable(
        table.schema or "public",
        table.name,
        tuple(map(_of_column, table.columns.values())),
        frozenset(table.indexes),
        tuple(each.value for each in table.checkConstraints.values()),
        bool(table.isRLSEnabled or table.policies),
    )


def _of_column(column: _Column) -> SnapshotColumn:
    typed = f"{column.typeSchema}.{column.type}" if column.typeSchema else column.type
    told = (column.default, column.identity)
    return SnapshotColumn(
        column.name,
        typed + "[]" * (column.dimensions or 0),
        column.notNull or column.primaryKey or _SERIAL in column.type,
        _SERIAL in column.type or any(each is not None for each in told),
        column.generated is not None,
    )


def _of_ddl(ddl: tuple[Raw, ...]) -> Iterator[SnapshotTable]:
    things = [(each, _thing(each)) for each in ddl]
    columns = _by_table((one, _of_column(_listed(each))) for each, one in things if one.entityType == "columns")
    indexes = _by_table((one, one.name or "") for _, one in things if one.entityType == "indexes")
    checks = _by_table((one, one.value or "") for _, one in things if one.entityType == "checks")
    policies = _by_table((one, True) for _, one in things if one.entityType == "policies")
    for _, one in things:
        if one.entityType == "tables" and one.name is not None:
            own = (one.schema or "public", one.name)
            yield SnapshotTable(
                *own,
                tuple(columns.get(own, ())),
                frozenset(indexes.get(own, ())),
                tuple(checks.get(own, ())),
                one.isRlsEnabled or own in policies,
            )


def _by_table(pairs: Iterator[tuple[_Thing, Of]]) -> Mapping[tuple[str, str], list[Of]]:
    """What belongs to each table, which is called by its schema and its name."""
    found: dict[tuple[str, str], list[Of]] = {}
    for thing, each in pairs:
        found.setdefault((thing.schema or "public", thing.table or ""), []).append(each)
    return found
