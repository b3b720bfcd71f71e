"""What statements make of the tables: each kind by a reader of its own; what has none changes no table.

Source of the locks: PostgreSQL's manual, "Explicit Locking" and ALTER TABLE.
"""

from collections.abc import Callable, Mapping

from migcheck.facts.lint.columns import add_column, alter_column, drop_column, rename_column
from migcheck.facts.lint.constraints import (
    add_constraint,
    drop_constraint,
    lock_referenced,
    validate_constraint,
)
from migcheck.facts.lint.domains import alter_domain
from migcheck.facts.lint.model import LOCKS, Model
from migcheck.facts.lint.partitions import attach, create_part, detach, inherit
from migcheck.facts.lint.rows import use
from migcheck.facts.lint.search_path import follow
from migcheck.facts.lint.sql import Sql
from migcheck.facts.lint.told import PUBLIC
from migcheck.facts.lint.tree import Node
from migcheck.facts.lint.whole import reindexed, vacuum, works_concurrently
from migcheck.facts.replay.watching.naming import spoken_in
from migcheck.facts.sql.types import called
from migcheck.postgres.table import Index
from migcheck.sql_names import full_name, quoted

_Action = Callable[[Model, Sql, int, Node], None]
_EVERYTHING = LOCKS[-1]
_WEAKER = {
    "VALIDATE_CONSTRAINT": "SHARE UPDATE EXCLUSIVE",
    "ATTACH_PARTITION": "SHARE UPDATE EXCLUSIVE",
    "DISABLE_TRIGGER": "SHARE ROW EXCLUSIVE",
    "ENABLE_TRIGGER": "SHARE ROW EXCLUSIVE",
}
_NO_ACTION = frozenset({"TABLE_RELATION_NAME", "IF_EXISTS"})


def _guard(*, on: bool) -> _Action:
    return lambda model, _sql, oid, _node: model.put(oid, guarded=on)


def _store(how: str) -> _Action:
    def keep(model: Model, _sql: Sql, oid: int, _node: Node) -> None:
        model.put(oid, storage=how)
        model.write_anew(oid)

    return keep


_ACTIONS: Mapping[str, _Action] = {
    "ADD_COLUMN": add_column,
    "DROP_COLUMN": drop_column,
    "ALTER_COLUMN": alter_column,
    "RENAME_COLUMN": rename_column,
    "ADD_CONSTRAINT": add_constraint,
    "VALIDATE_CONSTRAINT": validate_constraint,
    "DROP_CONSTRAINT": drop_constraint,
    "ENABLE_RLS": _guard(on=True),
    "DISABLE_RLS": _guard(on=False),
    "SET_UNLOGGED": _store("unlogged"),
    "SET_LOGGED": _store("logged"),
}


def _alter_table(model: Model, sql: Sql, node: Node) -> None:
    relation = node.child("TABLE_RELATION_NAME")
    path = () if relation is None else sql.path(relation)
    sure = not node.has("IF_EXISTS")
    # One that renames stands alone.
    for each in node.children if path else ():
        if each.kind == "ATTACH_PARTITION":
            attach(model, sql, path, each)
        elif each.kind == "DETACH_PARTITION":
            detach(model, sql, each)
        elif each.kind in ("INHERIT_TABLE", "NO_INHERIT_TABLE"):
            inherit(model, path, ends=each.kind.startswith("NO"))
        if each.kind == "TABLE_RENAME_TO" and (name := sql.name(each.child("TABLE_NAME"))):
            model.rename(path, (model.schema_of(path), name))
        elif each.kind == "SET_SCHEMA" and (name := sql.name(each.child("SCHEMA_REF"))):
            model.rename(path, (name, path[-1]))
        elif each.children and each.kind not in _NO_ACTION and (oid := model.find(path, sure=sure)) is not None:
            _act(model, sql, oid, each)


def _act(model: Model, sql: Sql, oid: int, node: Node) -> None:
    foreign = node.kind == "ADD_CONSTRAINT" and node.has("FOREIGN_KEY_CONSTRAINT")
    model.lock(oid, "SHARE ROW EXCLUSIVE" if foreign else _WEAKER.get(node.kind, _EVERYTHING))
    if node.kind in _ACTIONS:
        _ACTIONS[node.kind](model, sql, oid, node)


def _create_index(model: Model, sql: Sql, node: Node) -> None:
    relation, name = node.child("TABLE_RELATION_NAME"), sql.name(node.child("INDEX"))
    path = () if relation is None else sql.path(relation)
    if not path or (name in model.indexes and node.has("IF_NOT_EXISTS")):
        return
    oid = model.find_view(path) if model.name_of(path) in model.views else model.find(path, sure=True)
    if oid is None:
        return
    alone = node.has("CONCURRENTLY_KW")
    model.lock(oid, "SHARE UPDATE EXCLUSIVE" if alone else "SHARE")
    # ON ONLY of a partitioned table builds nothing yet.
    if relation is not None and not relation.has("ONLY_KW"):
        model.put_index(oid, Index(name or _chosen(sql, path[-1], node), unique=node.has("UNIQUE_KW"), valid=True))


def _chosen(sql: Sql, table: str, node: Node) -> str:
    """What the server calls an index that nobody named (`ChooseIndexName` in indexcmds.c)."""
    keys = node.child("PARTITION_ITEM_LIST")
    items = keys.all("PARTITION_ITEM") if keys is not None else []
    return "_".join((table, *sql.keys(items), "idx"))


def _create_table(model: Model, sql: Sql, node: Node) -> None:
    lock_referenced(model, sql, node)
    _create(model, sql, node)
    named = node.child("TABLE_NAME")
    if named is not None and (path := sql.path(named)):
        create_part(model, sql, node, path)


def _create(model: Model, sql: Sql, node: Node, schema: str = PUBLIC) -> None:
    """Something that has a name where tables have theirs: a table, a view, a sequence."""
    named = node.child("TABLE_NAME", "VIEW", "SEQUENCE")
    named = named or next((each for each in node.below() if each.kind == "TABLE_NAME"), None)
    path = () if named is None else sql.path(named)
    if not path:
        return
    if schema == PUBLIC and model.strays(path):
        model.hide(spoken_in(path[-1]).words)
        return
    name = full_name(path[-2] if len(path) > 1 else schema, path[-1])
    if node.kind in _VIEWS:
        model.views.add(name)
    else:
        model.views.discard(name)
    if name in model.oids and not node.has("IF_NOT_EXISTS", "OR_REPLACE"):
        model.forget(name)
    if name not in model.oids:
        model.made.add(name)


def _create_schema(model: Model, sql: Sql, node: Node) -> None:
    named = node.child("NAMED_SCHEMA")
    name = None if named is None else sql.name(named.child("SCHEMA"))
    for each in node.below():
        if each.kind in _MAKES and name:
            _create(model, sql, each, name)


def _drop_table(model: Model, sql: Sql, node: Node) -> None:
    unsure = node.has("IF_EXISTS")
    for path in sql.tables(node, "TABLE_NAME_REF"):
        name = model.name_of(path)
        if name in model.made and not model.strays(path):
            model.made.discard(name)
        elif (oid := model.find(path, sure=not unsure)) is not None and (not unsure or model.told_of(path[-1])):
            model.lock(oid, _EVERYTHING)
            model.drop(oid)


def _drop_view(model: Model, sql: Sql, node: Node) -> None:
    model.made -= {model.name_of(path) for path in sql.tables(node, "VIEW_REF")}


def _drop_schema(model: Model, sql: Sql, node: Node) -> None:
    schemas = [sql.name(each) for each in node.all("SCHEMA_REF")]
    for oid, table in list(model.now.items()):
        if node.has("CASCADE") and any(each and table.name.startswith(f"{quoted(each)}.") for each in schemas):
            model.lock(oid, _EVERYTHING)
            model.drop(oid)


def _drop_type(model: Model, sql: Sql, node: Node) -> None:
    """With CASCADE, the columns of the type are gone with it."""
    types = {called(".".join(path)) for path in sql.tables(node, "TYPE_NAME_REF")} if node.has("CASCADE") else set()
    for oid, table in list(model.now.items()):
        left = {number: each for number, each in table.columns.items() if each.kind.removesuffix("[]") not in types}
        if len(left) < len(table.columns):
            model.lock(oid, _EVERYTHING)
            model.put(oid, columns=left)


def _reindex(model: Model, sql: Sql, node: Node) -> None:
    for oid in reindexed(model, sql, node):
        model.lock(oid, _EVERYTHING)


def _refresh(model: Model, sql: Sql, node: Node) -> None:
    # CONCURRENTLY writes the rows that differ; without data none is written.
    for path in sql.tables(node, "VIEW_REF") if not node.has("CONCURRENTLY_KW", "WITH_NO_DATA") else ():
        if (oid := model.find_view(path)) is not None:
            model.lock(oid, _EVERYTHING)
            model.write_anew(oid)


def _truncate(model: Model, sql: Sql, node: Node) -> None:
    for path in sql.tables(node, "TABLE_NAME_REF"):
        if (oid := model.find(path, sure=True)) is not None:
            model.lock(oid, _EVERYTHING)
            model.write_anew(oid, reading=False)


def _cluster(model: Model, sql: Sql, node: Node) -> None:
    for path in sql.tables(node, "TABLE_NAME_REF"):
        if (oid := model.find(path, sure=True)) is not None:
            model.lock(oid, _EVERYTHING)
            model.put(oid, clustered=True)
            model.write_anew(oid)


_MAKES = frozenset(
    {
        "CREATE_TABLE",
        "CREATE_TABLE_AS",
        "CREATE_FOREIGN_TABLE",
        "SELECT_INTO",
        "CREATE_VIEW",
        "CREATE_MATERIALIZED_VIEW",
        "CREATE_SEQUENCE",
    }
)
_VIEWS = frozenset({"CREATE_VIEW", "CREATE_MATERIALIZED_VIEW"})


def _create_type(model: Model, sql: Sql, node: Node) -> None:
    named = node.child("TYPE_NAME")
    if named is not None and node.has("ENUM_TYPE"):
        model.enums.add(called(".".join(sql.path(named))))


_KINDS: Mapping[str, Callable[[Model, Sql, Node], None]] = {
    **dict.fromkeys(_MAKES, _create),
    "CREATE_TABLE": _create_table,
    "CREATE_SCHEMA": _create_schema,
    "CREATE_INDEX": _create_index,
    "CREATE_TYPE": _create_type,
    "ALTER_TABLE": _alter_table,
    "ALTER_DOMAIN": alter_domain,
    "DROP_TABLE": _drop_table,
    "DROP_VIEW": _drop_view,
    "DROP_MATERIALIZED_VIEW": _drop_view,
    "DROP_SCHEMA": _drop_schema,
    "DROP_TYPE": _drop_type,
    "TRUNCATE": _truncate,
    "CLUSTER": _cluster,
    "REINDEX": _reindex,
    "REFRESH": _refresh,
    "VACUUM": vacuum,
}


_APART = frozenset(
    {"VACUUM", "CREATE_DATABASE", "DROP_DATABASE", "ALTER_SYSTEM", "CREATE_TABLESPACE", "DROP_TABLESPACE"}
)
_APART_CONCURRENTLY = frozenset({"CREATE_INDEX", "DROP_INDEX", "REINDEX"})
_MANY = "REINDEX_TARGET_"
"""Before SCHEMA, DATABASE and SYSTEM: each table in a transaction of its own (PostgreSQL's manual, REINDEX)."""


def refused_in_transaction(sql: Sql, node: Node) -> str:
    """What the server runs outside of a transaction alone, where the statement is that; else empty."""
    words = node.kind.replace("_", " ")
    if node.kind in _APART:
        return words
    many = next((each.kind for each in node.children if each.kind.startswith(_MANY)), "")
    if many.removeprefix(_MANY) in ("SCHEMA", "DATABASE", "SYSTEM"):
        return f"REINDEX {many.removeprefix(_MANY)}"
    if any(each.has("DETACH_CONCURRENTLY") for each in node.all("DETACH_PARTITION")):
        return "ALTER TABLE DETACH PARTITION CONCURRENTLY"
    alone = node.kind in _APART_CONCURRENTLY and works_concurrently(sql, node)
    return f"{words} CONCURRENTLY" if alone else ""


def apply(model: Model, sql: Sql, node: Node) -> None:
    """Let one statement change the tables, and remember whose rows it reads and writes."""
    model.begin_statement()
    use(model, sql, node)
    follow(model, sql, node)
    if node.kind in _KINDS:
        _KINDS[node.kind](model, sql, node)
