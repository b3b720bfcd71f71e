"""Calls in source code whose failure ends nothing: it is caught, told, and the program ends as if all were well.

Only what is sure: a handler that does anything but tell may well end the program, and so may what comes after it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from migcheck.regex import regex
from migcheck.sources.syntax import bare, field, short, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

_TELLS = regex(r"(?:console|logger|log)\.\w+", re.ASCII)
_FAILS = regex(rb"\bexit(?:Code)?\s*(?:=\s*|\(\s*)[^0)\s]|\bthrow\b|\breject\(")
_ENDS_WELL = regex(r"process\.exit\((?:0)?\)")
_AROUND = frozenset(
    {
        "statement_block",
        "expression_statement",
        "return_statement",
        "if_statement",
        "else_clause",
        "lexical_declaration",
        "variable_declarator",
        "assignment_expression",
    }
)
_FUNCTIONS = frozenset({"arrow_function", "function_expression"})
_PASSED_ON = frozenset({"then", "finally"})
_DEEPEST = 8
_LONGEST = 200
CATCH, TRY = "`.catch()` only logs", "`catch` only logs"
"""Why a program goes on, for a sentence."""


Failures = Mapping[tuple[int, int], str]
"""Why the program goes on where a call fails, by the bytes of the call."""


def failures(nodes: "Iterable[Node]", content: bytes) -> Failures:
    """The calls whose failure is only told of, in the file that is made of `nodes`."""
    last = max((each.start() for each in _FAILS.finditer(content)), default=-1)
    found: dict[tuple[int, int], str] = {}
    for node in nodes:
        # What comes after may look at what came of it, and fail.
        if node.end_byte > last and node.type == "call_expression":
            found |= dict.fromkeys(_caught(node), CATCH)
        elif node.end_byte > last and node.type == "try_statement":
            found |= dict.fromkeys(_tried(node), TRY)
    return found


def _caught(node: "Node") -> Iterator[tuple[int, int]]:
    """The call at the beginning of `call().then(…).catch(console.error)`."""
    function = field(node, "function")
    if text_of(field(function, "property")) != "catch" or not _only_tells(_argument(node)):
        return
    call = bare(field(function, "object"))
    while call is not None and call.type == "call_expression":
        member = field(call, "function")
        if text_of(field(member, "property")) not in _PASSED_ON:
            yield call.start_byte, call.end_byte
            return
        call = bare(field(member, "object"))


def _tried(node: "Node") -> Iterator[tuple[int, int]]:
    """The calls that a `try` waits for, where its `catch` only tells."""
    handler = field(node, "handler", "body")
    if handler is not None and _block_tells(handler, 0):
        yield from _awaited(field(node, "body"), 0)


def _awaited(node: "Node | None", depth: int) -> Iterator[tuple[int, int]]:
    """The calls that the statement `node` waits for. Those of another function, or another `try`, are not its own."""
    if node is None or depth > _DEEPEST:
        return
    if node.type == "await_expression":
        call = bare(node)
        if call is not None and call.type == "call_expression":
            yield call.start_byte, call.end_byte
    elif node.type in _AROUND:
        for each in node.named_children:
            yield from _awaited(each, depth + 1)


def _argument(call: "Node") -> "Node | None":
    arguments = field(call, "arguments")
    given = [each for each in arguments.named_children if each.type != "comment"] if arguments is not None else []
    return bare(given[0]) if len(given) == 1 else None


def _only_tells(handler: "Node | None") -> bool:
    """Whether a function that is given a failure only tells of it."""
    if handler is None:
        return False
    if handler.type not in _FUNCTIONS:
        return _TELLS.fullmatch(short(handler, _LONGEST)) is not None
    body = field(handler, "body")
    if body is not None and body.type == "statement_block":
        return _block_tells(body, 0)
    return _tells(body)


def _block_tells(block: "Node", depth: int) -> bool:
    return depth <= _DEEPEST and all(_statement_tells(each, depth + 1) for each in block.named_children)


def _statement_tells(node: "Node", depth: int) -> bool:
    match node.type:
        # In parentheses stands what an `if` asks.
        case "comment" | "empty_statement" | "parenthesized_expression":
            return True
        case "expression_statement":
            return _tells(next(iter(node.named_children), None))
        case "return_statement":
            return not node.named_children
        case "statement_block" | "if_statement" | "else_clause":
            return _block_tells(node, depth)
        case _:
            return False


def _tells(node: "Node | None") -> bool:
    node = bare(node)
    if node is None or node.type != "call_expression":
        return False
    said = _TELLS.fullmatch(short(field(node, "function"), _LONGEST)) is not None
    return said or _ENDS_WELL.fullmatch(short(node, _LONGEST)) is not None
