"""Code that is not run in production, or only where a person asks for it.

It stands behind a look at `NODE_ENV`, or at what a bundler has in its place; or at what the program is given.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from migcheck.regex import regex
from migcheck.sources.arguments import Arguments, Flag, One, Rest, read_arguments
from migcheck.sources.later import LATER, Holder, are_variables, asked_for
from migcheck.typescript.syntax import arguments_of, bare, field, short, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

    from migcheck.typescript.imports import Import

_MODE = regex(r"(?:\w+\.)*(?:env\.NODE_ENV|import\.meta\.env\.MODE)|NODE_ENV", re.ASCII)
_VARIABLE = regex(r"(?:process|Deno|Bun|import\.meta)\.env(?:\.|\[[\"'])(?P<name>[A-Z]\w*)(?:[\"']\])?", re.ASCII)
_OFF = frozenset({"", "0", "false", "no", "off"})
_DEVELOPS = frozenset({"import.meta.env.DEV", "import.meta.dev", "process.dev"})
_PRODUCES = frozenset({"import.meta.env.PROD"})
_PRODUCTION, _DEVELOPMENT = "production", frozenset({"development", "dev", "local", "test"})
# SvelteKit's `dev`.
_BY_FRAMEWORK = ("$app/environment", "dev")
_DEEPEST = 10
_LONGEST = 60
_MOST_WORDS = 20
"""Of cases that go on to each other: each has those of all before it."""
_ENDS = frozenset({"return_statement", "throw_statement", "break_statement"})
_EXIT = "process.exit("
_INCLUDES = "includes"

_When = frozenset[str] | None
_NEVER = frozenset[str]()


class _Says(NamedTuple):
    """What a condition says where it is true, and where it is false: what the program was then given one of.

    Nothing at all says that this cannot be production, None that it says neither.
    """

    true: _When = None
    false: _When = None


class Guarded(Struct, frozen=True):
    """The bytes of a file that are not run in production: where each stretch begins, and the farthest end so far.

    Of `asked` each stretch is run where the program is given one of its words; none stands in another.
    """

    begins: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()
    asked: tuple[tuple[int, int, frozenset[str]], ...] = ()

    def holds(self, node: "Node") -> bool:
        """Whether `node` stands in one."""
        at = bisect_right(self.begins, node.start_byte) - 1
        return at >= 0 and node.start_byte < self.ends[at]

    def named_for(self, node: "Node", holder: Holder) -> Holder:
        """What `holder` is at `node`: another where the program has to be given something for that."""
        at = bisect_right(self.asked, node.start_byte, key=itemgetter(0)) - 1
        inside = at >= 0 and node.start_byte < self.asked[at][1]
        may = holder != LATER and are_variables(holder.words)
        return asked_for(self.asked[at][2], holder) if inside and may else holder


def guarded(
    nodes: Sequence["Node"], content: bytes, constants: Mapping[str, "Node"], imports: Mapping[str, "Import"]
) -> Guarded:
    """What of the file that is made of `nodes` a person runs alone, as far as that is plain to see."""
    reader = _Conditions(constants, imports, read_arguments(nodes, content, constants, imports))
    begins, ends, farthest = list[int](), list[int](), 0
    asked = list[tuple[int, int, frozenset[str]]]()
    found = (each for node in nodes for each in _stretches(node, reader))
    for begin, end, words in sorted(found, key=lambda each: (each[0], -each[1])):
        if not words:
            farthest = max(farthest, end)
            begins.append(begin)
            ends.append(farthest)
        elif not asked or begin >= asked[-1][1]:
            asked.append((begin, end, words))
        elif are_variables(asked[-1][2]):
            # What a person asks for says more.
            asked[-1] = (begin, end, words)
    return Guarded(tuple(begins), tuple(ends), tuple(asked))


def _stretches(node: "Node", reader: "_Conditions") -> Iterator[tuple[int, int, frozenset[str]]]:
    match node.type:
        case "if_statement" | "ternary_expression":
            says = reader.says(field(node, "condition"))
            branches = (says.true, field(node, "consequence")), (says.false, field(node, "alternative"))
        case "binary_expression" if text_of(field(node, "operator")) in ("&&", "||"):
            says = reader.says(field(node, "left"))
            both = text_of(field(node, "operator")) == "&&"
            right = field(node, "right")
            branches = (says.true if both else None, right), (None if both else says.false, right)
        case "program" | "statement_block":
            yield from _after_leaving(node, reader)
            return
        case "switch_statement":
            yield from _cases(node, reader)
            return
        case _:
            return
    for told, branch in branches:
        if told is not None and branch is not None:
            yield branch.start_byte, branch.end_byte, told


def _cases(switch: "Node", reader: "_Conditions") -> Iterator[tuple[int, int, frozenset[str]]]:
    """What stands behind `case "word":`, with the words of those before it that go on to it."""
    words: _When = _NEVER
    for each in getattr(field(switch, "body"), "named_children", ()):
        said = reader.compared(field(switch, "value"), field(each, "value")).true
        words = None if words is None or said is None or len(words) > _MOST_WORDS else words | said
        if words:
            yield each.start_byte, each.end_byte, words
        if each.type != "comment" and _leaves(next(iter(reversed(each.named_children)), None)):
            words = _NEVER


def _after_leaving(block: "Node", reader: "_Conditions") -> Iterator[tuple[int, int, frozenset[str]]]:
    """What stands behind `if (NODE_ENV === "production") return;`."""
    for each in block.named_children:
        alone = each.type == "if_statement" and field(each, "alternative") is None
        told = reader.says(field(each, "condition")).false if alone and _leaves(field(each, "consequence")) else None
        if told is not None:
            yield each.end_byte, block.end_byte, told
            if not told:
                return


def _leaves(node: "Node | None") -> bool:
    if node is not None and node.type == "statement_block":
        node = next(iter(reversed(node.named_children)), None)
    return node is not None and (node.type in _ENDS or short(node, _LONGEST).startswith(_EXIT))


class _Conditions(Struct, frozen=True):
    """Reads conditions in a file with these `constants`, `imports` and `arguments`."""

    constants: "Mapping[str, Node]"
    imports: "Mapping[str, Import]"
    arguments: Arguments

    def says(self, node: "Node | None", depth: int = 0) -> _Says:
        """What the condition `node` says."""
        node = bare(node)
        if node is None or depth > _DEEPEST:
            return _Says()
        match node.type:
            case "binary_expression":
                return self._of_two(node, depth + 1)
            case "unary_expression" if text_of(field(node, "operator")) == "!":
                says = self.says(field(node, "argument"), depth + 1)
                return _Says(says.false, says.true)
            case "call_expression":
                return self._included(node)
            case "identifier" | "member_expression":
                return self._named(node, depth + 1)
            case _:
                return _Says()

    def _of_two(self, node: "Node", depth: int) -> _Says:
        left, right = field(node, "left"), field(node, "right")
        match text_of(field(node, "operator")):
            case "&&" | "||" as operator:
                one, other = self.says(left, depth), self.says(right, depth)
                if operator == "&&":
                    return _Says(_both(one.true, other.true), _either(one.false, other.false))
                return _Says(_either(one.true, other.true), _both(one.false, other.false))
            case "==" | "===":
                return self.compared(left, right)
            case "!=" | "!==":
                says = self.compared(left, right)
                return _Says(says.false, says.true)
            case _:
                return _Says()

    def _named(self, node: "Node", depth: int) -> _Says:
        name = short(node, _LONGEST)
        if name in _DEVELOPS or self._by_framework(name):
            return _Says(true=_NEVER)
        if name in _PRODUCES:
            return _Says(false=_NEVER)
        if variable := _VARIABLE.fullmatch(name):
            return _Says(frozenset({f"${variable['name']}"}))
        match self.arguments.worth(node):
            case None:
                return self.says(self.constants.get(name), depth)
            case Flag(spellings):
                return _Says(spellings)
            case _:
                return _Says()

    def _by_framework(self, name: str) -> bool:
        found = self.imports.get(name)
        return found is not None and (found.source, found.name) == _BY_FRAMEWORK

    def compared(self, left: "Node | None", right: "Node | None") -> _Says:
        """What it says that the two are equal."""
        sides = [short(bare(each), _LONGEST) for each in (left, right)]
        value = next((each[1:-1] for each in sides if each[:1] in ("'", '"')), None)
        if value is None:
            return _Says()
        if any(map(_MODE.fullmatch, sides)):
            return _Says(_NEVER if value in _DEVELOPMENT else None, _NEVER if value == _PRODUCTION else None)
        if value not in _OFF and (variable := next(filter(None, map(_VARIABLE.fullmatch, sides)), None)):
            return _Says(frozenset({f"${variable['name']}"}))
        found = (self.arguments.worth(each) for each in (left, right))
        given = next((each for each in found if isinstance(each, One)), None)
        # What takes the place of an argument may be the value as well.
        said = value and given is not None and _is_other(given.instead, value)
        return _Says(frozenset({value})) if said else _Says()

    def _included(self, call: "Node") -> _Says:
        """What `process.argv.includes("word")` says."""
        callee, given = bare(field(call, "function")), arguments_of(call)
        if len(given) != 1 or text_of(field(callee, "property")) != _INCLUDES:
            return _Says()
        value = short(given[0], _LONGEST)
        word = value[1:-1] if value[:1] in ("'", '"') else ""
        of = self.arguments.worth(field(callee, "object")) if word else None
        return _Says(frozenset({word})) if isinstance(of, Rest) else _Says()


def _is_other(node: "Node | None", value: str) -> bool:
    """Whether `node` is surely not `value`: no expression at all, or another text in quotes."""
    text = short(node, _LONGEST)
    return node is None or (text[:1] in ("'", '"') and text[1:-1] != value)


def _both(one: _When, other: _When) -> _When:
    """What is sure where both are: what a person gives before a variable."""
    if one is None or other is None:
        return other if one is None else one
    return other if other == _NEVER or (one and are_variables(one)) else one


def _either(one: _When, other: _When) -> _When:
    """What is sure where one of them is."""
    return None if one is None or other is None else one | other
