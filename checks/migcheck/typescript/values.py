"""What an expression is worth where that is plain to see: literals, paths and objects; all else is `Unread`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from posixpath import basename
from typing import TYPE_CHECKING, ClassVar

from migcheck.regex import regex
from migcheck.typescript import syntax
from migcheck.typescript.escapes import unescape
from migcheck.typescript.paths import added, called
from migcheck.typescript.plain import BesideFile, Fields, Unread, Url, Value
from migcheck.typescript.syntax import arguments_of, bare, line_of, short, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

DEFINE = "defineConfig"
"""What gives back the object that it is given, of the functions that are known."""
# Deeper than any file of a person; a hostile one must not exhaust the stack.
_DEEPEST = 60
# What no path, no name and no part of a statement comes near.
_LONGEST_CONSTANT = 250
_MOST_KEYS = 1000
_SHOWN = 80
_LONGEST_NAME = 60
_FARTHEST = 3
_HERE = frozenset({"__dirname", "import.meta.dirname", "import.meta.dir"})
_FILE = frozenset({"__filename", "import.meta.filename", "import.meta.path"})
_URL = "import.meta.url"
_FUNCTION = regex(r"(?:\w+\.)?(?P<name>join|resolve|normalize|dirname|fileURLToPath)|(?P<whole>URL|process\.cwd)")
# What is one token to who reads it, however many the parser makes of it.
_WHOLE = frozenset({"string", "template_string", "regex"})
# Where a key is looked for that an object has not itself.
_PROTOTYPE = "__proto__"


@dataclass(frozen=True, slots=True)
class Scope:
    """What the names of a file mean: here, what people mean by them. `constants` are its own, by name.

    `values` are what names were found to be worth.
    """

    path: str
    constants: "Mapping[str, Node]"
    values: dict[str, Value] = field(default_factory=dict, compare=False, repr=False, kw_only=True)

    # Whether a key that an object has not is known to be absent: what is changed is known, too.
    complete: ClassVar[bool] = False

    def meaning(self, name: str, _at: "Node", depth: int) -> Value:
        """What a constant is worth, found once: each can stand in the next many times."""
        node = self.constants.get(name)
        if node is None:
            return Unread(name)
        if name not in self.values:
            # What it is worth while it is being found: it may name itself.
            self.values[name] = Unread("")
            self.values[name] = _short(value_of(node, self, depth + 1), name)
        return self.values[name]

    def member(self, _name: str, _key: str, _at: "Node") -> Value:
        """What is behind a key of the module that a name is all of; None where it is none, or that is not known."""
        return None

    def is_kept(self, name: str) -> bool:
        """Whether the file leaves to `name` the meaning that it comes with."""
        return bool(name)

    def function(self, callee: "Node | None") -> str:
        """What a function is called where it comes from, of those that are read; empty for any other."""
        found = _FUNCTION.fullmatch(short(callee, _LONGEST_NAME))
        return (found["name"] or found["whole"]) if found else ""


def value_of(node: "Node | None", scope: Scope, depth: int = 0) -> Value:  # noqa: C901, PLR0911 - one for each kind
    """What an expression of a file is worth."""
    node = bare(node)
    if node is None:
        return Unread("")
    if depth > _DEEPEST:
        return Unread("too deep", line_of(node))
    match node.type:
        case "string" | "number" | "true" | "false" | "null" | "undefined":
            return _literal(node)
        case "template_string":
            return _put_together(node, (_part(each, scope, depth + 1) for each in node.named_children))
        case "binary_expression" if text_of(syntax.field(node, "operator")) == "+":
            sides = (syntax.field(node, "left"), syntax.field(node, "right"))
            return _put_together(node, (value_of(each, scope, depth + 1) for each in sides))
        case "sequence_expression":
            return value_of(node.named_children[-1], scope, depth + 1)
        case "identifier" | "member_expression":
            return _named(node, scope, depth)
        case "array":
            return tuple(value_of(each, scope, depth + 1) for each in node.named_children if each.type != "comment")
        case "object":
            return _fields(node, scope, depth)
        case "call_expression" | "new_expression":
            return _called(node, scope, depth)
        case _:
            return unread(node)


def text_with_gaps(node: "Node", scope: Scope, gap: str) -> str:
    """The text of a string or a template, in which `gap` stands for each part that cannot be read."""
    if node.type == "string":
        return text_between_quotes(node)
    parts = (_part(each, scope, 0) for each in node.named_children)
    return "".join(each if isinstance(each, str) else gap for each in parts)


def text_between_quotes(node: "Node") -> str:
    """The text of a string."""
    return unescape("".join(text_of(each) for each in node.named_children))


def unread(node: "Node") -> Unread:
    """An expression that is not plain."""
    return Unread(shown(node), line_of(node))


def shown(node: "Node", stop: int | None = None) -> str:
    """The source of `node`, or of what is in it before the byte `stop`, on one line, cut where a token ends."""
    source, start = node.text or b"", node.start_byte
    end = node.end_byte if stop is None else stop
    if end - start <= _SHOWN:
        return _on_one_line(source[: end - start])
    last = node.descendant_for_byte_range(start + _SHOWN, start + _SHOWN + 1)
    cut = start + _SHOWN if last is None or last.children else last.start_byte
    # A way up is long in a hostile file.
    for _ in range(_FARTHEST):
        last = last.parent if last is not None and last != node else None
        if last is not None and last.type in _WHOLE:
            cut = last.start_byte
    return _on_one_line(source[: max(cut, start) - start or _SHOWN]) + "…"


def _on_one_line(source: bytes) -> str:
    return " ".join(source.decode("utf-8", "ignore").split())


def _literal(node: "Node") -> Value:
    match node.type:
        case "string":
            return text_between_quotes(node)
        case "number":
            return _number(node)
        case "true" | "false":
            return node.type == "true"
        case _:
            return None


def _number(node: "Node") -> float | Unread:
    try:
        return float(short(node, _LONGEST_NAME).replace("_", ""))
    except ValueError:
        return unread(node)


def _part(node: "Node", scope: Scope, depth: int) -> Value:
    if node.type == "template_substitution":
        return value_of(next(iter(node.named_children), None), scope, depth)
    return unescape(text_of(node))


def _put_together(node: "Node", parts: Iterable[Value]) -> Value:
    """Text after text; a path may stand first, and what follows then goes on from it."""
    found: Value = ""
    for part in parts:
        found = added(found, part)
        if found is None:
            return unread(node)
    return found


def _named(node: "Node", scope: Scope, depth: int) -> Value:
    """A constant, a member of one, or what every module has."""
    name = short(node, _LONGEST_NAME)
    if name in _HERE and scope.is_kept(name):
        return BesideFile(".")
    if name in _FILE and scope.is_kept(name):
        return BesideFile(basename(scope.path))
    if name == _URL:
        return Url(basename(scope.path))
    if node.type == "identifier":
        return scope.meaning(text_of(node), node, depth)
    return _member(node, scope, depth)


def _member(node: "Node", scope: Scope, depth: int) -> Value:
    key, owner = text_of(syntax.field(node, "property")), syntax.field(node, "object")
    if owner is not None and owner.type == "identifier":
        value = scope.member(text_of(owner), key, node)
        if value is not None:
            return value
    match value_of(owner, scope, depth + 1):
        case Fields() as fields:
            return fields.get(key) if scope.complete else fields.get(key) or unread(node)
        case Url(path) if key == "pathname":
            return BesideFile(path)
        case _:
            return unread(node)


def _fields(node: "Node", scope: Scope, depth: int) -> Fields:
    items: dict[str, Value] = {}
    rest: Unread | None = None
    for each in node.named_children:
        match each.type:
            case "pair" | "method_definition":
                rest = _set(each, items, scope, depth) or rest
            case "shorthand_property_identifier":
                items[text_of(each)] = scope.meaning(text_of(each), each, depth)
            case "spread_element":
                rest = _spread(each, items, scope, depth) or rest
            case _:
                pass
    return Fields(items, rest)


def _set(member: "Node", items: dict[str, Value], scope: Scope, depth: int) -> Unread | None:
    """Add a member to `items`; a method is Unread. Returns what may have set any other key."""
    key = _key_of(member)
    if key is None:
        items.clear()
        return unread(member)
    if key == _PROTOTYPE and member.type == "pair":
        return Unread(f"{_PROTOTYPE}: …", line_of(member))
    method = Unread(key, line_of(member))
    items[key] = value_of(syntax.field(member, "value"), scope, depth + 1) if member.type == "pair" else method
    return None


def _spread(member: "Node", items: dict[str, Value], scope: Scope, depth: int) -> Unread | None:
    """As `_set`, of `...value`."""
    given = value_of(next(iter(member.named_children), None), scope, depth + 1)
    fields = given if isinstance(given, Fields) and len(given.items) <= _MOST_KEYS else Fields({}, unread(member))
    if fields.rest is not None:
        items.clear()
    items.update(fields.items)
    return fields.rest


def _key_of(member: "Node") -> str | None:
    """The key of a pair or a method; None where it is computed."""
    key = syntax.field(member, "key") or syntax.field(member, "name")
    if key is None or key.type == "computed_property_name":
        return None
    return text_between_quotes(key) if key.type == "string" else text_of(key)


def _short(value: Value, name: str) -> Value:
    match value:
        case str(text) | BesideFile(text) if len(text) > _LONGEST_CONSTANT:
            return Unread(name)
        case _:
            return value


def _called(node: "Node", scope: Scope, depth: int) -> Value:
    """`path.join(…)`, `process.cwd()`, `fileURLToPath(new URL("…", import.meta.url))`, `defineConfig(…)`."""
    arguments = syntax.field(node, "arguments")
    function = scope.function(syntax.field(node, "function") or syntax.field(node, "constructor"))
    if not function or arguments is None or arguments.type != "arguments":
        return unread(node)
    given = [value_of(each, scope, depth + 1) for each in arguments_of(node)]
    if function == DEFINE:
        return given[0] if given else unread(node)
    path = called(function, given)
    return unread(node) if path is None else path
