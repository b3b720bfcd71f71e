"""Calls in source code whose failure ends nothing: it is caught, told, and the program ends as if all were well.

Only what is sure: a handler that does anything but tell may well end the program, and so may what comes after it.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from msgspec import Struct

from migcheck.regex import regex
from migcheck.sources.givers import Givers, exits_in, givers_among
from migcheck.typescript.syntax import FUNCTIONS, arguments_of, bare, field, settles, short, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

_TELLS = regex(r"(?:console|logger|log)\.\w+", re.ASCII)
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
_DECLARED = frozenset({"function_declaration", "method_definition"})
_ANY_FUNCTION = FUNCTIONS | _DECLARED
_HANDED = FUNCTIONS | {"identifier", "member_expression", "method_definition"}
# They give back the promises of what they are given, for who calls them.
_OF_EACH = frozenset({"map", "flatMap"})
_PASSED_ON = frozenset({"then", "finally"})
_DEEPEST = 8
_LONGEST = 200
CATCH, TRY = "`.catch()` lets it pass", "`catch` lets it pass"
"""Why a program goes on, for a sentence."""


Span = tuple[int, int]
"""Where a node begins and ends, in bytes."""


class Failures(Struct, frozen=True):
    """What becomes of failures in a file.

    `told` is why the program goes on where a call fails, by the bytes of the call; `looked_at` is what stands where a
    failure is caught, in a function that may end the program badly for it, or where nobody is seen to wait for it.
    """

    told: Mapping[Span, str]
    looked_at: AbstractSet[Span]
    givers: Givers

    def goes_on(self, call: "Node") -> str:
        """Why the program goes on where `call` fails; empty where that is not sure."""
        return self.told.get((call.start_byte, call.end_byte), "")

    def of_given(self, call: "Node") -> str:
        """As `goes_on`, where what fails is a function that `call` is given."""
        return self.goes_on(call) if self.givers.pass_on(call) else ""

    def may_end(self, call: "Node") -> bool:
        """Whether the failure of `call` is caught in its function, which says there or behind it to end badly.

        Or nobody waits for what it stands in: Node ends by itself then.
        """
        return (call.start_byte, call.end_byte) in self.looked_at


def failures(nodes: "Sequence[Node]", content: bytes) -> Failures:
    """What becomes of failures in the file that is made of `nodes`, in their order."""
    givers = givers_among(nodes, content)
    # What comes after may look at what came of it, and fail.
    last = max((*exits_in(content), *(each.start() for each in _REJECTS.finditer(content))), default=-1)
    told: dict[Span, str] = {}
    for node in nodes:
        if node.end_byte > last and node.type == "call_expression":
            told |= dict.fromkeys(_caught(node, givers), CATCH)
        elif node.end_byte > last and node.type == "try_statement":
            told |= dict.fromkeys(_tried(node, givers), TRY)
    return Failures(told, frozenset((*_looked_at(nodes, givers.exits), *_adrift(nodes, givers))), givers)


def _looked_at(nodes: "Iterable[Node]", exits: Sequence[int]) -> Iterator[Span]:
    """What stands where a failure is caught, with one of `exits` behind that in the same function."""
    catching = set[Span]()
    around: list[Span] = []
    # Of functions in one another the outermost: what calls the inner ones is in it as well.
    function = (0, 0)
    for node in nodes if exits else ():
        span = begin, end = node.start_byte, node.end_byte
        if node.type in _ANY_FUNCTION and begin >= function[1]:
            function = span
        while around and around[-1][1] <= begin:
            around.pop()
        if span in catching:
            around.append(span)
        catching.update((each.start_byte, each.end_byte) for each in _catching(node))
        if around and around[-1][0] >= function[0]:
            behind = bisect_left(exits, around[-1][1])
            if behind < len(exits) and exits[behind] < function[1]:
                yield begin, end


def _adrift(nodes: "Iterable[Node]", givers: Givers) -> Iterator[Span]:
    """What stands in a function that is handed on to what is not seen to wait for it: `app.listen(1, async () => …)`.

    Of a function in there that has a name, its callers tell.
    """
    handed, named = set[Span](), set[Span]()
    around: list[tuple[int, bool]] = []
    for node in nodes:
        span = begin, end = node.start_byte, node.end_byte
        while around and around[-1][0] <= begin:
            around.pop()
        if node.type == "call_expression" and not givers.pass_on(node) and not _is_of_each(node):
            handed.update(_handed(arguments_of(node)))
        elif node.type == "variable_declarator":
            value = bare(field(node, "value"))
            named.update((each.start_byte, each.end_byte) for each in (value,) if each and each.type in FUNCTIONS)
        if span in handed or node.type in _DECLARED or span in named:
            around.append((end, span in handed))
        if around and around[-1][1]:
            yield span


def _is_of_each(call: "Node") -> bool:
    return text_of(field(call, "function", "property")) in _OF_EACH


def _handed(values: "Iterable[Node]") -> Iterator[Span]:
    """The functions among `values`, and those in their objects, with a name or without."""
    left = list(values)
    while left:
        each = bare(left.pop())
        if each is None:
            continue
        if each.type == "object":
            left.extend(each.named_children)
        elif each.type == "pair":
            left += [value] if (value := field(each, "value")) else []
        elif each.type in _HANDED:
            yield each.start_byte, each.end_byte


def _catching(node: "Node") -> "Iterator[Node]":
    """That of `node` whose failure it catches: of a `try`, of `.catch(…)`, or handed to what may (`settled(up())`)."""
    caught = None
    if node.type == "try_statement" and field(node, "handler") is not None:
        caught = field(node, "body")
    elif node.type == "call_expression" and not settles(node):
        caught = field(node, "arguments")
    elif node.type == "call_expression" and (_is_catch(node) or len(arguments_of(node)) > 1):
        caught = field(node, "function", "object")
    if caught is not None:
        yield caught


def _is_catch(call: "Node") -> bool:
    return text_of(field(call, "function", "property")) == "catch"


def _caught(node: "Node", givers: Givers) -> Iterator[Span]:
    """What `call(…).then(…).catch(console.error)` waits for before the `catch`."""
    given = arguments_of(node)
    if not _is_catch(node) or len(given) != 1 or not _only_tells(bare(given[0])):
        return
    call = bare(field(node, "function", "object"))
    while call is not None and call.type == "call_expression":
        yield from _with_given(call, givers)
        member = field(call, "function")
        if text_of(field(member, "property")) not in _PASSED_ON:
            return
        call = bare(field(member, "object"))


def _with_given(call: "Node", givers: Givers, depth: int = 0) -> Iterator[Span]:
    """`call`, and what the functions wait for that it is given where it stands: `withRetry(() => migrate(…))`."""
    yield call.start_byte, call.end_byte
    for each in (field(call, "function"), *(arguments_of(call) if givers.pass_on(call) else ())):
        given = bare(each)
        if given is None or given.type not in FUNCTIONS or depth > _DEEPEST:
            continue
        body = bare(field(given, "body"))
        if body is not None and body.type == "call_expression":
            yield from _with_given(body, givers, depth + 1)
        elif body is not None:
            yield from _awaited(body, givers, depth + 1, given=True)


def _tried(node: "Node", givers: Givers) -> Iterator[Span]:
    """The calls that a `try` waits for, where its `catch` only tells."""
    handler = field(node, "handler", "body")
    if handler is not None and _block_tells(handler, 0):
        yield from _awaited(field(node, "body"), givers, 0, given=False)


def _awaited(node: "Node | None", givers: Givers, depth: int, *, given: bool) -> Iterator[Span]:
    """The calls that the statement `node` waits for; where it is of a function that is `given`, what that gives back.

    Those of another `try`, or of a function that nobody is seen to wait for, are not its own.
    """
    if node is None or depth > _DEEPEST:
        return
    waits = node.type == "await_expression" or (given and node.type == "return_statement")
    call = bare(next(iter(node.named_children), None)) if waits else None
    if call is not None and call.type == "call_expression":
        yield from _with_given(call, givers, depth)
    elif node.type in _AROUND:
        for each in node.named_children:
            yield from _awaited(each, givers, depth + 1, given=given)


def _only_tells(handler: "Node | None") -> bool:
    """Whether a function that is given a failure only tells of it."""
    if handler is None:
        return False
    if handler.type not in FUNCTIONS:
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
