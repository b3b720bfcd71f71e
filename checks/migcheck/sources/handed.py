"""Functions that are named and not called: among a call's arguments, in a loop, or in what a constant holds."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from migcheck.sources.holders import given_by
from migcheck.sources.later import Holder, is_later
from migcheck.typescript.syntax import FUNCTIONS, bare, field, freezes, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

_CALLS = frozenset({"call_expression", "new_expression"})
_NAMES = frozenset({"identifier", "shorthand_property_identifier", "member_expression"})
_MEMBERS = _NAMES | {"property_identifier"}
_COLLECTIONS = frozenset({"array", "object", "arguments", "spread_element"})
_CHOOSE = frozenset({"&&", "||", "??"})


class Named(NamedTuple):
    """A function that `node` names, and `holder`, which begins it; `call` is what is given it.

    What a constant holds (`held`) is begun by who uses that, or its member: these are the holders, as if called.
    """

    node: "Node"
    holder: Holder
    call: "Node | None" = None
    held: bool = False


def named_among(found: "Sequence[tuple[Node, Holder]]", constants: "Mapping[str, Node]") -> Iterator[Named]:
    """What is named in the file that is made of `found`, each with the function that it stands in."""
    exported = frozenset(_exported(node for node, _ in found))
    for name, value in constants.items():
        yield from _held(name, value, exported=name in exported)
    kept: list[tuple[Holder | None, int, int]] = [(None, 0, 0)]
    for node, holder in found:
        if node.type in _CALLS and not freezes(node):
            while len(kept) > 1 and node.start_byte >= kept[-1][2]:
                kept.pop()
            around, begin, _ = kept[-1]
            given = given_by(node, holder, around if node.start_byte >= begin else None)
            if is_later(given) and (arguments := field(node, "arguments")) is not None:
                kept.append((given, arguments.start_byte, arguments.end_byte))
            yield from (Named(each, given, node) for each in _values(field(node, "arguments")))
            # `tasks.map((each) => each())`
            of = bare(field(node, "function", "object"))
            if _is_array(of, constants):
                yield from (Named(each, holder) for each in _values(of))
        elif node.type == "for_in_statement":
            yield from (Named(each, holder) for each in _values(field(node, "right")))


def _is_array(node: "Node | None", constants: "Mapping[str, Node]") -> bool:
    held = constants.get(text_of(node)) if node is not None and node.type == "identifier" else node
    return held is not None and held.type == "array"


def _exported(nodes: "Iterable[Node]") -> Iterator[str]:
    """The names of constants that other files may import."""
    for node in nodes:
        if node.type == "export_specifier":
            yield text_of(field(node, "name"))
        elif node.type == "export_statement":
            yield text_of(value) if (value := bare(field(node, "value"))) and value.type == "identifier" else ""
            declaration = field(node, "declaration")
            of = declaration.named_children if declaration and declaration.type == "lexical_declaration" else ()
            yield from (text_of(field(each, "name")) for each in of)


def _held(name: str, value: "Node", *, exported: bool) -> Iterator[Named]:
    """What the constant `name` holds. An object that is exported may be of what is called one by one."""
    members = tuple(_members(value)) if value.type == "object" else ()
    yield from (Named(member, Holder(f"{name}.{text_of(key)}"), held=True) for key, member in members)
    if not members or not exported:
        unnamed = (member for _, member in members if member.type not in _NAMES)
        yield from (Named(each, Holder(name), held=True) for each in (*_values(value), *unnamed))


def _members(value: "Node") -> "Iterator[tuple[Node, Node]]":
    """The functions of an object, each by its key and its name: a function without one is called as its key is."""
    for each in value.named_children:
        if each.type == "method_definition":
            key = member = field(each, "name")
        elif each.type in _NAMES:
            key = member = each
        else:
            key, member = field(each, "key"), bare(field(each, "value"))
            member = key if member is not None and member.type in FUNCTIONS else member
        if key is not None and member is not None and member.type in _MEMBERS:
            yield key, member


def _values(node: "Node | None") -> "Iterator[Node]":
    """The names that an expression is made of, as values: of a call in it, nothing but what is bound is one."""
    left = [node]
    while left:
        each = bare(left.pop())
        if each is None:
            continue
        if each.type in _NAMES:
            yield each
        elif each.type in _COLLECTIONS:
            left.extend(reversed(each.named_children))
        elif each.type == "pair":
            left.append(field(each, "value"))
        elif each.type == "ternary_expression":
            left += [field(each, "consequence"), field(each, "alternative")]
        elif each.type == "binary_expression" and text_of(field(each, "operator")) in _CHOOSE:
            # Of `ready && up` only the right is a function where it is one.
            left.append(field(each, "right"))
            left += [field(each, "left")] if text_of(field(each, "operator")) != "&&" else []
        elif each.type == "call_expression" and text_of(field(each, "function", "property")) == "bind":
            left.append(field(each, "function", "object"))
