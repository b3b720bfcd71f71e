"""What ALTER TABLE does to constraints, and what it builds and reads for them.

Source: PostgreSQL's manual, ALTER TABLE; `ChooseConstraintName` in pg_constraint.c for what nobody named.
"""

from msgspec.structs import replace

from migcheck.facts.lint.model import Model
from migcheck.facts.lint.sql import Sql
from migcheck.facts.lint.tree import Node
from migcheck.postgres.table import Constraint, Index, Key
from migcheck.sql_names import bare

# As the server writes them, and how it ends the name of one that has none.
_KEYS: dict[str, tuple[Key, str]] = {
    "PRIMARY_KEY_CONSTRAINT": ("PRIMARY KEY", "pkey"),
    "UNIQUE_CONSTRAINT": ("UNIQUE", "key"),
    "EXCLUDE_CONSTRAINT": ("EXCLUDE", "excl"),
}
_BOTH_SIDES = "SHARE ROW EXCLUSIVE"


def add_constraint(model: Model, sql: Sql, oid: int, node: Node) -> None:
    """ADD CONSTRAINT, with a name or without."""
    for each in node.children:
        match each.kind:
            case "PRIMARY_KEY_CONSTRAINT" | "UNIQUE_CONSTRAINT":
                add_key(model, sql, oid, each, _columns(sql, each))
            case "EXCLUDE_CONSTRAINT":
                keys = sql.keys(one for one in each.below() if one.kind == "PARTITION_ITEM")
                add_key(model, sql, oid, each, (*keys, *_columns(sql, each)))
            case "FOREIGN_KEY_CONSTRAINT":
                of = each.child("FOREIGN_KEY_COLUMN_LIST")
                add_reference(model, sql, oid, each, () if of is None else _columns(sql, of))
            case "CHECK_CONSTRAINT":
                add_check(model, sql, oid, each, "")
            case _:
                pass


def add_key(model: Model, sql: Sql, oid: int, node: Node, columns: tuple[str, ...]) -> None:
    """A primary key, a unique or an exclusion constraint: its index is built, where it does not take one over."""
    primary = node.kind == "PRIMARY_KEY_CONSTRAINT"
    for each in columns[: len(columns) - len(_included(sql, node))] if primary else ():
        number = model.find_column(oid, each, sure=False)
        if number is not None:
            model.put(oid, column=(number, replace(model.now[oid].columns[number], required=True)))
    if not node.has("USING_INDEX_NAME"):
        kind, suffix = _KEYS[node.kind]
        name = constraint_name(sql, node) or _chosen(model, oid, () if primary else columns, suffix)
        model.put_index(oid, Index(name, unique=suffix != "excl", valid=True, key=kind))


def add_reference(model: Model, sql: Sql, oid: int, node: Node, columns: tuple[str, ...]) -> None:
    """A foreign key: others may write to neither side."""
    lock_referenced(model, sql, node)
    name = constraint_name(sql, node) or _chosen(model, oid, columns, "fkey")
    if not _is_taken_over(model, oid, columns):
        model.put_constraint(oid, Constraint(name, foreign=True, validated=not node.has("NOT_VALID"), says=""))


def add_check(model: Model, sql: Sql, oid: int, node: Node, column: str) -> None:
    """A check, of a `column` or of the table."""
    expression = next((each for each in node.children if each.kind.endswith("_EXPR")), None)
    # Named after the only column that it asks for (`ChooseConstraintName`'s caller in heap.c).
    asked = {sql.name(each) for each in node.below() if each.kind == "NAME_REF"}
    columns = [each.name for each in model.now[oid].columns.values() if each.name in asked]
    only = (column,) if column else tuple(columns if len(columns) == 1 else ())
    name = constraint_name(sql, node) or _chosen(model, oid, only, "check")
    says = "" if expression is None else f"CHECK ({sql.text(expression)})"
    model.put_constraint(oid, Constraint(name, foreign=False, validated=not node.has("NOT_VALID"), says=says))


def validate_constraint(model: Model, sql: Sql, oid: int, node: Node) -> None:
    """VALIDATE CONSTRAINT."""
    name = sql.name(node.child("CONSTRAINT_NAME_REF"))
    if name is not None:
        number = model.find_constraint(oid, name)
        model.put_constraint(oid, replace(model.now[oid].constraints[number], validated=True), number)


def drop_constraint(model: Model, sql: Sql, oid: int, node: Node) -> None:
    """DROP CONSTRAINT."""
    name = sql.name(node.child("CONSTRAINT_NAME_REF"))
    left = {number: each for number, each in model.now[oid].constraints.items() if each.name != name}
    model.put(oid, constraints=left)


def lock_referenced(model: Model, sql: Sql, node: Node) -> None:
    """Lock the tables that the foreign keys below point to."""
    for path in sql.tables(node, "TABLE_NAME_REF"):
        other = model.find(path, sure=False)
        if other is not None:
            model.lock(other, _BOTH_SIDES)


def constraint_name(sql: Sql, node: Node) -> str | None:
    """What the constraint is called; None where nobody named it."""
    clause = node.child("CONSTRAINT_NAME_CLAUSE")
    return None if clause is None else sql.name(clause.child("CONSTRAINT_NAME"))


def _is_taken_over(model: Model, oid: int, columns: tuple[str, ...]) -> bool:
    """Whether each partition has that key, validated, by what landed: then the server looks at no row."""
    parts = [bare(part) for part, above in model.partitions.items() if model.name_of(above) == model.now[oid].name]
    told = (model.told_of(each, "foreign", *columns) and model.told_of(each, "validate") for each in parts)
    return bool(parts) and all(told)


def _chosen(model: Model, oid: int, columns: tuple[str, ...], kind: str) -> str:
    table = bare(model.now[oid].name)
    return "_".join((table, *columns, kind))


def _included(sql: Sql, node: Node) -> tuple[str, ...]:
    """What stands behind INCLUDE, the last of the columns: the index has it, and is named after it, but no key."""
    parameters = node.child("INDEX_PARAMETERS")
    clause = None if parameters is None else parameters.child("CONSTRAINT_INCLUDE_CLAUSE")
    return () if clause is None else _columns(sql, clause)


def _columns(sql: Sql, node: Node) -> tuple[str, ...]:
    found = (sql.name(each) for each in node.below() if each.kind == "COLUMN_NAME_REF")
    return tuple(each for each in found if each)
