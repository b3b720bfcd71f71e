"""What a file declares outside of all brackets, and what it changes of it: all that its names mean."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

from migcheck.typescript.changed import Changes, changes_in, names_in
from migcheck.typescript.imports import Import, bound_by
from migcheck.typescript.syntax import Patience, bare, field, parse, text_of

if TYPE_CHECKING:
    from tree_sitter import Node
# A process is one run. What takes longer than a moment to parse is nobody's configuration, and there may be many.
_PATIENCE = Patience(one=1.0, left=10.0)
_MOMENT = 0.5
# Nothing stops the parser over `a<b,` again and again: of a thousand it takes a moment, of 64 KiB half a minute.
_MOST_ANGLES = 1000
_NAMES = frozenset(
    {
        "identifier",
        "property_identifier",
        "shorthand_property_identifier",
        "shorthand_property_identifier_pattern",
    }
)


class Part(Struct, frozen=True):
    """What a pattern takes out of a value: what is behind `key`; empty where that is not plain to see."""

    value: "Node"
    key: str


class Declared(Struct, frozen=True):
    """A file. `statements` are those outside of all brackets; `broken` is what cannot be read, if anything cannot.

    `given_up`: to parse it would take too long. `constants` are the values of each `const`, `parts` of what a pattern
    takes out of one, `imports` of what the file has of another. `own` are all names that it gives a meaning.
    """

    statements: "tuple[Node, ...]"
    broken: "Node | None"
    constants: "Mapping[str, Node]"
    parts: Mapping[str, Part]
    imports: Mapping[str, Import]
    changes: Changes
    own: frozenset[str]
    given_up: bool = False


# A run reads a configuration as its own, and around each folder in head and in base: mostly it is the same text.
@lru_cache(maxsize=64)
def declared(path: str, content: bytes) -> Declared:
    """What the file at `path` declares; its name tells the grammar."""
    left = _PATIENCE.left
    root = parse(path, content if content.count(b"<") <= _MOST_ANGLES else b"", _PATIENCE)
    if left - _PATIENCE.left < _MOMENT:
        _PATIENCE.left = left
    nodes = list(_walk(root))
    changes = changes_in(nodes)
    constants: dict[str, Node] = {}
    parts: dict[str, Part] = {}
    imports: dict[str, Import] = {}
    own = set(changes.again)
    statements = tuple(each for each in root.named_children if each.type != "comment")
    for each in _declaring(statements):
        bound = {name: origin for name, origin in bound_by(each) if name and _is_plain(each)}
        imports |= {name: origin for name, origin in bound.items() if name not in changes.again}
        pattern, value = field(each, "name"), bare(field(each, "value"))
        given = dict(names_in(pattern)) if each.type == "variable_declarator" else {}
        own |= {*bound, *given}
        if bound or pattern is None or value is None:
            continue
        if pattern.type == "identifier":
            constants[text_of(pattern)] = value
        else:
            parts |= {name: Part(value, key) for name, key in given.items()}
    given_up = not root.children and bool(content.strip())
    return Declared(statements, _broken(root, nodes), constants, parts, imports, changes, frozenset(own), given_up)


def _walk(root: "Node") -> "Iterator[Node]":
    """Every node with a name. No recursion: a hostile file nests a hundred thousand deep."""
    left = [root]
    while left:
        node = left.pop()
        yield node
        left.extend(reversed(node.named_children))


def _broken(root: "Node", nodes: "list[Node]") -> "Node | None":
    """The first thing that is not of the language, or a name with an escape, which is another than it is written."""
    if root.has_error:
        return next((each for each in nodes if each.is_error), root)
    if b"\\" not in (root.text or b""):
        return None
    return next((each for each in nodes if each.type in _NAMES and b"\\" in (each.text or b"")), None)


def _declaring(statements: "tuple[Node, ...]") -> "Iterator[Node]":
    """The imports, and what each `const` declares."""
    for each in statements:
        statement = (field(each, "declaration") if each.type == "export_statement" else None) or each
        if statement.type == "import_statement":
            yield statement
        elif statement.type == "lexical_declaration" and text_of(field(statement, "kind")) == "const":
            yield from (one for one in statement.named_children if one.type == "variable_declarator")


def _is_plain(node: "Node") -> bool:
    """Whether it is an import, or a `const` that is all of what `require` gives back and not the promise of it."""
    if node.type == "import_statement":
        return True
    called = field(bare(field(node, "value")), "function")
    return called is not None and called.type == "identifier"
