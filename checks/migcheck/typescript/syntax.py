"""Syntax trees of TypeScript and JavaScript, by tree-sitter. It never fails: what it cannot read it leaves out.

The grammar is loaded when the first file is parsed: a project with nothing to parse does not wait for it (30 ms).
"""

from functools import cache
from posixpath import splitext
from time import process_time
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from tree_sitter import Language, Node

LARGEST = 64 * 1024
"""Bytes. Of `a<b,` over and over this takes twenty seconds, and ten times as much an hour: nothing stops it then."""
SUFFIXES = ("ts", "mts", "cts", "tsx", "js", "mjs", "cjs", "jsx")
"""How the names of files end that can be parsed."""
HANDED_ON = "(handed on)"
"""In place of the name of a function that has none and that a file hands on: who calls it, and when, is not known."""

FUNCTIONS = frozenset({"arrow_function", "function_expression"})
"""What a function is that stands where a value does."""

# The casts of TypeScript, `<T>value`, are tags to the other grammar; only .ts files may have them.
_WITHOUT_TAGS = frozenset({".ts", ".mts", ".cts"})
_SETTLED = frozenset({"then", "catch", "finally"})
CASTS = frozenset(
    {
        "await_expression",
        "parenthesized_expression",
        "as_expression",
        "satisfies_expression",
        "non_null_expression",
        "type_assertion",
    }
)
"""What changes neither the value of what stands in it nor when that is run."""

# What gives back the object that it is given; `as const` and `satisfies` say no more.
_FREEZES = frozenset({"Object.freeze", "Object.seal", "Object.preventExtensions"})
_LONGEST_FREEZE, _LONGEST_KEY = 30, 60
# The text of a node is read in such pieces as well, so a large one costs all who ask for a name.
_CHUNK = 512


class Patience(Struct):
    """How long parsing may take, in seconds of this process: one file, and `left` for all that follow together.

    What a person wrote takes less than one.
    """

    one: float = 3.0
    left: float = 30.0


def parse(path: str, content: bytes, patience: Patience) -> "Node":
    """The root of the tree of a file, whose name tells the grammar. What is too large or takes too long is empty."""
    from tree_sitter import Parser  # noqa: PLC0415 - only where there is something to parse

    parser = Parser(_language(tags=splitext(path)[1] not in _WITHOUT_TAGS))
    start = process_time()
    end = start + min(patience.one, patience.left)
    if len(content) > LARGEST:
        content = b""
    try:
        return parser.parse(
            lambda offset, _: content[offset : offset + _CHUNK],
            progress_callback=lambda _offset, _has_error: process_time() > end,
        ).root_node
    except ValueError:
        # It was told to stop, which it remembers.
        parser.reset()
        return parser.parse(b"").root_node
    finally:
        patience.left -= process_time() - start


def frozen(node: "Node") -> "Node | None":
    """What `Object.freeze({ … })` is given; None for what is no such call."""
    if node.type != "call_expression" or short(field(node, "function"), _LONGEST_FREEZE) not in _FREEZES:
        return None
    given = arguments_of(node)
    return given[0] if len(given) == 1 else None


def freezes(node: "Node") -> bool:
    """Whether `node` is a call that only gives back the object that it is given: nothing is handed on by that."""
    return frozen(node) is not None


def arguments_of(call: "Node") -> "tuple[Node, ...]":
    """What a call is given; nothing where `call` is none."""
    arguments = field(call, "arguments")
    return tuple(each for each in arguments.named_children if each.type != "comment") if arguments is not None else ()


def pairs_of(node: "Node | None") -> "dict[str, Node | None]":
    """What stands behind each key of an object; nothing of what is none, or has a spread."""
    node = bare(node)
    inside = node.named_children if node is not None and node.type == "object" else ()
    pairs = {text_of(field(each, "key")).strip("'\""): field(each, "value") for each in inside if each.type == "pair"}
    pairs |= {text_of(each): each for each in inside if each.type == "shorthand_property_identifier"}
    return {} if any(each.type == "spread_element" for each in inside) else pairs


def keys_of(node: "Node | None") -> frozenset[str]:
    """The keys of an object, whatever is behind them. What has none, or a long one, is there by its source, or empty.

    So is `node` itself where it is no object.
    """
    node = bare(node)
    inside = node.named_children if node is not None and node.type == "object" else (node,) if node is not None else ()
    named = (field(each, "key") or each for each in inside if each.type != "comment")
    return frozenset(short(each, _LONGEST_KEY).strip("'\"") for each in named)


def settles(node: "Node") -> bool:
    """Whether `node` is a call whose arguments are called when a promise settles."""
    callee = bare(field(node, "function")) if node.type == "call_expression" else None
    return callee is not None and text_of(field(callee, "property")) in _SETTLED


def text_of(node: "Node | None") -> str:
    """The source of a node; empty where there is none."""
    return "" if node is None or node.text is None else node.text.decode("utf-8", "replace")


def short(node: "Node | None", longest: int) -> str:
    """The source of a node that has fewer than `longest` bytes; empty for any other."""
    return text_of(node) if node is not None and node.end_byte - node.start_byte < longest else ""


def line_of(node: "Node") -> int:
    """The line on which a node begins, 1-based."""
    return node.start_point.row + 1


def field(node: "Node | None", *names: str) -> "Node | None":
    """The child of `node` by its field, the child of that, and so on; None where there is none."""
    for name in names:
        node = node.child_by_field_name(name) if node is not None else None
    return node


def bare(node: "Node | None") -> "Node | None":
    """`node` without what changes neither its value nor when it is run: `await`, parentheses, casts, a freeze."""
    while node is not None and ((given_back := frozen(node)) is not None or node.type in CASTS):
        if given_back is not None:
            node = given_back
            continue
        inner = [each for each in node.named_children if each.type != "comment"]
        node = next(iter(reversed(inner) if node.type == "type_assertion" else inner), None)
    return node


@cache
def _language(*, tags: bool) -> "Language":
    import tree_sitter_typescript  # noqa: PLC0415
    from tree_sitter import Language  # noqa: PLC0415

    return Language(tree_sitter_typescript.language_tsx() if tags else tree_sitter_typescript.language_typescript())
