"""The lines of a Makefile, and which of them make may pass over.

Facts: gnu.org "GNU make", "Conditional Syntax" (blanks may stand before, a tab may not), "Defining Multi-Line
Variables" (what stands before `endef` is a text, conditions among it).
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from migcheck.regex import regex
from migcheck.scripts.tasks.make_variables import UNKNOWN, Assignment

_BEGINS = regex(r" *ifn?(?:def|eq)[ \t('\"]")
_ELSE = regex(r" *else(?:[ \t#]|$)")
_ENDS = regex(r" *endif(?:[ \t#]|$)")
_DEFINE = regex(r" *(?:(?:export|override|private)[ \t]+)*define[ \t]+(?P<name>[\w.-]+)")
_NESTED = regex(r" *(?:(?:export|override|private)[ \t]+)*define[ \t]")
_ENDEF = regex(r" *endef(?:[ \t#]|$)")


class Line(Struct, frozen=True):
    """A line, those that it goes on in among it; `sure`: no condition is around it."""

    number: int
    text: str
    sure: bool


class Definition(Struct, frozen=True):
    """What `define` up to `endef` says."""

    told: Assignment


def statements(text: str, *, sure: bool) -> Iterator[Line | Definition]:
    """What a Makefile says, without its conditions; of those every branch is given. `sure`: none is around it all."""
    deep = 0
    lines = _logical_lines(text)
    for number, each in lines:
        if _BEGINS.match(each):
            deep += 1
        elif _ENDS.match(each):
            deep = max(deep - 1, 0)
        elif define := _DEFINE.match(each):
            yield Definition(Assignment(define["name"], _as_script(list(_defined(lines))), sure=False))
        elif not _ELSE.match(each):
            yield Line(number, each, sure=sure and not deep)


def _defined(lines: Iterator[tuple[int, str]]) -> Iterator[str]:
    """The lines up to `endef`."""
    deep = 1
    for _, each in lines:
        deep += bool(_NESTED.match(each)) - bool(_ENDEF.match(each))
        if not deep:
            return
        yield each


def _as_script(lines: Sequence[str]) -> str:
    """What a recipe runs that is such lines: each where the one before did not fail."""
    words = [each.lstrip("@+- \t") for each in lines]
    plain = [each for each in words if each and not each.startswith("#")]
    return UNKNOWN if any("\n" in each or "#" in each for each in plain) else " && ".join(plain)


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their numbers; one that ends with a backslash goes on in the next."""
    begin, held = 1, list[str]()
    for number, each in enumerate(text.split("\n"), 1):
        begin = begin if held else number
        held.append(each)
        if not each.endswith("\\"):
            yield begin, "\n".join(held)
            held.clear()
