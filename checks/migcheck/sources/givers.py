"""Which functions of a file wait for a function that they are given, and which may end the program with a failure."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from migcheck.regex import regex
from migcheck.typescript.syntax import arguments_of, bare, field, settles, short, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

_EXITS = regex(rb"\bexit(?:Code)?\s*(?:=\s*|\(\s*)[^0)\s]")
# By the field that has their name; those of classes and objects are known by their last name alone.
_NAMED = {
    "function_declaration": "name",
    "method_definition": "name",
    "variable_declarator": "name",
    "public_field_definition": "name",
    "pair": "key",
    "assignment_expression": "left",
}
_VALUES = ("value", "right")
_WAITS = frozenset({"await_expression", "return_statement"})
# What p-retry, async-retry and promise-retry are called where they are imported, and what people call their own: all
# give back the promise of what they are given. Of any other function that another file has, it is not known: a callback
# that nobody waits for ends Node by itself.
_RETRIES = frozenset({"retry", "withRetry", "withRetries", "pRetry", "asyncRetry", "promiseRetry", "retryAsync"})
_LONGEST = 200
_MOST_NAMES = 8
_MOST_CALLS = 8
"""Functions that may call one another in a row until one ends the program."""


class Givers(Struct, frozen=True):
    """The functions of a file, as those that run what they are given.

    `exits` are where it says to end badly, or names what may, in bytes and in order. `ending` are the names of what may
    end it so, and `waiting` of what waits for a function that it is given.
    """

    exits: tuple[int, ...]
    ending: frozenset[str]
    waiting: frozenset[str]

    def pass_on(self, call: "Node") -> bool:
        """Whether `call` waits for a function that it is given, and whoever waits for `call` is left its failure."""
        if settles(call):
            return True
        first, last = _names(field(call, "function"))
        return last in self.waiting and not self.ending & {first, last}


def exits_in(content: bytes) -> tuple[int, ...]:
    """Where a file says to end the program badly, in bytes."""
    return tuple(each.start() for each in _EXITS.finditer(content))


def givers_among(nodes: "Sequence[Node]", content: bytes) -> Givers:
    """Those of the file that is made of `nodes`."""
    named = [(_last_name(field(node, _NAMED[node.type])), node) for node in nodes if node.type in _NAMED]
    own = exits_in(content)
    exits, ending = own, _holding(named, own)
    called = _called(nodes) if own else {}
    for _ in range(_MOST_CALLS):
        exits = tuple(sorted((*own, *(at for name in ending for at in called.get(name, ())))))
        more = _holding(named, exits)
        if more == ending:
            break
        ending = more
    return Givers(exits, ending, _RETRIES | frozenset(_waiting(nodes, named)))


def _holding(named: "Iterable[tuple[str, Node]]", exits: Sequence[int]) -> frozenset[str]:
    """The names of those that one of `exits` stands in."""
    within = (
        name for name, node in named if bisect_left(exits, node.start_byte) < bisect_left(exits, node.end_byte) and name
    )
    return frozenset(within)


def _called(nodes: "Iterable[Node]") -> Mapping[str, Sequence[int]]:
    """Where what is called, or handed on in a call by its name, stands: `die(e)`, `.catch(die)`."""
    found: dict[str, list[int]] = {}
    for node in nodes:
        if node.type == "call_expression":
            for each in (field(node, "function"), *arguments_of(node)):
                if each is not None and (name := _last_name(each)):
                    found.setdefault(name, []).append(each.start_byte)
    return found


def _waiting(nodes: "Iterable[Node]", named: "Iterable[tuple[str, Node]]") -> Iterator[str]:
    """The names of functions that await, or give back, what a parameter of theirs gives back."""
    waited: dict[str, list[int]] = {}
    for node in nodes:
        call = bare(next(iter(node.named_children), None) if node.type in _WAITS else field(node, "body"))
        if call is not None and call.type == "call_expression":
            waited.setdefault(_last_name(field(call, "function")), []).append(call.start_byte)
    for name, node in named:
        function = next((each for part in _VALUES if (each := bare(field(node, part))) is not None), node)
        for parameter in _parameters(function) if name else ():
            at = waited.get(parameter, ())
            if bisect_left(at, function.start_byte) < bisect_left(at, function.end_byte):
                yield name


def _parameters(function: "Node") -> Iterator[str]:
    several = field(function, "parameters")
    alone = field(function, "parameter")
    for each in several.named_children if several is not None else (alone,) if alone is not None else ():
        pattern = field(each, "pattern")
        yield short(each if pattern is None else pattern, _LONGEST)


def _last_name(node: "Node | None") -> str:
    return _names(node)[1]


def _names(node: "Node | None") -> tuple[str, str]:
    """The first and the last of the names that lead to `node`, one for a plain name; empty for what has none."""
    node = bare(node)
    last = ""
    for _ in range(_MOST_NAMES):
        if node is None or node.type != "member_expression":
            break
        last = last or text_of(field(node, "property"))
        node = bare(field(node, "object"))
    first = short(node, _LONGEST) if node is not None and not node.named_children else ""
    return first, last or first
