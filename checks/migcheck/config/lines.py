"""On which line of a TOML file each of its keys stands, which its parser does not tell.

What is read here was parsed before: it is enough to tell apart what a key, a list and a table are.

Source: TOML 1.0.
"""

import tomllib
from collections.abc import Iterator

from migcheck.regex import regex

Keys = tuple[str | int, ...]
"""The keys that lead to a value, and in a list the number of one."""
_TOKEN = regex(
    r"""(?xs)
    (?:"{3}(?:[^\\"]|\\.|"(?!""))*"{3,5} | '{3}(?:[^']|'(?!''))*'{3,5} | "(?:[^\\"]|\\.)*" | '[^']*')
    | [\[\]{},=.\n]
    | [^\s\[\]{},=.\#"']+
    | \#[^\n]*
    """
)
_ENDS = frozenset({",", "]", "}", "\n", ""})


def line_of(text: str, place: Keys) -> int | None:
    """The 1-based line of what is at `place`, or of the nearest table around it; None where there is neither."""
    best, line = 0, None
    for number, found in places_of(text):
        if found[: len(place)] == place:
            return number
        if best < len(found) and place[: len(found)] == found:
            best, line = len(found), number
    return line


def lines_of(text: str, place: Keys) -> tuple[int, ...]:
    """The 1-based line where each member of the list at `place` begins."""
    return tuple(line for line, found in places_of(text) if found[:-1] == place and isinstance(found[-1], int))


def places_of(text: str) -> Iterator[tuple[int, Keys]]:
    """The line and the place of each header, key and member of a list in `text`, which is TOML, in its order."""
    tokens = _Tokens(text)
    around: Keys = ()
    members: dict[Keys, int] = {}
    while tokens.next_line():
        if tokens.now == "[":
            line = tokens.line
            around = _header(tokens, members)
            yield line, around
        else:
            yield from _entry(tokens, around)


def _header(tokens: "_Tokens", members: dict[Keys, int]) -> Keys:
    """The place of a table. What is named below a list of tables belongs to its last member."""
    tokens.take()
    is_list = tokens.now == "["
    place: Keys = ()
    *outer, last = tokens.names("]")
    for name in outer:
        place = (*place, name)
        place = (*place, members[place]) if place in members else place
    place = (*place, last)
    if is_list:
        tokens.take()
        members[place] = members.get(place, -1) + 1
        place = (*place, members[place])
    return place


def _entry(tokens: "_Tokens", around: Keys) -> Iterator[tuple[int, Keys]]:
    line = tokens.line
    place = (*around, *tokens.names("="))
    yield line, place
    yield from _value(tokens, place)


def _value(tokens: "_Tokens", place: Keys) -> Iterator[tuple[int, Keys]]:
    opened = tokens.now
    if opened not in ("[", "{"):
        while tokens.now not in _ENDS:
            tokens.take()
        return
    tokens.take()
    number = 0
    while tokens.next_line() and tokens.now not in ("]", "}"):
        if tokens.now == ",":
            tokens.take()
            number += 1
        elif opened == "{":
            yield from _entry(tokens, place)
        else:
            yield tokens.line, (*place, number)
            yield from _value(tokens, (*place, number))
    tokens.take()


class _Tokens:
    """The words, texts and marks of a file, without comments. `now` is one, on `line`; empty behind the last."""

    def __init__(self, text: str) -> None:
        self._left = _TOKEN.finditer(text)
        self.now = ""
        self.line = 1
        self.take()

    def take(self) -> None:
        """Go on to the next one."""
        self.line += self.now.count("\n")
        self.now = next((each[0] for each in self._left if not each[0].startswith("#")), "")

    def next_line(self) -> bool:
        """Go on to what is no line's end; whether there is anything."""
        while self.now == "\n":
            self.take()
        return bool(self.now)

    def names(self, end: str) -> list[str]:
        """Take the parts of a key, and what stands behind it."""
        found = []
        while self.now not in (end, ""):
            if self.now not in (".", "["):
                found.append(_name(self.now))
            self.take()
        self.take()
        return found


def _name(written: str) -> str:
    if written.startswith('"'):
        return next(iter(tomllib.loads(f"{written} = 0")))
    return written.strip("'")
