"""A SELECT that is too long for a line: by its clauses, so that people can read it and still copy all of it."""

import re
from collections.abc import Iterator

from migcheck.regex import regex

QUOTED_SELECT = r"""`(?P<select>select (?:"[^"]*"|'[^']*'|[^`"'])*)`"""
"""In backticks, which a quoted name may have as well."""
_SELECT = regex(rf"{QUOTED_SELECT}[.:,;]?")
# What is quoted stays as it is, blanks and all.
_WORD = regex(r"""(?:'[^']*'|"[^"]*"|[^\s'"])+""")
_QUOTED = regex(r"""(?:(?<!\w)[eE])?'(?:[^']|'')*'|"(?:[^"]|"")*\"""")
_CLAUSES = frozenset({"from", "where", "group", "having"})
_DEEPER = "  "


def apart(text: str, room: int) -> Iterator[str | list[str]]:
    """`text`, and as lines of their own each SELECT in it that does not fit into `room` columns."""
    at, told = 0, False
    for found in _SELECT.finditer(text):
        if len(found["select"]) + 2 > room:
            if before := text[at : found.start()].strip():
                yield before
            yield list(in_clauses(found["select"], room - len(_DEEPER)))
            at, told = found.end(), True
    rest = text[at:].strip() if told else text
    if rest or not told:
        yield rest


def in_clauses(select: str, room: int) -> Iterator[str]:
    """Its lines, each of which begins with a clause, or goes on with one that is longer; none is cut within a word."""
    clauses: list[list[str]] = [[]]
    depth = 0
    for word in _WORD.findall(_QUOTED.sub(_on_one_line, select) + ";"):
        if not depth and word in _CLAUSES:
            clauses.append([])
        clauses[-1].append(word)
        bare = re.sub(r"""'[^']*'|"[^"]*\"""", "", word)
        depth += bare.count("(") - bare.count(")")
    for clause in clauses:
        yield from _filled(clause, room)


def _on_one_line(found: re.Match[str]) -> str:
    """What is quoted, as SQL writes it without a line end: it could pass for a line of the report."""
    quoted = found[0]
    if "\n" not in quoted:
        return quoted
    if quoted[0] in "eE":
        return quoted.replace("\n", r"\n")
    plain = quoted.replace("\\", r"\\")
    return "U&" + plain.replace("\n", r"\000a") if quoted[0] == '"' else "E" + plain.replace("\n", r"\n")


def _filled(words: list[str], room: int) -> Iterator[str]:
    line = ""
    for word in words:
        if line.strip() and len(line) + 1 + len(word) > room:
            yield _DEEPER + line
            line = _DEEPER + word
        else:
            line = f"{line} {word}" if line else word
    if line:
        yield _DEEPER + line
