"""JSON as Node parses it, with the line of each member and item that a finding may point at."""

from json.decoder import JSONDecodeError, JSONDecoder
from typing import NoReturn

from msgspec import Struct

from migcheck.regex import regex

_SPACE = regex(r"[ \t\n\r]*")
_LONGEST_INTEGER = 300
"""Digits. Python refuses more than 4,300 of them; JavaScript reads more than 308 as Infinity."""


class BadJsonError(ValueError):
    """The text is not JSON. `problem` is a clause without a subject; `line` is 1-based."""

    def __init__(self, problem: str, line: int) -> None:
        """Keep both."""
        super().__init__(problem)
        self.problem = problem
        self.line = line


class Placed(Struct, frozen=True):
    """A value and the 1-based line where it begins."""

    value: object
    line: int


class PlacedList(Struct, frozen=True):
    """A list whose items are placed, and the 1-based line where it begins."""

    items: tuple[Placed, ...]
    line: int


def read_object(text: str) -> dict[str, Placed | PlacedList] | None:
    """The members of the object that `text` is, of two with one name the last; None where it is JSON but not an object.

    Raises BadJsonError where it is not JSON.
    """
    try:
        return _Walk(text).document()
    except JSONDecodeError as error:
        ended = error.pos >= len(text.rstrip())
        problem = "ends in the middle of its JSON" if ended else f"is not JSON ({error.msg}, column {error.colno})"
        raise BadJsonError(problem, error.lineno) from error
    except RecursionError as error:
        raise BadJsonError("is nested too deeply to be read", 1) from error


class _Walk:
    """One pass over a text. Values are decoded by the standard library's scanner; only the outermost are walked."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.line = 1
        self.decoder = JSONDecoder(parse_int=_integer, parse_constant=self.refuse)

    def document(self) -> dict[str, Placed | PlacedList] | None:
        self.move(self.at)
        members: dict[str, Placed | PlacedList] | None = None
        if self.sees("{"):
            members = self.members()
        else:
            self.value()
        if self.at != len(self.text):
            self.fail("extra data")
        return members

    def members(self) -> dict[str, Placed | PlacedList]:
        members: dict[str, Placed | PlacedList] = {}
        self.take("{")
        while not self.sees("}"):
            if members:
                self.take(",")
            name = self.name()
            self.take(":")
            members[name] = self.items() if self.sees("[") else self.value()
        self.take("}")
        return members

    def items(self) -> PlacedList:
        line = self.line
        items: list[Placed] = []
        self.take("[")
        while not self.sees("]"):
            if items:
                self.take(",")
            items.append(self.value())
        self.take("]")
        return PlacedList(tuple(items), line)

    def name(self) -> str:
        if not self.sees('"'):
            self.fail("expecting a name in double quotes")
        return str(self.value().value)

    def value(self) -> Placed:
        line = self.line
        value, end = self.decoder.raw_decode(self.text, self.at)
        self.move(end)
        return Placed(value, line)

    def sees(self, character: str) -> bool:
        return self.text.startswith(character, self.at)

    def take(self, character: str) -> None:
        if not self.sees(character):
            self.fail(f"expecting '{character}'")
        self.move(self.at + 1)

    def move(self, end: int) -> None:
        """Go to `end` and past the space after it, counting lines."""
        space = _SPACE.match(self.text, end)
        after = space.end() if space else end
        self.line += self.text.count("\n", self.at, after)
        self.at = after

    def refuse(self, constant: str) -> NoReturn:
        """Python reads NaN and Infinity; JSON has neither."""
        self.fail(f"{constant} is not a value")

    def fail(self, problem: str) -> NoReturn:
        raise JSONDecodeError(problem, self.text, self.at)


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) < _LONGEST_INTEGER else float("inf")
