"""A SELECT that is too long to stand in a sentence: in a line of its own, so that people can copy all of it."""

import re
from collections.abc import Iterator

from msgspec import Struct

from migcheck.regex import regex

QUOTED_SELECT = r"""`(?P<select>select (?:"[^"]*"|'[^']*'|[^`"'])*)`"""
"""In backticks, which a quoted name may have as well."""
_SELECT = regex(rf"{QUOTED_SELECT}[.:,;]?")
# What is quoted stays as it is, blanks and all.
_WORD = regex(r"""(?:'[^']*'|"[^"]*"|[^\s'"])+""")
_QUOTED = regex(r"""(?:(?<!\w)[eE])?'(?:[^']|'')*'|"(?:[^"]|"")*\"""")


class Select(Struct, frozen=True):
    """A SELECT that stands apart; `line` ends with a semicolon."""

    line: str


def apart(text: str, room: int) -> Iterator[str | Select]:
    """`text`, and apart from it each SELECT in it that does not fit into `room` columns."""
    at, told = 0, False
    for found in _SELECT.finditer(text):
        if len(found["select"]) + 2 > room:
            if before := text[at : found.start()].strip():
                yield before
            yield Select(in_one_line(found["select"]))
            at, told = found.end(), True
    rest = text[at:].strip() if told else text
    if rest or not told:
        yield rest


def in_one_line(select: str) -> str:
    """The statement that it is, to be copied from one line."""
    return " ".join(_WORD.findall(_QUOTED.sub(_on_one_line, select))) + ";"


def _on_one_line(found: re.Match[str]) -> str:
    """What is quoted, as SQL writes it without a line end: it could pass for a line of the report."""
    quoted = found[0]
    if "\n" not in quoted:
        return quoted
    if quoted[0] in "eE":
        return quoted.replace("\n", r"\n")
    plain = quoted.replace("\\", r"\\")
    return "U&" + plain.replace("\n", r"\000a") if quoted[0] == '"' else "E" + plain.replace("\n", r"\n")
