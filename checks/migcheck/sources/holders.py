"""Which function a part of a file stands in, and what begins that."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from migcheck.sources.later import FILE, Holder, is_later, kept_for
from migcheck.typescript.syntax import CASTS, HANDED_ON, field, frozen, settles, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

_NAMED = frozenset({"function_declaration", "generator_function_declaration", "method_definition"})
_UNNAMED = frozenset({"arrow_function", "function_expression", "generator_function"})
_NAMING = {"variable_declarator": "name", "pair": "key", "public_field_definition": "name"}
_THROUGH = CASTS | {"arguments"}
# What hands on the functions in it where it is handed on.
_HOLDING = CASTS | {"object", "pair", "array"}


def walk(root: "Node") -> Iterator[tuple["Node", Holder]]:
    """Every named node, each with the function that it stands in.

    A function without a name belongs to what is around it where that calls it on the spot or when a promise settles.
    One that is handed on at the top of a file, alone or in an object, is HANDED_ON, and one that is kept for later is
    what `kept_for` says. Neither recursion nor a way up: a hostile file nests a hundred thousand deep.
    """
    left = [(root, FILE, Holder(HANDED_ON), False)]
    while left:
        node, holder, given, within = left.pop()
        yield node, holder
        if node.type in _NAMED:
            holder = given if within else _named(node, holder)
        elif node.type in _UNNAMED:
            holder = _named(node, given)
        if (given_back := frozen(node)) is not None:
            left.append((given_back, holder, given, within))
            continue
        within = node.type == "arguments" or (within and node.type in _HOLDING)
        around = given if is_later(given) else None
        given = given if within or node.type in _THROUGH else _given(node, holder, around)
        spot = holder if node.type == "call_expression" else given
        # Of a call, what is called comes first, and its arguments after.
        left.extend(
            (child, holder, given if child.type == "arguments" else spot, within)
            for child in reversed(node.named_children)
        )


def _named(node: "Node", otherwise: Holder) -> Holder:
    name = text_of(field(node, "name"))
    return Holder(name) if name else otherwise


def _given(node: "Node", holder: Holder, around: Holder | None) -> Holder:
    """What stands for a function without a name that stands directly below `node`, or among a call's arguments."""
    if node.type in _NAMING:
        return Holder(text_of(field(node, _NAMING[node.type])))
    return given_by(node, holder, around if node.type == "call_expression" else None)


def given_by(node: "Node", holder: Holder, around: Holder | None = None) -> Holder:
    """What begins the functions that the call `node` is given, where that stands in `holder`.

    `around`: the call is itself given to one that keeps it for later, in this name: `app.post("/up", wrapped(up))`.
    """
    kept = kept_for(node, holder)
    if kept is not None or settles(node):
        return kept or holder
    return around or (Holder(HANDED_ON) if holder == FILE else holder)
