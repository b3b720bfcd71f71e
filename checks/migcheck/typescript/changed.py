"""Where a file changes what a name stands for: `c.out = …`, `delete c.out`, `Object.assign(c, …)`, `f(c)`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from migcheck.typescript.plain import Fields, Unread, Value
from migcheck.typescript.syntax import arguments_of, bare, field, freezes, line_of, pairs_of, short, text_of
from migcheck.typescript.values import shown, text_between_quotes

if TYPE_CHECKING:
    from tree_sitter import Node

_OF_ONE_KEY = frozenset({"Object.defineProperty", "Reflect.defineProperty", "Reflect.deleteProperty", "Reflect.set"})
_CHANGING = _OF_ONE_KEY | frozenset(
    {"Object.assign", "Object.defineProperties", "Object.setPrototypeOf", "Reflect.setPrototypeOf"}
)
_LENGTHENS = frozenset({"push", "splice", "unshift"})
_LONGEST, _LONGEST_LIST = 30, 100
_ASSIGNS = frozenset({"assignment_expression", "augmented_assignment_expression", "for_in_statement"})
_DECLARES = frozenset(
    {
        "abstract_class_declaration",
        "class_declaration",
        "enum_declaration",
        "function_declaration",
        "generator_function_declaration",
    }
)
_CALLS = frozenset({"call_expression", "new_expression"})
_NAME = "identifier"
_PLAIN_KEYS = frozenset({"property_identifier", "string"})
_EITHER = frozenset({"ternary_expression", "binary_expression"})


class Change(Struct, frozen=True):
    """A change of what stands behind `key`, or where that is empty, of anything. `at` is what makes it.

    What follows `stop`, in bytes, is the new value; nothing does where it is None.
    """

    key: str
    at: "Node"
    stop: int | None = None

    def unread(self) -> Unread:
        """What it leaves behind."""
        return Unread(shown(self.at, self.stop) + ("" if self.stop is None else " …"), line_of(self.at))


class Changes(Struct, frozen=True):
    """The changes of a file by name, and the names that are given another value than that of their `const`.

    `handed`, by name, are the calls that are given what it stands for, and may change that.
    """

    by_name: Mapping[str, Sequence[Change]]
    again: frozenset[str]
    handed: Mapping[str, Sequence[Change]]

    def of(self, name: str) -> Sequence[Change]:
        """What is changed of the object that `name` stands for."""
        return self.by_name.get(name, ())

    def leave(self, name: str, keys: frozenset[str]) -> bool:
        """Whether `name` stands for one thing, and what is behind `keys` of that stays as it is."""
        return name not in self.again and all(each.key and each.key not in keys for each in self.of(name))


def changes_in(nodes: "Iterable[Node]") -> Changes:
    """The changes that `nodes` make, wherever in the file: whether and when they run is not told."""
    found: dict[str, list[Change]] = {}
    handed: dict[str, list[Change]] = {}
    same: dict[str, list[tuple[str, str]]] = {}
    again: set[str] = set()
    for node in nodes:
        for name, change in _changed(node):
            found.setdefault(name, []).append(change)
        for name, change in _handed(node):
            handed.setdefault(name, []).append(change)
        again.update(_given_again(node))
        for name, other, key in _same(node):
            same.setdefault(name, []).append((other, key))
    _spread(found, same)
    _spread(handed, same)
    return Changes(found, frozenset(again), handed)


def altered(value: Value, made: Sequence[Change]) -> Value:
    """What `value` is where the changes `made` may have been made to it: all that they reach is Unread."""
    whole = next((each for each in made if not each.key), None)
    match value:
        case _ if not made:
            return value
        case Fields(items, rest) if whole is None:
            return Fields({**items, **{each.key: each.unread() for each in made}}, rest)
        case _:
            return (whole or made[0]).unread()


def altered_by_calls(value: Value, calls: Sequence[Change]) -> Value:
    """What `value` is where `calls` were given it, or what is behind a key of it: a text is what it was."""
    match value:
        case Fields() | tuple() if whole := next((each for each in calls if not each.key), None):
            return whole.unread()
        case Fields(items):
            return altered(value, [each for each in calls if isinstance(items.get(each.key), Fields | tuple)])
        case _:
            return value


def names_in(pattern: "Node | None") -> "Iterator[tuple[str, str]]":
    """The names that a pattern gives, and the key that each is the value of; empty where that is not plain to see."""
    left = [(pattern, True)]
    while left:
        node, plain = left.pop()
        match node.type if node is not None else "":
            case "identifier" | "shorthand_property_identifier_pattern":
                yield text_of(node), text_of(node) if plain and node is not pattern else ""
            case "pair_pattern":
                key, value = field(node, "key"), field(node, "value")
                if plain and key is not None and key.type in _PLAIN_KEYS and value is not None and value.type == _NAME:
                    yield text_of(value), text_between_quotes(key) if key.type == "string" else text_of(key)
                else:
                    left.append((value, False))
            case "object_pattern" if node is not None:
                left.extend((each, node is pattern) for each in node.named_children)
            case "object_assignment_pattern" | "assignment_pattern":
                left.append((field(node, "left"), False))
            case "array_pattern" | "rest_pattern" if node is not None:
                left.extend((each, False) for each in node.named_children)
            case _:
                pass


def _changed(node: "Node") -> Iterator[tuple[str, Change]]:
    """The changes that `node` itself makes, by the name whose object it changes."""
    if node.type in _ASSIGNS:
        right = field(node, "right")
        stop = right.start_byte if right is not None and node.type != "for_in_statement" else None
        for target in _targets(field(node, "left")):
            if (place := _place(target)) and place.keys:
                yield from _at(place, place.keys[1:2], Change(place.keys[0], node, stop))
    elif node.type in {"unary_expression", "update_expression"}:
        deletes = node.type == "update_expression" or text_of(field(node, "operator")) == "delete"
        if deletes and (place := _place(field(node, "argument"))) and place.keys:
            yield from _at(place, place.keys[1:2], Change(place.keys[0], node))
    elif node.type == "call_expression":
        called = short(field(node, "function"), _LONGEST)
        given = arguments_of(node) if called in _CHANGING else ()
        if given and (place := _place(given[0])):
            named = given[1] if called in _OF_ONE_KEY and len(given) > 1 else None
            key = text_between_quotes(named) if named is not None and named.type == "string" else ""
            yield from _at(place, (*place.keys[1:], key), Change(place.keys[0] if place.keys else key, node))
        elif text_of(field(node, "function", "property")) in _LENGTHENS:
            of = field(node, "function", "object")
            # What it is called on may be such calls again, each with those before it.
            if short(of, _LONGEST_LIST) and (place := _place(of)):
                yield from _at(place, (*place.keys[1:], ""), Change(next(iter(place.keys), ""), node))


def _handed(node: "Node") -> Iterator[tuple[str, Change]]:
    """What `node` gives to a function, by the name whose object that is, or is behind a key of."""
    if node.type not in _CALLS or freezes(node):
        return
    called = short(field(node, "function"), _LONGEST)
    if called in _CHANGING or called.startswith("console.") or called == "JSON.stringify":
        return
    for each in arguments_of(node):
        if place := _place(each, of_calls=False):
            yield from _at(place, (*place.keys[1:], ""), Change(next(iter(place.keys), ""), node))


def _at(place: "_Place", behind: Sequence[str], change: Change) -> Iterator[tuple[str, Change]]:
    """`change` by the name that begins `place`; that of what is `behind` its first key, as well by both: `w.c`."""
    yield place.name, change
    if place.keys and behind:
        yield f"{place.name}.{place.keys[0]}", replace(change, key=behind[0])


def _targets(left: "Node | None") -> "Iterator[Node]":
    """What an assignment gives a value: a place, or each that its pattern names."""
    waiting = [left]
    while waiting:
        node = waiting.pop()
        if node is None:
            continue
        if node.type in {"object_pattern", "array_pattern", "rest_pattern"}:
            waiting += node.named_children
        elif node.type in {"pair_pattern", "object_assignment_pattern", "assignment_pattern"}:
            waiting.append(field(node, "value") or field(node, "left"))
        else:
            yield node


def _given_again(node: "Node") -> Iterator[str]:
    """The names that `node` gives a value by other than a `const`."""
    match node.type:
        case "lexical_declaration" | "variable_declaration" if text_of(field(node, "kind")) != "const":
            for each in node.named_children:
                yield from (name for name, _ in names_in(field(each, "name")))
        case kind if kind in _DECLARES:
            yield text_of(field(node, "name"))
        case "import_require_clause" | "import_alias":
            yield from _names(node.named_children[:1])
        case "update_expression":
            yield from _names((field(node, "argument"),))
        case kind if kind in _ASSIGNS and text_of(field(node, "kind")) != "const":
            yield from _names(_targets(field(node, "left")))
        case _:
            pass


def _names(targets: "Iterable[Node | None]") -> Iterator[str]:
    for each in map(bare, targets):
        if each is not None and each.type in {"identifier", "shorthand_property_identifier_pattern"}:
            yield text_of(each)


class _Place(Struct, frozen=True):
    """What a name begins, as `(c as any).out`: `keys` behind it, empty for a computed one."""

    name: str
    keys: tuple[str, ...]


def _place(node: "Node | None", *, of_calls: bool = True) -> _Place | None:
    """The place that an expression is, perhaps in what a call gives back; None where no name begins it."""
    keys: list[str] = []
    while (node := bare(node)) is not None:
        match node.type:
            case "member_expression":
                keys.append(text_of(field(node, "property")))
                node = field(node, "object")
            case "subscript_expression":
                index = field(node, "index")
                keys.append(text_between_quotes(index) if index is not None and index.type == "string" else "")
                node = field(node, "object")
            case "call_expression" if of_calls:
                node = field(node, "function")
            case "identifier":
                return _Place(text_of(node), tuple(reversed(keys)))
            case _:
                return None
    return None


def _same(node: "Node") -> Iterator[tuple[str, str, str]]:
    """A name, and another whose object, or the one behind a key of that, it is given as it is: `const d = c`."""
    match node.type:
        case "variable_declarator":
            pattern, value = field(node, "name"), field(node, "value")
        case "assignment_expression":
            pattern, value = field(node, "left"), field(node, "right")
        case _:
            return
    for key, each in pairs_of(value).items() if pattern is not None and pattern.type == _NAME else ():
        if each is not None and each.type in (_NAME, "shorthand_property_identifier"):
            yield f"{text_of(pattern)}.{key}", text_of(each), ""
    names = list(names_in(pattern))
    for place in _handed_on(value) if names else ():
        yield from ((name, place.name, place.keys[0] if place.keys else key) for name, key in names)


def _handed_on(value: "Node | None") -> Iterator[_Place]:
    """The places whose object an expression may be, a function may give it back as it is."""
    left = [value]
    while left:
        node = bare(left.pop())
        if node is None:
            continue
        if node.type in _EITHER:
            left += node.named_children
        elif node.type == "call_expression" and (callee := field(node, "function")) and callee.type == "identifier":
            left += arguments_of(node)[:1]
        elif place := _place(node):
            yield place


def _spread(found: dict[str, list[Change]], same: Mapping[str, Sequence[tuple[str, str]]]) -> None:
    """Add to `found` what is changed by another name."""
    waiting = list(found)
    seen = set(waiting)
    while waiting:
        name = waiting.pop()
        first = found[name][0]
        for other, key in same.get(name, ()):
            found.setdefault(other, []).append(replace(first, key=key))
            if other not in seen:
                seen.add(other)
                waiting.append(other)
