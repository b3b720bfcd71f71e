"""Reading a whole snapshot: the tables and views that a release was built with.

Source: drizzle-kit 0.31 `pgSchemaInternal` and its versions 5 and 6; 1.0.0-rc.5 src/dialects/postgres/ddl.ts.
"""

from collections.abc import Iterable, Iterator

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from migcheck.drizzle.schema import Column, Reference, Relation, UniqueKey

_PUBLIC = "public"


class _Typed(Struct):
    type: str


class _IndexColumn(Struct):
    expression: str | None = None
    value: str | None = None
    isExpression: bool = False  # noqa: N815 the name in the file


_Columns = list[str | _IndexColumn]


class _OldColumn(Struct):
    name: str
    type: str
    typeSchema: str | None = None  # noqa: N815 the name in the file
    primaryKey: bool = False  # noqa: N815 the name in the file
    notNull: bool = False  # noqa: N815 the name in the file
    default: msgspec.Raw = field(default_factory=lambda: msgspec.Raw(b"null"))
    generated: msgspec.Raw = field(default_factory=lambda: msgspec.Raw(b"null"))
    identity: _Typed | None = None


class _OldKey(Struct):
    name: str
    columns: _Columns
    isUnique: bool = True  # noqa: N815 the name in the file
    where: str | None = None


class _OldReference(Struct):
    tableTo: str  # noqa: N815 the name in the file
    columnsFrom: tuple[str, ...]  # noqa: N815 the name in the file
    columnsTo: tuple[str, ...]  # noqa: N815 the name in the file
    schemaTo: str | None = None  # noqa: N815 the name in the file


class _OldCheck(Struct):
    value: str = ""


class _OldTable(Struct):
    name: str
    columns: dict[str, _OldColumn] = {}
    schema: str | None = None
    indexes: dict[str, _OldKey] = {}
    foreignKeys: dict[str, _OldReference] = {}  # noqa: N815 the name in the file
    compositePrimaryKeys: dict[str, _OldKey] = {}  # noqa: N815 the name in the file
    uniqueConstraints: dict[str, _OldKey] = {}  # noqa: N815 the name in the file
    checkConstraints: dict[str, _OldCheck] = {}  # noqa: N815 the name in the file
    policies: dict[str, object] = {}
    isRLSEnabled: bool = False  # noqa: N815 the name in the file


class _OldEnum(Struct):
    """In version 5 the values are an object, by themselves, and there is no schema."""

    name: str
    values: list[str] | dict[str, str]
    schema: str = _PUBLIC


class _Entity(Struct):
    """One of the `ddl` of 1.0, of whatever kind; most keys belong to one kind."""

    entityType: str  # noqa: N815 the name in the file
    name: str = ""
    schema: str | None = None
    table: str | None = None
    type: str | None = None
    typeSchema: str | None = None  # noqa: N815 the name in the file
    notNull: bool = False  # noqa: N815 the name in the file
    dimensions: int | None = None
    default: msgspec.Raw = field(default_factory=lambda: msgspec.Raw(b"null"))
    generated: msgspec.Raw = field(default_factory=lambda: msgspec.Raw(b"null"))
    identity: _Typed | None = None
    columns: _Columns = []
    columnsTo: tuple[str, ...] = ()  # noqa: N815 the name in the file
    tableTo: str = ""  # noqa: N815 the name in the file
    schemaTo: str | None = None  # noqa: N815 the name in the file
    isUnique: bool = False  # noqa: N815 the name in the file
    where: str | None = None
    values: tuple[str, ...] = ()
    value: str = ""
    isRlsEnabled: bool = False  # noqa: N815 the name in the file


class _Content(Struct):
    """A snapshot of any version."""

    tables: dict[str, _OldTable] = {}
    enums: dict[str, _OldEnum] = {}
    views: dict[str, _OldTable] = {}
    ddl: list[_Entity] | None = None


_decode = msgspec.json.Decoder(_Content).decode
_Labels = dict[tuple[str, str], tuple[str, ...]]


def parse_schema(content: bytes) -> tuple[Relation, ...] | None:
    """The tables and views of a snapshot, by name; None where it is not as drizzle-kit writes one."""
    try:
        found = _decode(content)
    except (msgspec.DecodeError, RecursionError):
        return None
    relations = _of_1_0(found.ddl) if found.ddl is not None else _of_0_x(found)
    # What no server could have is of no database.
    named = (each for each in relations if each.name and "\0" not in f"{each.schema}{each.name}")
    return tuple(sorted(map(_once_each, named), key=lambda each: (each.schema, each.name)))


def _once_each(relation: Relation) -> Relation:
    """`relation` with each column once, the first of a name: a table has no two, a file may."""
    columns: dict[str, Column] = {}
    for each in relation.columns:
        columns.setdefault(each.name, each)
    return relation if len(columns) == len(relation.columns) else replace(relation, columns=tuple(columns.values()))


def _of_0_x(found: _Content) -> Iterator[Relation]:
    labels = {(each.schema or _PUBLIC, each.name): tuple(each.values) for each in found.enums.values()}
    for table in found.tables.values():
        primary = frozenset(name for key in table.compositePrimaryKeys.values() for name in _plain(key.columns))
        yield Relation(
            _unless_public(table.schema),
            table.name,
            tuple(_old_column(each, labels, primary) for each in table.columns.values()),
            tuple(_old_keys(table)),
            tuple(
                Reference(each.columnsFrom, _unless_public(each.schemaTo), each.tableTo, each.columnsTo)
                for each in table.foreignKeys.values()
            ),
            indexes=frozenset(table.indexes),
            checks=tuple(each.value for each in table.checkConstraints.values()),
            guarded=bool(table.isRLSEnabled or table.policies),
        )
    for view in found.views.values():
        columns = tuple(_old_column(each, labels) for each in view.columns.values())
        yield Relation(_unless_public(view.schema), view.name, columns, is_view=True)


def _old_column(column: _OldColumn, labels: _Labels, primary: frozenset[str] = frozenset()) -> Column:
    return Column(
        column.name,
        column.type,
        labels.get((column.typeSchema or _PUBLIC, column.type.removesuffix("[]")), ()),
        required=column.notNull or column.primaryKey or column.name in primary,
        filled=_is_there(column.default),
        generated=_is_there(column.generated),
        identity=column.identity.type if column.identity else "",
        type_schema=column.typeSchema or "",
    )


def _old_keys(table: _OldTable) -> Iterator[UniqueKey]:
    primary = tuple(each.name for each in table.columns.values() if each.primaryKey)
    if primary:
        yield UniqueKey(f"{table.name}_pkey", primary)
    for key in (*table.compositePrimaryKeys.values(), *table.uniqueConstraints.values(), *table.indexes.values()):
        if key.isUnique:
            yield from _key(key.name, key.columns, key.where)


def _of_1_0(entities: Iterable[_Entity]) -> Iterator[Relation]:
    of: dict[tuple[str, str], list[_Entity]] = {}
    labels: _Labels = {}
    for each in entities:
        schema = _unless_public(each.schema)
        if each.entityType == "enums":
            labels[schema or _PUBLIC, each.name] = each.values
        of.setdefault((schema, each.table or each.name), []).append(each)
    for (schema, name), parts in of.items():
        kinds = {each.entityType for each in parts if each.table is None}
        if kinds & {"tables", "views"}:
            yield _relation(schema, name, parts, labels, is_view="tables" not in kinds)


def _relation(schema: str, name: str, parts: list[_Entity], labels: _Labels, *, is_view: bool) -> Relation:
    keys = [each for kind in ("pks", "uniques", "indexes") for each in parts if each.entityType == kind]
    primary = frozenset(name for each in keys if each.entityType == "pks" for name in _plain(each.columns))
    return Relation(
        schema,
        name,
        tuple(_column(each, labels, primary) for each in parts if each.entityType == "columns"),
        tuple(
            key
            for each in keys
            if each.isUnique or each.entityType != "indexes"
            for key in _key(each.name, each.columns, each.where)
        ),
        tuple(
            Reference(_plain(each.columns), _unless_public(each.schemaTo), each.tableTo, each.columnsTo)
            for each in parts
            if each.entityType == "fks"
        ),
        is_view=is_view,
        indexes=frozenset(each.name for each in parts if each.entityType == "indexes"),
        checks=tuple(each.value for each in parts if each.entityType == "checks"),
        guarded=any(each.isRlsEnabled or each.entityType == "policies" for each in parts),
    )


def _column(entity: _Entity, labels: _Labels, primary: frozenset[str]) -> Column:
    type_ = entity.type or ""
    return Column(
        entity.name,
        type_ + "[]" * bool(entity.dimensions),
        labels.get((entity.typeSchema or _PUBLIC, type_), ()),
        required=entity.notNull or entity.name in primary,
        filled=_is_there(entity.default),
        generated=_is_there(entity.generated),
        identity=entity.identity.type if entity.identity else "",
        type_schema=entity.typeSchema or "",
    )


def _key(name: str, columns: _Columns, where: str | None) -> Iterator[UniqueKey]:
    """The key, unless an expression is part of it: Drizzle names columns alone."""
    plain = _plain(columns)
    if plain and len(plain) == len(columns):
        yield UniqueKey(name, plain, where or "")


def _plain(columns: _Columns) -> tuple[str, ...]:
    names = (each if isinstance(each, str) else _name(each) for each in columns)
    return tuple(name for name in names if name is not None)


def _name(column: _IndexColumn) -> str | None:
    return None if column.isExpression else (column.expression or column.value)


def _unless_public(schema: str | None) -> str:
    return "" if schema in (None, _PUBLIC) else schema or ""


def _is_there(value: msgspec.Raw) -> bool:
    return bytes(value) != b"null"
