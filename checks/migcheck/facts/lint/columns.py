"""What ALTER TABLE does to columns.

Source: PostgreSQL's manual, ALTER TABLE, and `ATRewriteTable` in tablecmds.c.
"""

from msgspec.structs import replace

from migcheck.facts.lint.constraints import add_check, add_key, add_reference, lock_referenced
from migcheck.facts.lint.model import UNKNOWN, Model
from migcheck.facts.lint.sql import Sql
from migcheck.facts.lint.tree import Node
from migcheck.facts.lint.types import is_serial, may_be_domain, shown, writes_anew
from migcheck.facts.sql.types import called
from migcheck.postgres.table import Column
from migcheck.sql_names import bare

# Another value for each row. A function of the project's own may be one, too: what nobody knows is not told.
_VOLATILE = frozenset(
    {
        "random",
        "gen_random_uuid",
        "uuidv4",
        "uuidv7",
        "uuid_generate_v1",
        "uuid_generate_v1mc",
        "uuid_generate_v4",
        "clock_timestamp",
        "timeofday",
        "nextval",
    }
)
_IDENTITY, _GENERATED = "GENERATED_IDENTITY", "GENERATED_STORED"


def add_column(model: Model, sql: Sql, oid: int, node: Node) -> None:
    """ADD COLUMN, with all that is written behind it."""
    name = sql.name(node.child("COLUMN_NAME"))
    if name is None or model.find_column(oid, name, sure=False) is not None:
        return  # IF NOT EXISTS: it is there.
    written = _type(sql, node)
    serial = is_serial(written)
    made = node.child("GENERATED_CONSTRAINT")
    identity, computed = _generated(made)
    # A domain may have a default of its own.
    domain = called(written) not in model.enums and may_be_domain(called(written))
    filled = serial or identity or computed or domain or node.has("DEFAULT_CONSTRAINT")
    required = serial or identity or node.has("NOT_NULL_CONSTRAINT", "PRIMARY_KEY_CONSTRAINT")
    column = Column(name, called(written), shown(written), required, filled, computed)
    model.put(oid, column=(model.number(), column))
    stored = made is not None and any(each.kind == "STORED_KW" for each in made.below())
    if serial or identity or (computed and stored) or _is_volatile(sql, node.child("DEFAULT_CONSTRAINT")):
        model.write_anew(oid)
    for each in node.children:
        match each.kind:
            case "UNIQUE_CONSTRAINT" | "PRIMARY_KEY_CONSTRAINT":
                add_key(model, sql, oid, each, (name,))
            case "REFERENCES_CONSTRAINT":
                # Without a default it is empty: the server looks at no row (parse_utilcmd.c `skipValidation`).
                if serial or computed or node.has("DEFAULT_CONSTRAINT"):
                    add_reference(model, sql, oid, each, (name,))
                else:
                    lock_referenced(model, sql, each)
            case "CHECK_CONSTRAINT":
                add_check(model, sql, oid, each, name)
            case _:
                pass


def drop_column(model: Model, sql: Sql, oid: int, node: Node) -> None:
    """DROP COLUMN."""
    name, unsure = sql.name(node.child("COLUMN_NAME_REF")), node.has("IF_EXISTS")
    number = None if name is None else model.find_column(oid, name, sure=not unsure)
    if number is not None and name is not None and not (unsure and not _is_told(model, oid, number, name)):
        model.put(oid, columns={each: column for each, column in model.now[oid].columns.items() if each != number})


def _is_told(model: Model, oid: int, number: int, column: str) -> bool:
    first = model.first.get(oid)
    table = "" if first is None else bare(first.name)
    return first is None or number not in first.columns or model.told_of(table, column)


def alter_column(model: Model, sql: Sql, oid: int, node: Node) -> None:
    """ALTER COLUMN: its type, its default, and whether it has to have a value."""
    name = sql.name(node.child("COLUMN_NAME_REF"))
    number = None if name is None else model.find_column(oid, name, sure=True)
    if number is None:
        return
    old = model.now[oid].columns[number]
    new = old
    for each in node.children:
        match each.kind:
            case "SET_NOT_NULL":
                new = replace(old, required=True)
            case "DROP_NOT_NULL":
                new = replace(old, required=False)
            case "SET_DEFAULT" | "ADD_GENERATED":
                new = replace(old, filled=True)
            case "SET_TYPE":
                written = _type(sql, each)
                new = replace(old, kind=called(written), type=shown(written))
                converted = _is_converted(sql, each, old.name)
                if old.kind != UNKNOWN and (converted or writes_anew(old.kind, new.kind)):
                    model.write_anew(oid)
            case _:
                pass
    model.put(oid, column=(number, new))


def rename_column(model: Model, sql: Sql, oid: int, node: Node) -> None:
    """RENAME COLUMN."""
    name, to = sql.name(node.child("COLUMN_NAME_REF")), sql.name(node.child("COLUMN_NAME"))
    number = None if name is None or to is None else model.find_column(oid, name, sure=True)
    if number is not None and to is not None:
        model.put(oid, column=(number, replace(model.now[oid].columns[number], name=to)))


def _type(sql: Sql, node: Node) -> str:
    found = next((each for each in node.children if each.kind.endswith("_TYPE")), None)
    return UNKNOWN if found is None else sql.text(found)


def _generated(node: Node | None) -> tuple[bool, bool]:
    """Whether it is an identity, and whether it is computed from other columns."""
    return (False, False) if node is None else (node.has(_IDENTITY), node.has(_GENERATED))


def _is_volatile(sql: Sql, default: Node | None) -> bool:
    calls = () if default is None else (each for each in default.below() if each.kind == "CALL_EXPR")
    return any(bare(sql.text(each.children[0])) in _VOLATILE for each in calls)


def _is_converted(sql: Sql, node: Node, column: str) -> bool:
    """Whether USING makes something else of the old value than a cast would."""
    using = node.child("USING_EXPR")
    expression = None if using is None else using.child("CAST_EXPR", "NAME_REF", "CALL_EXPR", "BIN_EXPR", "CASE_EXPR")
    while expression is not None and expression.kind in ("CAST_EXPR", "PAREN_EXPR"):
        expression = next((each for each in expression.children if each.kind.endswith(("_EXPR", "NAME_REF"))), None)
    return using is not None and (expression is None or expression.kind != "NAME_REF" or sql.name(expression) != column)
