"""YAML with lines: what a CI file says, and where. Nothing of it is ever made into an object.

Facts: yaml.org "Merge Key Language-Independent Type for YAML Version 1.1" (`<<: *defaults`): what a mapping says itself
goes first, then what it takes in, of several the first.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache, lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from migcheck.regex import regex

if TYPE_CHECKING:
    from yaml import MappingNode, Node, ScalarNode, SequenceNode

_LARGEST = 512 * 1024
_LARGEST_KEPT = 16 * 1024
"""Bytes of a file whose document is kept: that takes some forty times as much memory."""
_DEEPEST = 200
_MOST_NODES = 300_000
"""What a file of the largest size can say without an alias."""
_MOST_MEMBERS, _MANY = 2_000, 50
_MERGE = "tag:yaml.org,2002:merge"
_BRACKET = regex(r"[\[\]{}]")
_ON_ONE_LINE = regex(r"(?:[-?:] ){50}")


class BadYamlError(ValueError):
    """The text is not YAML, or too large or too deep to be read."""


class _Named:
    """A text that says of its nodes where they come from."""

    def __init__(self, text: str, name: str) -> None:
        self.text, self.name = text, name

    def read(self, size: int = 65536, /) -> str:
        found, self.text = self.text[:size], self.text[size:]
        return found


def read_yaml(content: bytes, name: str = "") -> "Node | None":
    """The document; None where it is empty. `name` is its `origin`. Raises BadYamlError."""
    compose = _kept if len(content) <= _LARGEST_KEPT else _compose
    return compose(content, name)


def _compose(content: bytes, name: str) -> "Node | None":
    import yaml  # noqa: PLC0415 - takes 40 ms, and most runs have nothing to parse

    text = content.decode("utf-8", "replace")
    # The parser in C does not count how deep it is.
    if len(text) > _LARGEST or _is_deep(text):
        raise BadYamlError("is too large or nested too deeply to be read")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        found: Node | None = yaml.compose(_Named(text, name) if name else text, Loader=loader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise BadYamlError("is not YAML") from error
    every = _inside_out(found) if "*" in text or "<<" in text else ()
    if _size(every) > _MOST_NODES:
        raise BadYamlError("says by its aliases more than can be read")
    if "<<" in text:
        _take_in(every)
    return found


# Most files stand in base as they do in head, and nobody changes a document.
_kept = lru_cache(maxsize=128)(_compose)


def _inside_out(document: "Node | None") -> "Sequence[Node]":
    """Each node once, behind everything below it; of what holds itself, behind that."""
    found: dict[int, Node] = {}
    begun = set[int]()
    left = [document] if document is not None else []
    while left:
        node = left[-1]
        if id(node) not in begun:
            begun.add(id(node))
            left += [each for each in _below(node) if id(each) not in begun]
        else:
            found.setdefault(id(left.pop()), node)
    return tuple(found.values())


def _below(node: "Node") -> "Sequence[Node]":
    return [*(value for _, value in members(node)), *elements(node)]


def _size(inside_out: "Sequence[Node]") -> int:
    """How many nodes there are where each alias is what it stands for; one that holds itself is counted once."""
    sizes: dict[int, int] = {}
    for node in inside_out:
        sizes[id(node)] = 1 + sum(sizes.get(id(each), 0) for each in _below(node))
    return sizes[id(inside_out[-1])] if inside_out else 0


def _take_in(inside_out: "Sequence[Node]") -> None:
    """Give each mapping the members of those that it merges, behind its own. One that it stands in gives it none."""
    whole = set[int]()
    for node in inside_out:
        if isinstance(node, _mapping_node()) and any(key.tag == _MERGE for key, _ in node.value):
            own = [(key, value) for key, value in node.value if key.tag != _MERGE]
            node.value = [*own, *_taken_in(node, whole)]
        whole.add(id(node))


def _taken_in(node: "MappingNode", whole: AbstractSet[int]) -> "Iterator[tuple[Node, Node]]":
    known = {name for name, _ in members(node)}
    merged = (each for key, value in node.value if key.tag == _MERGE for each in (value, *items(value)))
    for each in merged:
        for key, value in each.value if isinstance(each, _mapping_node()) and id(each) in whole else ():
            if isinstance(key, _scalar_node()) and key.value not in known:
                known.add(key.value)
                yield key, value


def _is_deep(text: str) -> bool:
    depth = 0
    for found in _BRACKET.finditer(text):
        depth += 1 if found[0] in "[{" else -1
        if depth > _DEEPEST:
            return True
    return _ON_ONE_LINE.search(text) is not None


def member(node: "Node | None", *keys: str) -> "Node | None":
    """What stands at `keys` below `node`; None where nothing does."""
    for key in keys:
        node = _member(node, key)
    return node


def _member(node: "Node | None", key: str) -> "Node | None":
    if isinstance(node, _mapping_node()):
        if len(node.value) > _MANY:
            return _by_name(node).get(key)
        scalar = _scalar_node()
        for name, value in node.value:
            if isinstance(name, scalar) and name.value == key:
                found: Node = value
                return found
    return None


# Some are asked again for each that takes them in: to look through a large one each time takes too long.
@lru_cache(maxsize=64)
def _by_name(node: "MappingNode") -> "Mapping[str, Node]":
    return dict(reversed([*members(node)]))


def members(node: "Node | None") -> Iterator[tuple[str, "Node"]]:
    """The members of a mapping; none of anything else."""
    if isinstance(node, _mapping_node()):
        scalar = _scalar_node()
        yield from ((key.value, value) for key, value in node.value if isinstance(key, scalar))


def first_members(node: "Node | None") -> Iterator[tuple[str, "Node"]]:
    """As `members`, for what is gone through again and again: no person writes as many, and aliases can."""
    return islice(members(node), _MOST_MEMBERS)


def items(node: "Node | None") -> Iterator["Node"]:
    """The items of a list, those of lists in it in their place; a scalar is a list of one."""
    scalar, mapping = _scalar_node(), _mapping_node()
    if isinstance(node, scalar):
        yield node
        return
    # Aliases can make a small file a tree without end: each list is gone through once.
    left, seen = elements(node)[::-1], {id(node)}
    while left:
        each = left.pop()
        if isinstance(each, (scalar, mapping)):
            yield each
        elif id(each) not in seen:
            seen.add(id(each))
            left += elements(each)[::-1]


def elements(node: "Node | None") -> list["Node"]:
    """The items of a list as they stand there; none of anything else."""
    return list(node.value) if isinstance(node, _sequence_node()) else []


def is_list(node: "Node") -> bool:
    """Whether it is a list, and be it empty."""
    return isinstance(node, _sequence_node())


def is_mapping(node: "Node | None") -> bool:
    """Whether it is a mapping, and be it empty."""
    return isinstance(node, _mapping_node())


def nodes(*tops: "Node | None") -> Iterator["Node"]:
    """`tops` and everything below them, each once."""
    left, seen = [each for each in tops if each is not None], set[int]()
    while left:
        each = left.pop()
        if id(each) not in seen:
            seen.add(id(each))
            yield each
            left += [*(value for _, value in members(each)), *elements(each)]


def text(node: "Node | None") -> str:
    """A scalar's text; empty where it is none."""
    return node.value if isinstance(node, _scalar_node()) else ""


def origin(node: "Node") -> str:
    """The name of the document that a node stands in."""
    return str(node.start_mark.name)


def lines_of(node: "Node") -> tuple[int, ...]:
    """The 1-based line of the file for each of a scalar's text: of a text in quotes all are that of the scalar."""
    number = text(node).count("\n") + 1
    begins = line(node)
    return tuple(range(begins, begins + number)) if _is_block(node) else (begins,) * number


def _is_block(node: "Node") -> bool:
    return getattr(node, "style", None) in ("|", ">")


def line(node: "Node") -> int:
    """The 1-based line of a scalar's first line of text: that of a block begins below its mark."""
    begins: int = node.start_mark.line + 1
    return begins + 1 if _is_block(node) else begins


# Asked tens of thousands of times: an import that is done again takes longer than to look.
@cache
def _mapping_node() -> "type[MappingNode]":
    from yaml import MappingNode  # noqa: PLC0415

    return MappingNode


@cache
def _scalar_node() -> "type[ScalarNode]":
    from yaml import ScalarNode  # noqa: PLC0415

    return ScalarNode


@cache
def _sequence_node() -> "type[SequenceNode]":
    from yaml import SequenceNode  # noqa: PLC0415

    return SequenceNode
