"""What a file of JavaScript, TypeScript or JSON exports, as far as that is plain to see without running it.

Facts: ECMAScript 2025, 16.2 (modules); Node's documentation of CommonJS modules.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, ClassVar

from migcheck.regex import regex
from migcheck.typescript.changed import Change, altered, altered_by_calls
from migcheck.typescript.declared import Declared, declared
from migcheck.typescript.imports import EVERYTHING, Import, Imported, nothing
from migcheck.typescript.plain import Fields, Unread, Value
from migcheck.typescript.syntax import bare, field, line_of, short, text_of
from migcheck.typescript.values import DEFINE, Scope, shown, unread, value_of

if TYPE_CHECKING:
    from tree_sitter import Node

# As Node, Deno (`npm:`) and a CDN know it. A file, or the package of a scope, may only be called so.
_DRIZZLE_KIT = regex(r"(?:npm:/?|https?://(?:[^/@]+/)+)?drizzle-kit(?:[@/].*)?")
_LONE_SURROGATE = regex(r"[\ud800-\udfff]")
_OF_PATHS = frozenset({"join", "resolve", "dirname", "normalize"})
_OF_URLS = frozenset({"fileURLToPath", "URL"})
_EVERYWHERE = _OF_URLS | {DEFINE}
"""What is meant by its name alone, where a file gives that no other meaning."""
_WHOLE = frozenset({EVERYTHING, "default"})
_NODE = "module.exports"
# More names for one function than a person gives it.
_FARTHEST = 5


def default_export(path: str, content: bytes, imported: Imported = nothing) -> Value:
    """The value of the `export default` or `module.exports` of the file at `path`; of all of it where it is JSON."""
    return _json(content) if path.endswith(".json") else _script(path, content, imported).default()


# As often as `declared`.
@lru_cache(maxsize=64)
def export_of(path: str, content: bytes, name: str) -> Value:
    """What a file exports as `name`, where `*` is all of it; None where it is not plain that it does.

    What that file takes from others is not read.
    """
    if not path.endswith(".json"):
        return _script(path, content, nothing).export(name)
    whole = _json(content)
    return whole.get(name) if isinstance(whole, Fields) and name not in _WHOLE else whole


@dataclass(frozen=True)
class _Script(Scope):
    """A file, of which a name means what is sure: nothing that is changed, or that may be another's."""

    file: Declared
    imported: Imported

    complete: ClassVar[bool] = True

    def default(self) -> Value:
        """What it exports by default."""
        if self.file.given_up:
            return Unread("to read it takes too long")
        if self.file.broken is not None:
            return Unread(f"the syntax of {shown(self.file.broken)}", line_of(self.file.broken))
        at, value = next(self._defaults(), (None, None))
        if at is None:
            return Unread("no `export default`")
        changes = self.file.changes
        made = (each for name in ("module", "exports") for each in (*changes.of(name), *self._handed(name)))
        later = next((each for each in made if each.at.id != at.id and each.key != "__esModule"), None)
        if later is not None:
            return later.unread()
        if source := _source(at):
            value_there = self.imported(Import(source, text_of(value)), line_of(at))
            return unread(at) if value_there is None else value_there
        return unread(at) if value is None else value_of(value, self)

    def _defaults(self) -> "Iterator[tuple[Node, Node | None]]":
        """Where it says what its default export is, and what it says; None where that is a declaration."""
        for each in self.file.statements:
            if each.type == "export_statement":
                if any(one.type == "default" for one in each.children):
                    yield each, field(each, "value")
                if any(one.type == "=" for one in each.children):
                    yield each, each.named_children[-1]
                yield from ((each, value) for name, value in _listed(each) if name == "default")
            elif each.type == "expression_statement":
                yield from _assigned(each)

    def export(self, name: str) -> Value:
        """What it exports as `name`."""
        if self.file.given_up or self.file.broken is not None:
            return self.default()
        for each in self.file.statements:
            if each.type == "export_statement" and not _source(each):
                for exported, value in (*_declared(each), *_listed(each)):
                    if exported == name:
                        return self.meaning(text_of(value), value, 0)
        if name == "default":
            return self.default()
        whole = None if any(each.type == "export_statement" for each in self.file.statements) else self.default()
        return whole.get(name) if isinstance(whole, Fields) and name != EVERYTHING else whole

    def meaning(self, name: str, at: "Node", depth: int) -> Value:
        """What a constant of the file, or of another beside it, is worth, found once."""
        file, origin = self.file, self.file.imports.get(name)
        beside = origin if origin is not None and origin.source.startswith(".") else None
        if beside is None and name not in file.constants and name not in file.parts:
            return Unread(name, line_of(at))
        if name not in self.values:
            # What it is worth while it is being found: it may name itself.
            self.values[name] = unknown = Unread(name, line_of(file.constants.get(name, at)))
            value = self._own(name, depth, unknown) if beside is None else self.imported(beside, line_of(at))
            value = altered(unknown if beside and value is None else value, file.changes.of(name))
            self.values[name] = altered_by_calls(value, self._handed(name))
        return self.values[name]

    def _handed(self, name: str) -> "list[Change]":
        """The calls that are given what `name` stands for; those of functions that are read change nothing."""
        calls = self.file.changes.handed.get(name, ())
        return [each for each in calls if not self.function(field(each.at, "function"))]

    def _own(self, name: str, depth: int, unknown: Unread) -> Value:
        if name in self.file.constants:
            return value_of(self.file.constants[name], self, depth + 1)
        part = self.file.parts[name]
        place = f"{part.value.start_byte}:"
        if place not in self.values:
            self.values[place] = unknown
            self.values[place] = value_of(part.value, self, depth + 1)
        whole = self.values[place]
        return whole.get(part.key) if part.key and isinstance(whole, Fields) else unknown

    def member(self, name: str, key: str, at: "Node") -> Value:
        """What is behind `key` of the module that `name` is all of; None where it is none, or that is not known."""
        origin = self.file.imports.get(name)
        if (
            origin is None
            or origin.name != EVERYTHING
            or not origin.source.startswith(".")
            or self.file.changes.of(name)
        ):
            return None
        place = f"{name}.{key}"
        if place not in self.values:
            self.values[place] = self.imported(Import(origin.source, key), line_of(at))
        return self.values[place]

    def is_kept(self, name: str) -> bool:
        """Whether the file leaves to `name` the meaning that it comes with."""
        return bool(name) and name not in self.file.own

    def function(self, callee: "Node | None") -> str:
        """What a function is called where it comes from, of those that are read; empty for any other."""
        callee = bare(callee)
        if callee is None or callee.type != "member_expression":
            return self._function(text_of(callee)) if callee is not None and callee.type == "identifier" else ""
        owner, key = bare(field(callee, "object")), text_of(field(callee, "property"))
        # What calls follow on may be all the calls before.
        name = text_of(owner) if owner is not None and owner.type == "identifier" else ""
        origin = self.file.imports.get(name)
        if origin is None or origin.name not in _WHOLE or not self.file.changes.leave(name, frozenset({key})):
            return ""
        return self._known(Import(origin.source, key))

    def _function(self, name: str) -> str:
        for _ in range(_FARTHEST):
            if (origin := self.file.imports.get(name)) is not None:
                return self._known(origin)
            other = self.file.constants.get(name)
            if other is None or other.type != "identifier":
                break
            name = text_of(other)
        return name if name in _EVERYWHERE and self.is_kept(name) else ""

    def _known(self, origin: Import) -> str:
        match origin.source.removeprefix("node:"):
            case "path":
                return origin.name if origin.name in _OF_PATHS and self._are_nodes else ""
            case "url":
                return origin.name if origin.name in _OF_URLS else ""
            case source:
                return DEFINE if origin.name == DEFINE and _DRIZZLE_KIT.fullmatch(source) else ""

    @cached_property
    def _are_nodes(self) -> bool:
        """Whether the functions for paths are those that Node has."""
        bound = (name for name, origin in self.file.imports.items() if origin.source.removeprefix("node:") == "path")
        return all(self.file.changes.leave(each, _OF_PATHS) for each in (*bound, "require"))


def _script(path: str, content: bytes, imported: Imported) -> _Script:
    file = declared(path, content.removeprefix(b"\xef\xbb\xbf"))
    return _Script(path, file.constants, file, imported)


def _source(export: "Node") -> str:
    """The module that `export … from` names; empty where it names none."""
    return text_of(field(export, "source")).strip("\"'`")


def _assigned(statement: "Node") -> "Iterator[tuple[Node, Node | None]]":
    """What `module.exports` is given, perhaps among others: `exports = module.exports = …`."""
    made: Node | None = statement
    while made is not None and made.type in {"expression_statement", "assignment_expression"}:
        if short(field(made, "left"), len(_NODE) + 1) == _NODE:
            yield made, field(made, "right")
        made = field(made, "right") if made.type == "assignment_expression" else next(iter(made.named_children), None)


def _listed(export: "Node") -> "Iterator[tuple[str, Node]]":
    """The names that a list of exports gives, and what it gives them to."""
    for clause in export.named_children:
        for each in clause.named_children if clause.type == "export_clause" else ():
            name = field(each, "name")
            if name is not None:
                yield text_of(field(each, "alias") or name), name


def _declared(export: "Node") -> "Iterator[tuple[str, Node]]":
    """The names of what is declared as it is exported."""
    declaration = field(export, "declaration")
    for each in declaration.named_children if declaration is not None else ():
        name = field(each, "name") if each.type == "variable_declarator" else None
        if name is not None and name.type == "identifier":
            yield text_of(name), name


def _json(content: bytes) -> Value:
    try:
        return _of_json(json.loads(content))
    except json.JSONDecodeError as error:
        return Unread(f"the syntax of JSON: {error.msg}", error.lineno)
    except (ValueError, OverflowError, RecursionError):
        return Unread("the syntax of JSON")


def _of_json(value: object) -> Value:
    match value:
        case dict():
            return Fields({_whole(key): _of_json(each) for key, each in value.items()})
        case list():
            return tuple(map(_of_json, value))
        case str():
            return _whole(value)
        case float() | bool() | None:
            return value
        case int():
            return float(value)
        case _:
            raise TypeError(type(value))


def _whole(text: str) -> str:
    """`text`, in which no half of a surrogate pair stands alone: nothing can write one."""
    return _LONE_SURROGATE.sub("\ufffd", text)
