"""Tokens of JavaScript and TypeScript: as much as it takes to read a configuration without running it."""

import re
from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct

from migcheck.regex import regex
from migcheck.typescript.escapes import unescape


class Kind(StrEnum):
    """What a token is. DYNAMIC is a literal whose value is not plain.

    A template with `${…}`, a regular expression, a quote never closed.
    """

    STRING = "string"
    DYNAMIC = "dynamic"
    NUMBER = "number"
    NAME = "name"
    SIGN = "sign"
    END = "end"


class Token(Struct, frozen=True):
    """One token. `text` is a string's value, else the source, where it is from `start` to `end`; `line` is 1-based."""

    kind: Kind
    text: str
    line: int
    start: int
    end: int


_SPACE = regex(r"(?:\s|\ufeff|//[^\n]*|/\*.*?(?:\*/|$)|\A#![^\n]*)+", re.DOTALL)
# A quote that is never closed takes the rest of its line (a template: of the file), so that reading stays linear.
_STRING = regex(r"""(?P<quote>['"])(?P<body>(?:\\.|(?!(?P=quote))[^\\\n])*)(?P<end>(?P=quote)?)""", re.DOTALL)
_TEMPLATE = regex(r"(?P<quote>`)(?P<body>(?:\\.|[^`\\])*)(?P<end>`?)", re.DOTALL)
_REGEX = regex(r"/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/[a-z]*")
_NUMBER = regex(r"\d[\w.]*")
_NAME = regex(r"[^\W\d][\w$]*|\$[\w$]*|#\w+")
_SIGN = regex(r"\.\.\.|\?\?|\?\.|=>|&&|\|\||[=!]==?|.", re.DOTALL)
_CLOSING = frozenset({")", "]", "}"})


def tokenise(text: str) -> list[Token]:
    """Cut `text` into tokens; the last one is END. Never fails: what is not a token of the language is a SIGN."""
    tokens: list[Token] = []
    position, line = 0, 1
    while True:
        if space := _SPACE.match(text, position):
            line += space[0].count("\n")
            position = space.end()
        if position >= len(text):
            return [*tokens, Token(Kind.END, "", line, position, position)]
        tokens.append(_token(text, position, line, after=tokens[-1] if tokens else None))
        line += text.count("\n", position, tokens[-1].end)
        position = tokens[-1].end


def _token(text: str, position: int, line: int, *, after: Token | None) -> Token:
    if found := _STRING.match(text, position) or _TEMPLATE.match(text, position):
        known = found["end"] and not (found["quote"] == "`" and "${" in found["body"])
        kind, value = (Kind.STRING, unescape(found["body"])) if known else (Kind.DYNAMIC, found[0])
        return Token(kind, value, line, position, found.end())
    # Behind a value a slash divides; where a value may begin it begins a regular expression.
    if (after is None or (after.kind is Kind.SIGN and after.text not in _CLOSING)) and (
        found := _REGEX.match(text, position)
    ):
        return Token(Kind.DYNAMIC, found[0], line, position, found.end())
    for pattern, kind in ((_NUMBER, Kind.NUMBER), (_NAME, Kind.NAME), (_SIGN, Kind.SIGN)):
        if found := pattern.match(text, position):
            return Token(kind, found[0], line, position, found.end())
    raise AssertionError("a sign is any character")


def without_comments(text: str, tokens: Sequence[Token]) -> str:
    """The `text` that `tokens` were cut from, with a space wherever something parts two of them."""
    ends = [0, *(each.end for each in tokens)]
    return "".join(
        " " * (each.start > end) + text[each.start : each.end] for each, end in zip(tokens, ends, strict=False)
    )


def number(text: str) -> float | None:
    """The value of a number; None where Python writes that one differently."""
    try:
        return float(text.replace("_", ""))
    except ValueError:
        return None
