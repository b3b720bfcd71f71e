"""The words of a justfile outside of its recipes' bodies.

Facts: GRAMMAR.md of just: strings (three quotes may span lines, `'` takes no escape), backticks, comments, names.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile

from msgspec import Struct

from migcheck.regex import regex

_WORD = regex(
    r"(?P<string>'''.*?'''|\"\"\".*?\"\"\"|'[^']*'|\"(?:[^\"\\]|\\.)*\")|(?P<backtick>```.*?```|`[^`]*`)|(?P<comment>\#.*)"
    r"|(?P<name>[A-Za-z_][\w-]*(?:::[A-Za-z_][\w-]*)*)|(?P<sign>:=|&&|==|!=|[^\s\w])|\w",
    re.DOTALL | re.ASCII,
)
_ESCAPED = regex(r"\\([nrt\"\\])")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
_MOST = 1_000
"""Words of one line. No person writes more."""


class Word(Struct, frozen=True):
    """A word: `kind` is string, backtick, name or sign; `text` is what it says, without its quotes."""

    kind: str
    text: str


class Header(Struct, frozen=True):
    """The line with which a recipe begins. `most` are the arguments that it takes, None where they have no end."""

    name: str
    most: int | None
    needs: tuple[str, ...]


def words_in(text: str) -> tuple[Word, ...]:
    """The words of `text`, to the first comment."""
    found: list[Word] = []
    for each in _WORD.finditer(text):
        if each.lastgroup == "comment" or len(found) >= _MOST:
            break
        kind = each.lastgroup or "sign"
        found.append(Word(kind, _unquoted(each[0]) if kind == "string" else each[0]))
    return tuple(found)


def _unquoted(told: str) -> str:
    text = told[3:-3] if told.startswith(("'''", '"""')) else told[1:-1]
    return _ESCAPED.sub(lambda each: _ESCAPES.get(each[1], each[1]), text) if told.startswith('"') else text


def header(words: Sequence[Word]) -> Header | None:
    """The recipe that a line with these words begins; None where it begins none."""
    own = words[1:] if words and words[0] == Word("sign", "@") else words
    depth = 0
    for at, each in enumerate(own):
        depth += {"(": 1, ")": -1}.get(each.text, 0) if each.kind == "sign" else 0
        if each == Word("sign", ":") and not depth and own[0].kind == "name":
            return Header(own[0].text, _most(own[1:at]), tuple(_needs(own[at + 1 :])))
    return None


def _most(parameters: Sequence[Word]) -> int | None:
    """How many arguments may be handed to such parameters: a name behind `=`, or in brackets, is none of them."""
    found, depth, behind = 0, 0, ""
    for each in parameters:
        if each.kind == "sign" and each.text in "()":
            depth += 1 if each.text == "(" else -1
        elif each.kind == "sign" and each.text in "*+" and not depth and behind != "=":
            return None
        elif each.kind == "name" and not depth and behind != "=":
            found += 1
        behind = each.text
    return found


def _needs(words: Sequence[Word]) -> Iterator[str]:
    """The recipes that one depends on, before it and behind `&&`: each by its name, or in brackets with arguments."""
    depth, behind = 0, ""
    for each in words:
        if each.kind == "sign" and each.text in "()":
            depth += 1 if each.text == "(" else -1
        elif each.kind == "name" and (not depth or (depth == 1 and behind == "(")):
            yield each.text
        behind = each.text


def value_of(words: Sequence[Word]) -> str | None:
    """What an expression stands for where it is texts with `+` between them; None where only running tells."""
    texts, signs = words[::2], words[1::2]
    if not texts or len(texts) == len(signs) or any(each.text != "+" for each in signs):
        return None
    told = list(takewhile(lambda each: each.kind == "string", texts))
    return "".join(each.text for each in told) if len(told) == len(texts) else None
