"""The SQL that is read, and what its nodes say: names, and the types and expressions as they are written."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from migcheck.facts.lint.tree import Node
from migcheck.sql_names import unquoted

Path = tuple[str, ...]


class Sql(Struct, frozen=True):
    """The bytes that a tree is of."""

    content: bytes

    def text(self, node: Node) -> str:
        """What is written there."""
        return self.content[node.start : node.end].decode(errors="replace")

    def name(self, node: Node | None) -> str | None:
        """The last name there; None where there is none, or it cannot be read."""
        path = () if node is None else self.path(node)
        return path[-1] if path else None

    def path(self, node: Node) -> Path:
        """The names that are written there with dots between them; none where one cannot be read."""
        # Keywords stand where names do: `date`, `role`.
        tokens = [each for each in node.below() if not each.children and each.kind not in ("DOT", "ONLY_KW", "STAR")]
        names = [unquoted(self.text(each)) for each in tokens if each.kind != "COMMENT" and each.end > each.start]
        return () if None in names else tuple(each for each in names if each)

    def keys(self, items: Iterable[Node]) -> tuple[str, ...]:
        """What an index or an exclusion is of, by the names that the server gives it: of a call, the function's."""
        named = ((each.child("CALL_EXPR") or each).child("NAME_REF") for each in items)
        return tuple(self.name(each) or "expr" for each in named)

    def tables(self, node: Node, *kinds: str) -> Iterator[Path]:
        """The tables that nodes of these kinds, anywhere below, name."""
        for each in node.below():
            if each.kind in kinds and (path := self.path(each)):
                yield path
