"""YAML with lines: what a CI file says, and where. Nothing of it is ever made into an object."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yaml import Node

_LARGEST = 512 * 1024
_DEEPEST = 200
_BRACKET = re.compile(r"[\[\]{}]")
_ON_ONE_LINE = re.compile(r"(?:[-?:] ){50}")


class BadYamlError(ValueError):
    """The text is not YAML, or too large or too deep to be read."""


def read_yaml(content: bytes) -> "Node | None":
    """The document; None where it is empty. Raises BadYamlError."""
    import yaml  # noqa: PLC0415 - takes 40 ms, and most runs have nothing to parse

    text = content.decode("utf-8", "replace")
    # The parser in C does not count how deep it is.
    if len(text) > _LARGEST or _is_deep(text):
        raise BadYamlError("is too large or nested too deeply to be read")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        found: Node | None = yaml.compose(text, Loader=loader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise BadYamlError("is not YAML") from error
    return found


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
        node = next((value for name, value in members(node) if name == key), None)
    return node


def members(node: "Node | None") -> Iterator[tuple[str, "Node"]]:
    """The members of a mapping; none of anything else."""
    from yaml import MappingNode, ScalarNode  # noqa: PLC0415

    if isinstance(node, MappingNode):
        yield from ((key.value, value) for key, value in node.value if isinstance(key, ScalarNode))


def items(node: "Node | None") -> Iterator["Node"]:
    """The items of a list, those of lists in it in their place; a scalar is a list of one."""
    from yaml import MappingNode, ScalarNode  # noqa: PLC0415

    if isinstance(node, ScalarNode):
        yield node
        return
    # Aliases can make a small file a tree without end: each list is gone through once.
    left, seen = list(_listed(node)), {id(node)}
    while left:
        each = left.pop(0)
        if isinstance(each, (ScalarNode, MappingNode)):
            yield each
        elif id(each) not in seen:
            seen.add(id(each))
            left[:0] = _listed(each)


def _listed(node: "Node | None") -> list["Node"]:
    from yaml import SequenceNode  # noqa: PLC0415

    return list(node.value) if isinstance(node, SequenceNode) else []


def nodes(node: "Node | None") -> Iterator["Node"]:
    """`node` and everything below it, each once."""
    left, seen = [node] if node is not None else [], set[int]()
    while left:
        each = left.pop()
        if id(each) not in seen:
            seen.add(id(each))
            yield each
            left += [*(value for _, value in members(each)), *_listed(each)]


def text(node: "Node | None") -> str:
    """A scalar's text; empty where it is none."""
    from yaml import ScalarNode  # noqa: PLC0415

    return node.value if isinstance(node, ScalarNode) else ""


def line(node: "Node") -> int:
    """The 1-based line of a scalar's first line of text: that of a block begins below its mark."""
    begins: int = node.start_mark.line + 1
    return begins + 1 if getattr(node, "style", None) in ("|", ">") else begins
