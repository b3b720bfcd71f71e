"""One source file: what it imports, what it calls and from where, and its constants."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec import Struct

from migcheck.sources.failures import Failures, failures
from migcheck.sources.guards import guarded
from migcheck.sources.handed import Named, named_among
from migcheck.sources.holders import walk
from migcheck.sources.later import Holder, alike
from migcheck.typescript.imports import Import, bound_by, imported_as, required_by
from migcheck.typescript.syntax import Patience, arguments_of, bare, field, line_of, parse, text_of
from migcheck.typescript.values import Scope

if TYPE_CHECKING:
    from tree_sitter import Node

_MOST_PARTS = 4
_CLASSES = frozenset({"class_declaration", "abstract_class_declaration", "class"})
_METHODS = frozenset({"method_definition", "public_field_definition"})
_DECLARED = _CLASSES | {"function_declaration", "generator_function_declaration"}
_MEMBERED = frozenset({"identifier", "member_expression"})


class Call(Struct, frozen=True):
    """A call. `callee` is a name or names with dots between, `holder` the function it stands in.

    `imported` is what it calls, where that is of another module. `goes_on` is why its failure ends nothing; empty where
    that is not sure. `held`: a constant holds it, and its holder is that. `may_end`: its function may end the program
    where it fails.
    """

    callee: str
    holder: Holder
    line: int
    arguments: "tuple[Node, ...]"
    imported: Import | None
    goes_on: str = ""
    held: bool = False
    may_end: bool = False


@dataclass(frozen=True, slots=True)
class Module(Scope):
    """A source file. `imports` are by local name, `constants` by name; those that are declared twice are left out.

    `loads` are the modules that it names at all, whether it binds something of them or not. `methods` are those of its
    classes, as `Class.method`. `named` are functions that are named, and not called, as if they were.
    """

    imports: Mapping[str, Import]
    loads: frozenset[str]
    calls: tuple[Call, ...]
    texts: "tuple[Node, ...]"
    methods: frozenset[str]
    named: tuple[Call, ...] = ()

    def runs(self, called: Holder) -> Iterator[Holder]:
        """Each function of the file that calls `called`, directly or through others, and the file itself."""
        holders: dict[str, set[Holder]] = {}
        for call in (*self.calls, *self.named):
            holders.setdefault(self._called(call), set()).add(call.holder)
        left, seen = [called], {called}
        while left:
            each = left.pop()
            for holder in {alike(each, one) for one in holders.get(each.name, ())} - seen:
                seen.add(holder)
                yield holder
                left.append(holder)

    def fate(self, call: Call) -> str:
        """Why the file goes on where `call` fails; empty where it ends there, or where that is not sure.

        What calls its function, and what calls that, may look at the failure: all of them have to go on.
        """
        left, seen, told = [call], {call.holder.name}, call.goes_on
        while left:
            each = left.pop()
            if each.goes_on:
                told = told or each.goes_on
                continue
            if each.may_end:
                return ""
            seeing = (user for user in (*self.calls, *self.named) if each.holder.name and not user.held)
            users = [user for user in seeing if self._called(user) == each.holder.name]
            if not users or any(user.holder.name in seen for user in users):
                return ""
            seen.update(user.holder.name for user in users if user.holder.name)
            left += users
        return told

    def named_in_full(self, names: frozenset[Holder]) -> frozenset[Holder]:
        """`names`, and those that are methods with their class as well, as another file calls them."""
        in_full = {each.partition(".")[2]: each for each in self.methods}
        return (
            names
            | {Holder(each) for each in self.methods if Holder(each.partition(".")[2]) in names}
            | {each._replace(name=in_full[each.name]) for each in names if each.words and each.name in in_full}
        )

    def _called(self, call: Call) -> str:
        """The name of what `call` calls, of the functions of this file; a method's without its class."""
        name = call.callee.removeprefix("this.")
        return name.partition(".")[2] if name in self.methods else name


def read_module(path: str, content: bytes, patience: Patience | None = None) -> Module:
    """Read a source file. What cannot be parsed is left out, and so are calls and loads that production never makes."""
    found = list(walk(parse(path, content, patience or Patience())))
    bound = [(node, each) for node, _ in found for each in bound_by(node)]
    imports = {local: binding for _, (local, binding) in bound if local}
    nodes = [node for node, _ in found]
    constants = _constants(nodes)
    aside = guarded(nodes, content, constants, imports)
    calls = (
        (each, aside.named_for(each, holder))
        for each, holder in found
        if each.type == "call_expression" and not aside.holds(each)
    )
    named = (
        each._replace(holder=aside.named_for(each.node, each.holder))
        for each in named_among(found, constants)
        if not aside.holds(each.node)
    )
    declared = {text_of(field(node, "name")) for node, _ in found if node.type in _DECLARED}
    lost = failures(nodes, content)
    return Module(
        path=path,
        imports=imports,
        loads=frozenset(binding.source for node, (_, binding) in bound if not aside.holds(node)),
        calls=tuple(_calls(calls, imports, constants, lost)),
        constants=constants,
        texts=tuple(node for node, _ in found if node.type in ("string", "template_string")),
        methods=frozenset(each for node, _ in found if node.type in _CLASSES for each in _methods(node)),
        named=tuple(_named(named, imports, constants, declared, lost)),
    )


def _methods(node: "Node") -> Iterator[str]:
    name, body = text_of(field(node, "name")), field(node, "body")
    for each in body.named_children if name and body is not None else ():
        if each.type in _METHODS:
            yield f"{name}.{text_of(field(each, 'name'))}"


def _constants(nodes: "Iterable[Node]") -> "dict[str, Node]":
    found: dict[str, Node | None] = {}
    for node in nodes:
        if node.type == "variable_declarator" and (value := bare(field(node, "value"))) is not None:
            name = text_of(field(node, "name"))
            found[name] = None if name in found else value
    return {name: value for name, value in found.items() if value is not None}


def _calls(
    found: "Iterable[tuple[Node, Holder]]",
    imports: Mapping[str, Import],
    constants: "Mapping[str, Node]",
    lost: Failures,
) -> Iterator[Call]:
    for node, holder in found:
        callee, inline = _callee(bare(field(node, "function")), constants)
        if not callee and not inline:
            continue
        to, given = inline or imported_as(callee, imports), arguments_of(node)
        yield Call(callee, holder, line_of(node), given, to, lost.goes_on(node), may_end=lost.may_end(node))


def _named(
    named: "Iterable[Named]",
    imports: Mapping[str, Import],
    constants: "Mapping[str, Node]",
    declared: AbstractSet[str],
    lost: Failures,
) -> Iterator[Call]:
    # A parameter may be called as a method is, and be another thing.
    there = {"this", *declared, *imports, *constants}
    for each in named:
        # The text of a member may be the file, and again that of what it is a member of.
        name = _callee(each.node, constants)[0] if each.node.type in _MEMBERED else text_of(each.node)
        if each.node.type == "property_identifier" or name.partition(".")[0] in there:
            at, to = each.call or each.node, imported_as(name, imports)
            yield Call(name, each.holder, line_of(at), (), to, lost.of_given(at), each.held, lost.may_end(each.node))


def _callee(node: "Node | None", constants: "Mapping[str, Node]") -> tuple[str, Import | None]:
    """What is called, in names; or a thing of a module that is imported on the spot."""
    node, parts = _members(node)
    # What a class makes has the methods of the class.
    made = constants.get(text_of(node)) if parts and node is not None and node.type == "identifier" else node
    if parts and made is not None and made.type == "new_expression":
        node, names = _members(bare(field(made, "constructor")))
        parts = (*names, *parts)
    if node is None:
        return "", None
    if len(parts) == 1 and (source := required_by(node)):
        return "", Import(source, parts[0])
    if node.type == "function_expression":
        return text_of(field(node, "name")), None
    if node.type not in ("identifier", "this"):
        return "", None
    return ".".join((text_of(node), *parts)), None


def _members(node: "Node | None") -> "tuple[Node | None, tuple[str, ...]]":
    """What `node` is a member of, and the names that lead from there to it; too many are left where they are."""
    parts: list[str] = []
    while node is not None and node.type == "member_expression" and len(parts) < _MOST_PARTS:
        parts.append(text_of(field(node, "property")))
        node = bare(field(node, "object"))
    return node, tuple(reversed(parts))
