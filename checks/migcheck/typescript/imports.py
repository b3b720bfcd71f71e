"""What the local names of a source file stand for: what it imports, or requires, of other modules."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from migcheck.typescript.plain import Value
from migcheck.typescript.syntax import bare, field, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

EVERYTHING = "*"
"""The name of what an import binds that is the module itself: `import * as m`, `require`."""
_REQUIRING = frozenset({"require", "import"})


class Import(Struct, frozen=True):
    """What a local name stands for: `name` of the module `source`, as written there."""

    source: str
    name: str


Imported = Callable[[Import, int], Value]
"""What is taken from another file, in a line of this one; None where that is not known."""


def nothing(_origin: Import, _line: int) -> Value:
    """What is known of other files where a file is read alone."""
    return None


def bound_by(node: "Node") -> Iterator[tuple[str, Import]]:
    """The local names that an import or a declaration binds to things of other modules; empty where it binds none."""
    match node.type:
        case "import_statement" if source := _text(field(node, "source")):
            yield from _of_import(node, source)
        case "export_statement" if source := _text(field(node, "source")):
            yield "", Import(source, EVERYTHING)
        case "variable_declarator" if source := required_by(bare(field(node, "value"))):
            yield from _of_declaration(field(node, "name"), source)
        case "call_expression" if source := required_by(node):
            yield "", Import(source, EVERYTHING)
        case _:
            pass


def _of_import(node: "Node", source: str) -> Iterator[tuple[str, Import]]:
    clause = next((each for each in node.named_children if each.type == "import_clause"), None)
    yield "", Import(source, EVERYTHING)
    if clause is None or any(each.type == "type" for each in node.children):
        return
    for each in clause.named_children:
        match each.type:
            case "identifier":
                yield text_of(each), Import(source, "default")
            case "namespace_import":
                yield text_of(each.named_children[0]), Import(source, EVERYTHING)
            case "named_imports":
                for one in each.named_children:
                    name = text_of(field(one, "name"))
                    yield text_of(field(one, "alias")) or name, Import(source, name)
            case _:
                pass


def _of_declaration(name: "Node | None", source: str) -> Iterator[tuple[str, Import]]:
    match name.type if name is not None else "":
        case "identifier":
            yield text_of(name), Import(source, EVERYTHING)
        case "object_pattern" if name is not None:
            for each in name.named_children:
                if each.type == "shorthand_property_identifier_pattern":
                    yield text_of(each), Import(source, text_of(each))
                elif each.type == "pair_pattern":
                    yield text_of(field(each, "value")), Import(source, text_of(field(each, "key")))
        case _:
            pass


def required_by(node: "Node | None") -> str:
    """The module that `require("…")` or `import("…")` names; empty for anything else."""
    function = field(node, "function")
    # A chain of calls is the text of each of them: only a name is worth looking at.
    if function is None or function.type not in ("identifier", "import") or text_of(function) not in _REQUIRING:
        return ""
    arguments = field(node, "arguments")
    return _text(next(iter(arguments.named_children), None)) if arguments is not None else ""


def imported_as(callee: str, imports: Mapping[str, Import]) -> Import | None:
    """The thing of another module that `callee` is, by what its first name stands for; None for one of this file."""
    first, _, rest = callee.partition(".")
    binding = imports.get(first)
    if binding is None or not rest:
        return binding
    return Import(binding.source, rest if binding.name in (EVERYTHING, "default") else f"{binding.name}.{rest}")


def _text(node: "Node | None") -> str:
    """The value of a string without escapes, as names of modules are; empty for anything else."""
    if node is None or node.type != "string":
        return ""
    return "".join(text_of(each) for each in node.named_children if each.type == "string_fragment")
