"""What a program is given by its arguments, by whatever name a file has for that.

Facts: nodejs.org "process.argv" and "util.parseArgs".
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from migcheck.regex import regex
from migcheck.typescript.changed import changes_in, names_in
from migcheck.typescript.imports import Import, imported_as
from migcheck.typescript.syntax import CASTS, arguments_of, bare, field, keys_of, pairs_of, short, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

# Indexes 0 and 1 are node and the program itself.
_ARGV, _FIRST = ("process", "argv"), 2
_PARSE_ARGS = frozenset({Import("util", "parseArgs"), Import("node:util", "parseArgs")})
_UNCHANGED_BY = frozenset({"options", "allowPositionals", "strict"})
"""What `parseArgs` may be told where it reads what the program is given, and nothing else."""
_SOURCES = (b"argv", b"parseArgs")
_BINDING = {
    "variable_declarator": "name",
    "required_parameter": "pattern",
    "optional_parameter": "pattern",
    "arrow_function": "parameter",
    "catch_clause": "parameter",
    "for_in_statement": "left",
}
"""What gives names a meaning, by the field that has the names."""
_NUMBER = regex(r"\d{1,3}")
_LONGEST, _DEEPEST = 60, 10


class Rest(Struct, frozen=True):
    """All arguments from the index `start` of `process.argv` on."""

    start: int


class One(Struct, frozen=True):
    """One of them, or where that is not given, what `instead` is; None where nothing takes its place."""

    instead: "Node | None" = None


class Flag(Struct, frozen=True):
    """Whether it is given a flag, by one of its `spellings`."""

    spellings: frozenset[str]


class Parsed(Struct, frozen=True):
    """What `parseArgs` gives back, or the `values` of that: an object with such `members`."""

    members: "Mapping[str, Given]"


Given = Rest | One | Flag | Parsed | None


class Arguments(Struct, frozen=True):
    """Finds them in a file with these `imports`; `named` are those that names of it stand for."""

    imports: Mapping[str, Import]
    named: dict[str, Given]

    def worth(self, node: "Node | None", depth: int = 0) -> Given:
        """What of them the expression `node` is; None where it is nothing of them, or that is not sure."""
        node = bare(node)
        if node is None or depth > _DEEPEST:
            return None
        name = short(node, _LONGEST)
        if name in self.named:
            return self.named[name]
        if node.type == "call_expression":
            return self._called(node, depth + 1)
        of = self.worth(field(node, "left") or field(node, "object"), depth + 1)
        match node.type:
            case "binary_expression":
                return _or(of, field(node, "right")) if text_of(field(node, "operator")) in ("??", "||") else None
            case "subscript_expression":
                return _item(of, short(field(node, "index"), _LONGEST))
            case _:
                return _member(of, text_of(field(node, "property")))

    def _called(self, call: "Node", depth: int) -> Given:
        """`process.argv.slice(2)`, `parseArgs({ options })`."""
        callee, said = bare(field(call, "function")), arguments_of(call)
        if imported_as(short(callee, _LONGEST), self.imports) in _PARSE_ARGS:
            told = next(iter(said), None)
            unchanged = len(said) <= 1 and keys_of(told) <= _UNCHANGED_BY
            flags = dict(_flags(pairs_of(told).get("options")))
            return Parsed({"values": Parsed(flags), "positionals": Rest(_FIRST)}) if unchanged else None
        is_slice = text_of(field(callee, "property")) == "slice" and len(said) == 1
        of, at = self.worth(field(callee, "object"), depth) if is_slice else None, short(next(iter(said), None), 4)
        return Rest(of.start + int(at)) if isinstance(of, Rest) and _NUMBER.fullmatch(at) else None


def read_arguments(
    nodes: "Sequence[Node]", content: bytes, constants: "Mapping[str, Node]", imports: Mapping[str, Import]
) -> Arguments:
    """Those of the file that is made of `nodes`.

    Of `constants` only `const` counts, of one meaning and nowhere changed: all else may get a default later.
    """
    found = Arguments(imports, {})
    if not any(each in content for each in _SOURCES):
        return found
    changes = changes_in(nodes)
    meanings = Counter(name for node in nodes for name in _bound_by(node))
    plain = {name for name, count in meanings.items() if count == 1 and not changes.of(name)} - changes.again
    of, argv = _ARGV
    if changes.leave(of, frozenset({argv})):
        found.named[f"{of}.{argv}"] = Rest(0)
    for value in constants.values():
        declarator = value.parent
        while declarator is not None and declarator.type in CASTS:
            declarator = declarator.parent
        if declarator is not None and text_of(field(declarator.parent, "kind")) == "const":
            bound = _bound(field(declarator, "name"), found.worth(value))
            found.named.update((name, given) for name, given in bound if name in plain)
    return found


def _bound_by(node: "Node") -> Iterator[str]:
    """The names that `node` itself gives a meaning by a pattern."""
    if node.type in _BINDING:
        yield from (name for name, _ in names_in(field(node, _BINDING[node.type])))


def _bound(pattern: "Node | None", given: Given) -> Iterator[tuple[str, Given]]:
    """The names that `pattern` gives to parts of `given`."""
    if pattern is None or given is None:
        return
    match pattern.type:
        case "identifier" | "shorthand_property_identifier_pattern":
            yield text_of(pattern), given
        case "assignment_pattern":
            yield from _bound(field(pattern, "left"), _or(given, field(pattern, "right")))
        case "array_pattern":
            at = 0
            for each in pattern.children:
                at += each.type == ","
                if each.type == "rest_pattern" and isinstance(given, Rest):
                    yield from _bound(next(iter(each.named_children), None), Rest(given.start + at))
                elif each.is_named:
                    yield from _bound(each, _item(given, str(at)))
        case "object_pattern":
            for each in pattern.named_children:
                key, value = field(each, "key") or each, field(each, "value") or each
                yield from _bound(value, _member(given, text_of(key)))
        case _:
            pass


def _or(given: Given, other: "Node | None") -> Given:
    """What `given ?? other` is; behind another, nobody knows what it comes to."""
    return One(other) if given == One() and other is not None else None


def _item(given: Given, at: str) -> Given:
    return One() if isinstance(given, Rest) and _NUMBER.fullmatch(at) and given.start + int(at) >= _FIRST else None


def _member(given: Given, key: str) -> Given:
    return given.members.get(key) if isinstance(given, Parsed) else None


def _flags(options: "Node | None") -> "Iterator[tuple[str, Given]]":
    """What `parseArgs` is told of that has no value and is not there unasked."""
    for name, node in pairs_of(options).items():
        told = {key: text_of(each)[1:-1] for key, each in pairs_of(node).items()}
        if told.get("type") == "boolean" and "default" not in told:
            yield name, Flag(frozenset({f"--{name}", *(f"-{each}" for key, each in told.items() if key == "short")}))
