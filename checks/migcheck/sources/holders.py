"""Which function a part of a file stands in, and what begins that."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from migcheck.sources.later import is_later, kept_for
from migcheck.sources.syntax import CASTS, HANDED_ON, field, frozen, settles, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

_NAMED = frozenset({"function_declaration", "generator_function_declaration", "method_definition"})
_UNNAMED = frozenset({"arrow_function", "function_expression", "generator_function"})
_NAMING = {"variable_declarator": "name", "pair": "key", "public_field_definition": "name"}
_THROUGH = CASTS | {"arguments"}
# What hands on the functions in it where it is handed on.
_HOLDING = CASTS | {"object", "pair", "array"}


def walk(root: "Node") -> Iterator[tuple["Node", str]]:
    """Every named node, each with the name of the function that it stands in; empty where it runs with its file.

    A function without a name belongs to what is around it where that calls it on the spot or when a promise settles.
    One that is handed on at the top of a file, alone or in an object, is HANDED_ON, and one that is kept for later is
    what `kept_for` says. Neither recursion nor a way up: a hostile file nests a hundred thousand deep.
    """
    left = [(root, "", HANDED_ON, False)]
    while left:
        node, holder, given, within = left.pop()
        yield node, holder
        if node.type in _NAMED:
            holder = given if within else text_of(field(node, "name")) or holder
        elif node.type in _UNNAMED:
            holder = text_of(field(node, "name")) or given
        if (given_back := frozen(node)) is not None:
            left.append((given_back, holder, given, within))
            continue
        within = node.type == "arguments" or (within and node.type in _HOLDING)
        around = given if is_later(given) else ""
        given = given if within or node.type in _THROUGH else _given(node, holder, around)
        spot = holder if node.type == "call_expression" else given
        # Of a call, what is called comes first, and its arguments after.
        left.extend(
            (child, holder, given if child.type == "arguments" else spot, within)
            for child in reversed(node.named_children)
        )


def _given(node: "Node", holder: str, around: str) -> str:
    """The name for a function without one that stands directly below `node`, or among a call's arguments."""
    if node.type in _NAMING:
        return text_of(field(node, _NAMING[node.type]))
    return given_by(node, holder, around if node.type == "call_expression" else "")


def given_by(node: "Node", holder: str, around: str = "") -> str:
    """What begins the functions that the call `node` is given, where that stands in `holder`.

    `around`: the call is itself given to one that keeps it for later, in this name: `app.post("/up", wrapped(up))`.
    """
    return kept_for(node, holder) or (holder if settles(node) else around or holder or HANDED_ON)
