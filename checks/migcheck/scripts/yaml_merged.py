"""YAML whose mappings take in others: `<<: *defaults`.

Facts: yaml.org "Merge Key Language-Independent Type for YAML Version 1.1": what a mapping says itself goes first, then
what it takes in, of several the first.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from migcheck.scripts.yaml_nodes import items, members

if TYPE_CHECKING:
    from yaml import Node

_MOST_TAKEN_IN = 20
_MOST_MEMBERS = 2_000
_MERGED = "<<"

Members = Mapping[str, "Node"]


class Merged:
    """A reader of one document, which it has to outlive. Each mapping is gone through once.

    `more` is what else a mapping takes in, behind what it merges, by its own members.
    """

    def __init__(self, more: Callable[[Members], Iterable["Node"]] = lambda _: ()) -> None:
        """Nothing is read yet."""
        self._read: dict[int, Members] = {}
        self._more = more

    def member(self, node: "Node | None", *keys: str) -> "Node | None":
        """What stands at `keys` below `node`, itself or taken in; None where nothing does."""
        for key in keys:
            node = next((each[key] for each in self.layers(node) if key in each), None)
        return node

    def members(self, node: "Node | None") -> Iterator[tuple[str, "Node"]]:
        """The members of a mapping, its own and those that it takes in; none of anything else."""
        seen = {_MERGED}
        for layer in self.layers(node):
            for name, value in layer.items():
                if name not in seen and len(seen) <= _MOST_MEMBERS:
                    seen.add(name)
                    yield name, value

    def layers(self, *nodes: "Node | None") -> Iterator[Members]:
        """The members of mappings and of what they take in, what counts first before the rest."""
        left, seen = [*nodes], set[int]()
        while left and len(seen) < _MOST_TAKEN_IN:
            each = left.pop(0)
            if id(each) in seen:
                continue
            seen.add(id(each))
            if id(each) not in self._read:
                self._read[id(each)] = dict(members(each))
            found = self._read[id(each)]
            yield found
            merged = list(items(found[_MERGED])) or [found[_MERGED]] if _MERGED in found else []
            left[:0] = [*merged, *self._more(found)]
