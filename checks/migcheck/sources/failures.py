"""Calls in source code whose failure ends nothing: it is caught, told, and the program ends as if all were well.

Only what is sure: a handler that does anything but tell may well end the program, and so may what comes after it.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from operator import itemgetter
from typing import TYPE_CHECKING

from msgspec import Struct

from migcheck.regex import regex
from migcheck.sources.syntax import bare, field, short, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

_TELLS = regex(r"(?:console|logger|log)\.\w+", re.ASCII)
_EXITS = regex(rb"\bexit(?:Code)?\s*(?:=\s*|\(\s*)[^0)\s]")
_REJECTS = regex(rb"\bthrow\b|\breject\(")
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
_ANY_FUNCTION = _FUNCTIONS | {"function_declaration", "method_definition"}
_NAMED = frozenset({"function_declaration", "variable_declarator"})
_PASSED_ON = frozenset({"then", "finally"})
_DEEPEST = 8
_LONGEST = 200
_NAMELESS = "()"
CATCH, TRY = "`.catch()` lets it pass", "`catch` lets it pass"
"""Why a program goes on, for a sentence."""


Span = tuple[int, int]
"""Where a node begins and ends, in bytes."""
Waited = tuple[Span, str]
"""A call that is waited for, and the name of what runs the function that it stands in; empty for none."""


class Failures(Struct, frozen=True):
    """What becomes of failures in a file.

    `told` is why the program goes on where a call fails, by the bytes of the call; `exits` are where it says to end
    badly, `functions` the functions that stand in no other, and `ending` the names of those that may end it so.
    """

    told: Mapping[Span, str]
    exits: tuple[int, ...]
    functions: tuple[Span, ...]
    ending: frozenset[str]

    def goes_on(self, call: "Node") -> str:
        """Why the program goes on where `call` fails; empty where that is not sure."""
        return self.told.get((call.start_byte, call.end_byte), "")

    def of_given(self, call: "Node") -> str:
        """As `goes_on`, where what fails is a function that `call` is given."""
        return "" if _callee(call) in self.ending else self.goes_on(call)

    def may_end(self, call: "Node") -> bool:
        """Whether its function says behind `call` to end badly: there it may look at what came of it."""
        around = bisect_left(self.functions, call.end_byte, key=itemgetter(1))
        following = bisect_left(self.exits, call.end_byte)
        if around == len(self.functions) or following == len(self.exits):
            return False
        begin, end = self.functions[around]
        return begin <= call.start_byte and self.exits[following] < end


def failures(nodes: "Iterable[Node]", content: bytes) -> Failures:
    """The calls whose failure is only told of, in the file that is made of `nodes`."""
    exits = tuple(each.start() for each in _EXITS.finditer(content))
    last = max((*exits, *(each.start() for each in _REJECTS.finditer(content))), default=-1)
    told: dict[Span, str] = {}
    functions: list[Span] = []
    ending = set[str]()
    for node in nodes:
        # What comes after may look at what came of it, and fail.
        if node.end_byte > last and node.type == "call_expression":
            told |= {call: CATCH for call, giver in _caught(node) if giver not in ending}
        elif node.end_byte > last and node.type == "try_statement":
            told |= {call: TRY for call, giver in _tried(node) if giver not in ending}
        elif node.type in _ANY_FUNCTION and (not functions or node.start_byte >= functions[-1][1]):
            functions.append((node.start_byte, node.end_byte))
        if node.type in _NAMED and bisect_left(exits, node.start_byte) < bisect_left(exits, node.end_byte):
            ending.add(short(field(node, "name"), _LONGEST) or _NAMELESS)
    return Failures(told, exits, tuple(functions), frozenset(ending - {_NAMELESS}))


def _caught(node: "Node") -> Iterator[Waited]:
    """What `call(…).then(…).catch(console.error)` waits for before the `catch`."""
    function = field(node, "function")
    if text_of(field(function, "property")) != "catch" or not _only_tells(_argument(node)):
        return
    call = bare(field(function, "object"))
    while call is not None and call.type == "call_expression":
        yield from _with_given(call)
        member = field(call, "function")
        if text_of(field(member, "property")) not in _PASSED_ON:
            return
        call = bare(field(member, "object"))


def _callee(call: "Node") -> str:
    return short(field(call, "function"), _LONGEST) or _NAMELESS


def _with_given(call: "Node", depth: int = 0, giver: str = "") -> Iterator[Waited]:
    """`call`, and what the functions wait for that it is given where it stands: `withRetry(() => migrate(…))`."""
    yield (call.start_byte, call.end_byte), giver
    arguments = field(call, "arguments")
    for each in (field(call, "function"), *(arguments.named_children if arguments is not None else ())):
        given = bare(each)
        if given is None or given.type not in _FUNCTIONS or depth > _DEEPEST:
            continue
        body = bare(field(given, "body"))
        if body is not None and body.type == "call_expression":
            yield from _with_given(body, depth + 1, _callee(call))
        elif body is not None:
            yield from _awaited(body, depth + 1, _callee(call))


def _tried(node: "Node") -> Iterator[Waited]:
    """The calls that a `try` waits for, where its `catch` only tells."""
    handler = field(node, "handler", "body")
    if handler is not None and _block_tells(handler, 0):
        yield from _awaited(field(node, "body"), 0)


def _awaited(node: "Node | None", depth: int, giver: str = "") -> Iterator[Waited]:
    """The calls that the statement `node` waits for; where it is of a function that a `giver` runs, what it gives back.

    Those of another `try`, or of a function that nobody is seen to be given, are not its own.
    """
    if node is None or depth > _DEEPEST:
        return
    waits = node.type == "await_expression" or (giver and node.type == "return_statement")
    call = bare(next(iter(node.named_children), None)) if waits else None
    if call is not None and call.type == "call_expression":
        yield from _with_given(call, depth, giver)
    elif node.type in _AROUND:
        for each in node.named_children:
            yield from _awaited(each, depth + 1, giver)


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
