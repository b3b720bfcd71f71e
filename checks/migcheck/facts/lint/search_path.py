"""What a name without a schema means: that is known until a statement sets another search_path.

Source: PostgreSQL's manual, "The Schema Search Path", SET (`SET SCHEMA` is another way to write it) and RESET.
"""

from collections.abc import Iterator

from migcheck.facts.lint.model import Model
from migcheck.facts.lint.sql import Sql
from migcheck.facts.lint.told import PUBLIC
from migcheck.facts.lint.tree import Node

SETTING = "search_path"
_VALUES = frozenset({"CONFIG_VALUE_NAME", "LITERAL", "DEFAULT_KW"})
_AS_EVER = frozenset({PUBLIC, "default"})


def follow(model: Model, sql: Sql, node: Node) -> None:
    """Take notice of a statement that sets or resets it."""
    match node.kind:
        case "SET" if (schema := node.child("SET_SCHEMA_VALUE")) is not None or _is_of_it(sql, node):
            model.strayed = next(_values(sql, schema or node), "") not in _AS_EVER
        case "RESET" if node.child("ALL") is not None or _is_of_it(sql, node):
            model.strayed = False
        case _ if not node.kind.startswith("CREATE_") and any(_sets(sql, each) for each in node.below()):
            model.strayed = True
        case _:
            pass


def _is_of_it(sql: Sql, node: Node) -> bool:
    return any(each.kind == "CONFIG_PARAMETER_REF" and sql.name(each) == SETTING for each in node.below())


def _values(sql: Sql, node: Node) -> Iterator[str]:
    """The schemas, without that of the user, which nobody has."""
    written = (sql.text(each).strip("'\"").lower() for each in node.below() if each.kind in _VALUES)
    return (each for each in written if each != "$user")


def _sets(sql: Sql, node: Node) -> bool:
    """Whether it calls `set_config` for it, or for what is not written there."""
    called = node.child("NAME_REF", "FIELD_EXPR") if node.kind == "CALL_EXPR" else None
    if called is None or sql.name(called) != "set_config":
        return False
    first = next((each for each in node.below() if each.kind == "ARG"), None)
    text = "" if first is None else sql.text(first)
    return not text.startswith("'") or text.strip("'").lower() == SETTING
