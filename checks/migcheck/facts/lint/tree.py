"""The syntax tree that Squawk prints: a line for each node, indented by its depth, `KIND@from..to` in bytes.

Source: the `Debug` of rowan's `SyntaxNode`, which `squawk --debug parse` prints, and behind it a line `---` with the
errors, `ERROR@at` or `ERROR@from:to` (squawk 2.70 crates/squawk/src/debug.rs).
"""

from collections.abc import Iterator

from msgspec import Struct, field

from migcheck.regex import regex

_NODE = regex(rb"(?P<depth> *)(?P<kind>[A-Z][A-Z_0-9]*)@(?P<start>\d+)\.\.(?P<end>\d+)")
_ERROR = regex(rb"ERROR@(?P<at>\d+)")
_ERRORS = b"---"
_INDENT = 2


class Node(Struct):
    """A node or a token: `start` and `end` are bytes of what was parsed."""

    kind: str
    start: int
    end: int
    children: list["Node"] = field(default_factory=list)

    def child(self, *kinds: str) -> "Node | None":
        """The first child of one of these kinds."""
        return next((each for each in self.children if each.kind in kinds), None)

    def all(self, *kinds: str) -> "list[Node]":
        """The children of these kinds."""
        return [each for each in self.children if each.kind in kinds]

    def has(self, *kinds: str) -> bool:
        """Whether there is a child of one of these kinds."""
        return self.child(*kinds) is not None

    def below(self) -> "Iterator[Node]":
        """Every node below, in the order of the text."""
        left = self.children[::-1]
        while left:
            node = left.pop()
            yield node
            left += node.children[::-1]


class Tree(Struct, frozen=True):
    """The statements, with what stands between them, and where something could not be parsed."""

    statements: list[Node]
    errors: list[int]


def read_tree(printed: bytes) -> Tree:
    """Read what Squawk printed. Blanks are left out."""
    nodes, _, errors = printed.partition(b"\n\n" + _ERRORS + b"\n")
    root = Node("", 0, 0)
    open_ = [root]
    for line in nodes.splitlines():
        found = _NODE.match(line)
        if found is None or found["kind"] == b"WHITESPACE":
            continue
        node = Node(found["kind"].decode(), int(found["start"]), int(found["end"]))
        del open_[len(found["depth"]) // _INDENT + 1 :]
        open_[-1].children.append(node)
        open_.append(node)
    source = root.child("SOURCE_FILE") or root
    return Tree(source.children, [int(each["at"]) for each in map(_ERROR.match, errors.splitlines()) if each])
