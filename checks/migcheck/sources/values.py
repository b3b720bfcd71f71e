"""What an expression is worth where that is plain to see: strings, paths and objects; all else is `Unread`."""

from collections.abc import Iterable, Mapping
from posixpath import isabs, join
from typing import TYPE_CHECKING

from msgspec import Struct

from migcheck.drizzle.script_tokens import unescape
from migcheck.regex import regex
from migcheck.sources.module import Module
from migcheck.sources.syntax import bare, field, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

_DEEPEST = 30
# What no path, no name and no part of a statement comes near; a small file can put together gigabytes.
_LONGEST = 250
_MOST_KEYS = 100
_SHOWN = 60
_HERE = frozenset({"__dirname", "import.meta.dirname", "import.meta.dir"})
_FILE = frozenset({"__filename", "import.meta.filename", "import.meta.path", "import.meta.url"})
_JOINS = regex(r"(?:\w+\.)?(?:join|resolve|normalize)")
_SAME = regex(r"(?:\w+\.)?(?:fileURLToPath|toString)")
_PARENT = regex(r"(?:\w+\.)?dirname")


class Unread(Struct, frozen=True):
    """What only running the file would tell; `text` is its source, perhaps cut."""

    text: str


class BesideFile(Struct, frozen=True):
    """A path from the directory of the file that it stands in, as `__dirname` gives it."""

    path: str


class Fields(Struct, frozen=True):
    """An object. `rest` is what a spread may have added: then an absent key is not known to be absent."""

    items: "Mapping[str, Value]"
    rest: Unread | None = None

    def get(self, key: str) -> "Value | None":
        """The value of `key`; None where it is absent."""
        return self.items.get(key, self.rest)


Value = str | BesideFile | Fields | Unread


def value_of(node: "Node | None", module: Module, depth: int = 0) -> Value:  # noqa: PLR0911 - one for each kind
    """What an expression of `module` is worth."""
    node = bare(node)
    if node is None or depth > _DEEPEST:
        return Unread("")
    match node.type:
        case "string":
            return _between_quotes(node)
        case "template_string":
            return _put_together(node, [_part(each, module, depth + 1) for each in node.named_children])
        case "binary_expression" if text_of(field(node, "operator")) == "+":
            sides = (field(node, "left"), field(node, "right"))
            return _put_together(node, [value_of(each, module, depth + 1) for each in sides])
        case "identifier" | "member_expression":
            return _named(node, module, depth)
        case "object":
            return _fields(node, module, depth)
        case "call_expression" | "new_expression":
            return _called(node, module, depth)
        case _:
            return _unread(node)


def text_with_gaps(node: "Node", module: Module, gap: str) -> str:
    """The text of a string or a template, in which `gap` stands for each part that cannot be read."""
    if node.type == "string":
        return _between_quotes(node)
    parts = (_part(each, module, 0) for each in node.named_children)
    return "".join(each if isinstance(each, str) else gap for each in parts)


def _between_quotes(node: "Node") -> str:
    return unescape("".join(text_of(each) for each in node.named_children))


def _part(node: "Node", module: Module, depth: int) -> Value:
    if node.type == "template_substitution":
        return value_of(next(iter(node.named_children), None), module, depth)
    return unescape(text_of(node))


def _put_together(node: "Node", parts: Iterable[Value]) -> Value:
    """Text after text; a path may stand first, and what follows then goes on from it."""
    found: Value = ""
    for part in parts:
        match found, part:
            case str(), str():
                found += part
            case "", BesideFile():
                found = part
            case BesideFile(path), str():
                found = BesideFile(path + part)
            case _:
                return _unread(node)
    return found


def _named(node: "Node", module: Module, depth: int) -> Value:
    """A constant, a member of one, or what every module has."""
    name = text_of(node) if node.end_byte - node.start_byte < _SHOWN else ""
    if name in _HERE:
        return BesideFile(".")
    if name in _FILE:
        return BesideFile("./file")
    if node.type == "identifier":
        return _constant(name, module, depth)
    key = text_of(field(node, "property"))
    match value_of(field(node, "object"), module, depth + 1):
        case Fields() as fields:
            return fields.get(key) or _unread(node)
        case BesideFile() as place if key in ("pathname", "href"):
            return place
        case _:
            return _unread(node)


def _fields(node: "Node", module: Module, depth: int) -> Fields:
    items: dict[str, Value] = {}
    rest: Unread | None = None
    for each in node.named_children:
        match each.type:
            case "pair":
                key = field(each, "key")
                name = _between_quotes(key) if key is not None and key.type == "string" else text_of(key)
                items[name] = value_of(field(each, "value"), module, depth + 1)
            case "shorthand_property_identifier":
                items[text_of(each)] = _constant(text_of(each), module, depth)
            case "spread_element":
                added = value_of(next(iter(each.named_children), None), module, depth + 1)
                if isinstance(added, Fields) and added.rest is None and len(added.items) <= _MOST_KEYS:
                    items.update(added.items)
                else:
                    items, rest = {}, _unread(each)
            case _:
                pass
    return Fields(items, rest)


def _constant(name: str, module: Module, depth: int) -> Value:
    """What a constant is worth, found once: each can stand in the next many times."""
    node = module.constants.get(name)
    if node is None:
        return Unread(name)
    if name not in module.values:
        # What it is worth while it is being found: it may name itself.
        module.values[name] = Unread("")
        module.values[name] = _short(value_of(node, module, depth + 1), name)
    return module.values[name]


def _short(value: Value, name: str) -> Value:
    match value:
        case str(text) | BesideFile(text) if len(text) > _LONGEST:
            return Unread(name)
        case _:
            return value


def _called(node: "Node", module: Module, depth: int) -> Value:
    """`path.join(…)`, `process.cwd()`, `fileURLToPath(new URL("…", import.meta.url))`."""
    callee = text_of(field(node, "function") or field(node, "constructor"))[:_SHOWN]
    arguments = field(node, "arguments")
    given = [value_of(each, module, depth + 1) for each in arguments.named_children] if arguments else []
    if callee == "process.cwd" and not given:
        # Text may stand behind it: a path of the program's, and not the one from the root that this alone would be.
        return "."
    if callee == "URL" and len(given) == 2:  # noqa: PLR2004 - what it names, and from where
        given = [_parent(given[1]), given[0]]
        return _path(node, given)
    if _JOINS.fullmatch(callee) and given:
        return _path(node, given)
    if _SAME.fullmatch(callee) and len(given) == 1:
        return given[0]
    if _PARENT.fullmatch(callee) and len(given) == 1:
        return _parent(given[0])
    return _unread(node)


def _path(node: "Node", parts: Iterable[Value]) -> Value:
    """Paths joined. One that is known to begin anew, as the file's own directory does, drops what is before it."""
    found: Value = ""
    for part in parts:
        match found, part:
            case _, BesideFile():
                found = part
            case BesideFile(path), str() if not isabs(part):
                found = BesideFile(join(path, part))
            case str(), str():
                found = join(found, part)
            case _:
                return _unread(node)
    return found


def _parent(value: Value) -> Value:
    match value:
        case BesideFile(path):
            return BesideFile(join(path, "..")) if path != "./file" else BesideFile(".")
        case _:
            return Unread("")


def _unread(node: "Node") -> Unread:
    return Unread(" ".join(text_of(node)[:_SHOWN].split()))
