"""Where the names of a script come from: imports, `require`, and declarations that take an object apart.

Facts: ECMAScript 2025, 14.3.3 (destructuring binding patterns) and 16.2.2 (imports).
"""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from migcheck.drizzle.script_tokens import Kind, Token
from migcheck.regex import regex

# As Node, Deno (`npm:`) and a CDN know it.
_DRIZZLE_KIT = regex(r"(?:.*[/:])?drizzle-kit(?:[@/].*)?")
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
# What makes of a module something of it, or something else.
_GOES_ON = frozenset({".", "?.", "[", "(", "!"})
_ALL = frozenset({"*", "default"})
_DEFINE = "defineConfig"
# More names for one function than a person gives it.
_FARTHEST = 5


class Part(Struct, frozen=True):
    """A name that a pattern gives, and the key that it is the value of; empty where that is not plain to see."""

    name: str
    key: str


class Origin(Struct, frozen=True):
    """What a name is of a module: what that exports, `*` for all of it."""

    exported: str
    module: str


def parts_of(tokens: Sequence[Token], opener: int) -> tuple[list[Part], int]:
    """The names that the pattern gives whose `{` is at `opener`, and the token behind its `}`.

    What is nested in it, has a default or takes the rest has no key.
    """
    parts: list[Part] = []
    at, depth, member = opener + 1, 1, opener + 1
    while depth and tokens[at].kind is not Kind.END:
        sign = _sign(tokens, at)
        if depth == 1 and sign in {",", "}"}:
            parts.extend(_parts_in(tokens[member:at]))
            member = at + 1
        depth += (sign in _OPENING) - (sign in _CLOSING)
        at += 1
    return parts, at


def listed_in(tokens: Sequence[Token], opener: int) -> tuple[Mapping[str, str], int]:
    """What the list of exports gives whose `{` is at `opener`, by its name outside, and the token behind its `}`."""
    found: dict[str, str] = {}
    at = member = opener + 1
    while tokens[at].kind is not Kind.END:
        if _sign(tokens, at) in {",", "}"}:
            words = [each.text for each in tokens[member:at]]
            found |= {words[-1]: words[0]} if len(words) == 1 or words[1:-1] == ["as"] else {}
            member = at + 1
        at += 1
        if _sign(tokens, at - 1) == "}":
            break
    return found, at


def _parts_in(member: Sequence[Token]) -> Iterator[Part]:
    match [(each.kind, each.text) for each in member]:
        case [(Kind.NAME, name)]:
            yield Part(name, name)
        case [((Kind.NAME | Kind.STRING), key), (Kind.SIGN, ":"), (Kind.NAME, name)]:
            yield Part(name, key)
        case _:
            yield from (Part(each.text, "") for each in member if each.kind is Kind.NAME)


def origins(tokens: Sequence[Token]) -> Mapping[str, Origin]:
    """What each name is that the script imports, or takes from what it requires, outside of all brackets."""
    found: dict[str, Origin] = {}
    depth = 0
    for at, token in enumerate(tokens[:-1]):
        if token.kind is Kind.SIGN:
            depth += (token.text in _OPENING) - (token.text in _CLOSING)
        elif depth == 0 and token.kind is Kind.NAME and not (at and tokens[at - 1].text in {".", "?."}):
            found |= dict(_READERS[token.text](tokens, at + 1)) if token.text in _READERS else {}
    return found


def _imported(tokens: Sequence[Token], start: int) -> Iterator[tuple[str, Origin]]:
    """What an import gives whose clause begins at `start`."""
    stop = start
    while _is_of_clause(tokens, stop):
        stop += 1
    if tokens[stop].kind is not Kind.STRING or tokens[stop - 1].text != "from":
        return
    names, inside = list[str](), False
    for at in range(start, stop):
        text = tokens[at].text
        if text not in {",", "{", "}"} and at < stop - 1:
            names.append(text)
            continue
        if names:
            exported = names[0] if inside or names[0] == "*" else "default"
            yield names[-1], Origin(exported, tokens[stop].text)
        names, inside = [], text == "{" or (inside and text != "}")


def _is_of_clause(tokens: Sequence[Token], at: int) -> bool:
    if tokens[at].kind is Kind.NAME:
        return tokens[at].text != "import"
    return _sign(tokens, at) in {"{", "}", ",", "*"}


def _required(tokens: Sequence[Token], at: int) -> Iterator[tuple[str, Origin]]:
    """What a `const` gives, where all behind its `=` is `require("…")`."""
    parts, behind = parts_of(tokens, at) if _sign(tokens, at) == "{" else ([Part(tokens[at].text, "*")], at + 1)
    match [each.text for each in tokens[behind : behind + 5]]:
        case ["=", "require", "(", module, ")"] if _sign(tokens, behind + 5) not in _GOES_ON:
            yield from ((each.name, Origin(each.key, module)) for each in parts)
        case _:
            return


_READERS = {"import": _imported, "const": _required}


class Definers(Struct, frozen=True):
    """By which names a script calls drizzle-kit's `defineConfig`, which gives back what it is given.

    `same` has for a name the one whose value it is given; `own` are all names that the script gives a value.
    """

    origins: Mapping[str, Origin]
    same: Mapping[str, str]
    own: frozenset[str]

    def is_whole(self, name: str) -> bool:
        """Whether `name` is all of drizzle-kit."""
        origin = self.origins.get(name)
        return origin is not None and origin.exported in _ALL and _is_drizzle_kit(origin)

    def is_one(self, name: str) -> bool:
        """Whether `name` is that function."""
        for _ in range(_FARTHEST):
            if name in self.origins:
                return self.origins[name].exported == _DEFINE and _is_drizzle_kit(self.origins[name])
            if name not in self.same:
                return name == _DEFINE and name not in self.own
            name = self.same[name]
        return False


def _is_drizzle_kit(origin: Origin) -> bool:
    return _DRIZZLE_KIT.fullmatch(origin.module) is not None


def _sign(tokens: Sequence[Token], at: int) -> str:
    token = tokens[min(at, len(tokens) - 1)]
    return token.text if token.kind is Kind.SIGN else ""
