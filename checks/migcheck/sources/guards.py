"""Code that is not run in production: it stands behind a look at `NODE_ENV`, or at what a bundler has in its place."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from migcheck.regex import regex
from migcheck.sources.syntax import bare, field, short, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

    from migcheck.sources.imports import Import

_MODE = regex(r"(?:\w+\.)*(?:env\.NODE_ENV|import\.meta\.env\.MODE)|NODE_ENV", re.ASCII)
_DEVELOPS = frozenset({"import.meta.env.DEV", "import.meta.dev", "process.dev"})
_PRODUCES = frozenset({"import.meta.env.PROD"})
_PRODUCTION, _DEVELOPMENT = "production", frozenset({"development", "dev", "local", "test"})
# SvelteKit's `dev`.
_BY_FRAMEWORK = ("$app/environment", "dev")
_DEEPEST = 10
_LONGEST = 60
_ENDS = frozenset({"return_statement", "throw_statement"})
_EXIT = "process.exit("


class _Says(NamedTuple):
    """What a condition says where it is true, and where it is false: whether this cannot be production."""

    true: bool = False
    false: bool = False


class Guarded(Struct, frozen=True):
    """The bytes of a file that are not run in production: where each stretch begins, and the farthest end so far."""

    begins: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()

    def holds(self, node: "Node") -> bool:
        """Whether `node` stands in one."""
        at = bisect_right(self.begins, node.start_byte) - 1
        return at >= 0 and node.start_byte < self.ends[at]


def guarded(nodes: Iterable["Node"], constants: Mapping[str, "Node"], imports: Mapping[str, "Import"]) -> Guarded:
    """What of `nodes` a person runs alone, as far as that is plain to see."""
    reader = _Conditions(constants, imports)
    begins, ends, farthest = list[int](), list[int](), 0
    for begin, end in sorted(each for node in nodes for each in _stretches(node, reader)):
        farthest = max(farthest, end)
        begins.append(begin)
        ends.append(farthest)
    return Guarded(tuple(begins), tuple(ends))


def _stretches(node: "Node", reader: "_Conditions") -> Iterator[tuple[int, int]]:
    match node.type:
        case "if_statement" | "ternary_expression":
            says = reader.says(field(node, "condition"))
            branches = (says.true, field(node, "consequence")), (says.false, field(node, "alternative"))
        case "binary_expression" if text_of(field(node, "operator")) in ("&&", "||"):
            says = reader.says(field(node, "left"))
            both = text_of(field(node, "operator")) == "&&"
            branches = (both and says.true, field(node, "right")), (not both and says.false, field(node, "right"))
        case "program" | "statement_block":
            yield from _after_leaving(node, reader)
            return
        case _:
            return
    yield from ((branch.start_byte, branch.end_byte) for told, branch in branches if told and branch is not None)


def _after_leaving(block: "Node", reader: "_Conditions") -> Iterator[tuple[int, int]]:
    """What stands behind `if (NODE_ENV === "production") return;`."""
    for each in block.named_children:
        alone = each.type == "if_statement" and field(each, "alternative") is None
        if alone and _leaves(field(each, "consequence")) and reader.says(field(each, "condition")).false:
            yield each.end_byte, block.end_byte
            return


def _leaves(node: "Node | None") -> bool:
    if node is not None and node.type == "statement_block":
        node = next(iter(reversed(node.named_children)), None)
    return node is not None and (node.type in _ENDS or short(node, _LONGEST).startswith(_EXIT))


class _Conditions(Struct, frozen=True):
    """Reads conditions in a file with these `constants` and `imports`."""

    constants: "Mapping[str, Node]"
    imports: "Mapping[str, Import]"

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
                    return _Says(one.true or other.true, one.false and other.false)
                return _Says(one.true and other.true, one.false or other.false)
            case "==" | "===":
                return _compared(left, right)
            case "!=" | "!==":
                says = _compared(left, right)
                return _Says(says.false, says.true)
            case _:
                return _Says()

    def _named(self, node: "Node", depth: int) -> _Says:
        name = short(node, _LONGEST)
        if name in _DEVELOPS or self._by_framework(name):
            return _Says(true=True)
        if name in _PRODUCES:
            return _Says(false=True)
        return self.says(self.constants.get(name), depth)

    def _by_framework(self, name: str) -> bool:
        found = self.imports.get(name)
        return found is not None and (found.source, found.name) == _BY_FRAMEWORK


def _compared(left: "Node | None", right: "Node | None") -> _Says:
    """What it says that the two are equal."""
    sides = [short(bare(each), _LONGEST) for each in (left, right)]
    mode = next((each for each in sides if _MODE.fullmatch(each)), None)
    value = next((each[1:-1] for each in sides if each[:1] in ("'", '"')), None)
    if mode is None or value is None:
        return _Says()
    return _Says(true=value in _DEVELOPMENT, false=value == _PRODUCTION)
