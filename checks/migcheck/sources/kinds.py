"""Where a source file says which kind of database it works on: `{ client: "pg" }`, `dialect === "mysql"`.

Facts: knexjs.org "Configuration options" (`client`, `dialect`), sequelize.org "Getting Started" (`dialect`), typeorm.io
"DataSource Options" (`type`), prisma.io "Schema reference" (`provider`).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from migcheck.sources.syntax import bare, field, short, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

_KEYS = frozenset({"client", "dialect", "type", "provider", "driver"})
# By what gives something its value: where the name stands, and where the value.
_SETS: Mapping[str, tuple[str, str]] = {
    "pair": ("key", "value"),
    "pair_pattern": ("key", "value"),
    "assignment_expression": ("left", "right"),
    "augmented_assignment_expression": ("left", "right"),
    "object_assignment_pattern": ("left", "right"),
    "required_parameter": ("pattern", "value"),
    "public_field_definition": ("name", "value"),
    "variable_declarator": ("name", "value"),
}
_COMPARISON, _SWITCH, _CASE, _MADE = "binary_expression", "switch_statement", "switch_case", "new_expression"
NAMED = "shorthand_property_identifier"
_COMPARES = frozenset({"==", "===", "!=", "!=="})
TEXTS = frozenset({"string", "template_string"})
_ASSIGNS = frozenset({"assignment_expression", "augmented_assignment_expression"})
_VARIABLES = frozenset({"identifier", "member_expression"})
_LONGEST = 60
_TAKES_A_KIND = "Sequelize"


def kinds_among(nodes: "Iterable[Node]") -> "Iterator[Node]":
    """What options that are called as those of a kind of database are given, or compared with.

    Where that is a variable, what this is given by an assignment is among it: `process.env.DB_CLIENT ??= "mysql"`.
    """
    variables = set[str]()
    assigned: list[tuple[str, Node]] = []
    for node in nodes:
        for each in _kinds_of(node):
            variables.add(_variable(each))
            yield each
        left, right = (field(node, "left"), field(node, "right")) if node.type in _ASSIGNS else (None, None)
        if left is not None and right is not None and (name := _variable(left)):
            assigned.append((name, right))
    yield from (value for name, value in assigned if name in variables)


def _kinds_of(node: "Node") -> "Iterator[Node]":
    if node.type == NAMED and text_of(node) in _KEYS:
        yield node
    elif node.type == _MADE:
        yield from _of_made(node)
    else:
        key, values = _told(node)
        if key is not None and _name(key) in _KEYS:
            yield from (each for each in values if each is not None)


def _told(node: "Node") -> "tuple[Node | None, list[Node | None]]":
    """What is given something or compared, and with what."""
    if node.type in _SETS:
        key, value = _SETS[node.type]
        return field(node, key), [field(node, value)]
    if node.type == _SWITCH:
        body = field(node, "body")
        cases = body.named_children if body is not None else []
        return field(node, "value"), [field(each, "value") for each in cases if each.type == _CASE]
    if node.type != _COMPARISON or text_of(field(node, "operator")) not in _COMPARES:
        return None, []
    left, right = field(node, "left"), field(node, "right")
    return (right, [left]) if left is not None and left.type in TEXTS else (left, [right])


def _of_made(node: "Node") -> "Iterator[Node]":
    """What stands first of what Sequelize is made of, as some write it: `new Sequelize("mysql", …)`."""
    arguments = field(node, "arguments")
    constructor = field(node, "constructor")
    if arguments is not None and constructor is not None and _name(constructor) == _TAKES_A_KIND:
        yield from arguments.named_children[:1]


def _variable(node: "Node") -> str:
    """A variable, or a member such as `process.env.DB_CLIENT`, as it is written; empty for anything else."""
    inner = bare(node)
    return short(inner, _LONGEST) if inner is not None and inner.type in _VARIABLES else ""


def _name(node: "Node") -> str:
    """The last name of what is given: `client` of `config.client`."""
    inner = bare(node)
    return short(field(inner, "property") or inner, _LONGEST).strip("\"'")
