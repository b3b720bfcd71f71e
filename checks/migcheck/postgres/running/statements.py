"""Where the statements of a piece begin: for telling which one was refused and which pieces may go together.

Source: PostgreSQL's manual, "Lexical Structure".
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from migcheck.regex import regex

# Where a string of more than one line goes on: what E said of its first part holds for the others as well. A comment is
# taken to the end of its line or not at all: each shorter way to read it would be tried.
_ON = r"(?:[ \t\f\v]|--[^\r\n]*(?=[\r\n]))*[\r\n](?:\s|--[^\r\n]*[\r\n])*'"
_BODY = r"(?:[^'\\]|\\.|'')*"
_NAME = r'"[^"]*(?:""[^"]*)*'
_DOLLAR = r"\$(?P<tag>[^\W\d]?\w*)\$"
_TOKEN = regex(
    r"(?P<blank>\s+|--[^\r\n]*)"
    r"|(?P<block>/\*)"
    rf"|(?P<quoted>[eE]'{_BODY}(?:'{_ON}{_BODY})*'?|'[^']*'?|{_NAME}\"?|{_DOLLAR}.*?(?:\$(?P=tag)\$|\Z))"
    r"|(?P<word>\w[\w$]*)"
    r"|(?P<mark>.)",
    re.DOTALL,
)
_CLOSED = regex(rf"[eE]'{_BODY}(?:'{_ON}{_BODY})*'|'[^']*'|{_NAME}\"|{_DOLLAR}.*\$(?P=tag)\$", re.DOTALL)
_BLOCK = regex(r"/\*|\*/")
# What goes on with a statement and opens nothing: token by token it took half as long again. So many at once, for each
# round is kept as a way back; and no `++`, which Python 3.11.4 and older read wrongly (gh-106052).
_PLAIN = regex(r"""(?:(?![eE]')\w[\w$]*|[\s,.:=<>+*%^&|~!?@#\[\]]+|"[^"]*"|'[^']*'|--[^\r\n]*){1,1000}""")
_OPENS, _CLOSES = frozenset({"(", "["}), frozenset({")", "]"})

DEFINES = frozenset(
    {"alter", "analyze", "cluster", "comment", "create", "drop", "grant", "refresh", "reindex", "reset", "revoke"}
    | {"set", "vacuum"}
)
"""The verbs of what defines, and is done or not done."""
EXECUTES = r"\bexecute\b(?!\s+(?:function|on|procedure)\b)"
"""A pattern of what runs a text that may be put together of anything: no trigger's function, and no right to one."""

# Behind these, a block may not come to what follows (PL/pgSQL's manual, "Control Structures").
_BRANCHES = frozenset({"case", "continue", "exception", "exit", "if", "loop", "return"})

DEEPEST = 20
"""So many bodies between dollars are read, one in another: nobody writes more, and each is read once more for those
around it."""


class Statements:
    """The statements of `text`, which is read once.

    `whole` says, when the last one was given, whether quotes, comments and parentheses that `text` opens are closed in
    it: nothing put behind it joins them.
    """

    def __init__(self, text: str) -> None:
        """Read nothing yet."""
        self.text = text
        self.whole = True

    def starts(self) -> Iterator[int]:
        """The index where each begins, comments and blanks before it left out."""
        text, at, depth, words, begun, open_ = self.text, 0, 0, ("", ""), False, 0
        by_words = "atomic" in text.lower()
        while token := _TOKEN.match(text, at):
            kind, start, at = token.lastgroup, token.start(), token.end()
            if kind == "block":
                end = _block_end(text, start)
                at, self.whole = end or len(text), self.whole and end is not None
                continue
            if kind == "blank":
                continue
            if token[0] == ";" and depth <= 0:
                begun, depth = False, 0
                continue
            if not begun:
                yield start
                begun = True
            if not by_words and (plain := _PLAIN.match(text, at)):
                at = plain.end()
            if kind == "word":
                # CASE and END tell nothing where there is no BEGIN ATOMIC, and most of them are never seen here.
                words = (words[1], token[0].lower())
                depth += _deeper_by_word(words, depth) if by_words else 0
            elif kind == "mark":
                deeper = {"(": 1, ")": -1}.get(token[0], 0)
                depth, open_ = depth + deeper, open_ + deeper
                self.whole = self.whole and open_ >= 0
            else:
                self.whole = self.whole and _CLOSED.fullmatch(token[0]) is not None
        self.whole = self.whole and open_ == 0


def statement_starts(text: str) -> Iterator[int]:
    """The index where each statement of `text` begins, comments and blanks before it left out."""
    return Statements(text).starts()


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Where each statement of `text` begins and the next one does; nothing where there are comments alone."""
    return pairwise((*statement_starts(text), len(text)))


def tokens(text: str) -> Iterator[str]:
    """The words, quotations and marks of `text` as they stand in it, without blanks and comments."""
    at = 0
    while token := _TOKEN.match(text, at):
        at = token.end()
        if token.lastgroup == "block":
            at = _block_end(text, token.start()) or len(text)
        elif token.lastgroup != "blank":
            yield token[0]


def blocks_in(words: Sequence[str]) -> Iterator[str]:
    """The code of a DO block of these words, between dollars or in a string; nothing of another statement."""
    for each in words if "".join(words[:1]).lower() == "do" else ():
        if each[0] == "$":
            yield inside(each)
        elif each[-1] == "'":
            yield each[each.index("'") + 1 : -1].replace("''", "'")


def come_to(body: str) -> Iterator[list[str]]:
    """The words of each statement of PL/pgSQL that `body` comes to whatever there is: up to the first branch."""
    for start, end in spans(body):
        words = list(tokens(body[start:end]))
        if any(each.lower() in _BRANCHES for each in words):
            return
        yield words[next((at for at, each in enumerate(words) if each.lower() != "begin"), len(words)) :]


def without_comments(text: str) -> str:
    """`text` with a blank in the place of each comment."""
    if "--" not in text and "/*" not in text:
        return text
    kept, at = list[str](), 0
    while token := _TOKEN.match(text, at):
        at, comment = token.end(), token.lastgroup == "block" or token[0].startswith("--")
        if token.lastgroup == "block":
            at = _block_end(text, token.start()) or len(text)
        kept.append(" " if comment else token[0])
    return "".join(kept)


def outside(words: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Those of `words` that stand in no parentheses and no brackets, and what closes these, each with its index."""
    depth = 0
    for at, word in enumerate(words):
        depth += (word in _OPENS) - (word in _CLOSES)
        if depth == 0:
            yield at, word


def items(words: Sequence[str]) -> Iterator[Sequence[str]]:
    """What stands between the commas that are in no parentheses and no brackets."""
    commas = (at for at, word in outside(words) if word == ",")
    return (words[before + 1 : at] for before, at in pairwise((-1, *commas, len(words))))


def makes_as(text: str) -> bool:
    """Whether a statement of `text` makes a table or a materialized view AS what a query gives."""
    return "as" in text.lower() and any(_makes_as(text[start:end]) for start, end in spans(text))


def inside(quoted: str) -> str:
    """What stands between the two marks of `$tag$…$tag$`."""
    mark = quoted[: quoted.find("$", 1) + 1]
    return quoted[len(mark) : -len(mark)] if mark else ""


def _makes_as(statement: str) -> bool:
    words = [each.lower() for each in tokens(statement)]
    made = words[:1] == ["create"] and ("table" in words[1:4] or words[1:3] == ["materialized", "view"])
    return made and any(each == "as" for _, each in outside(words))


def _deeper_by_word(words: tuple[str, str], depth: int) -> int:
    """BEGIN ATOMIC … END of an SQL function holds semicolons, and in it CASE has an END of its own."""
    if words == ("begin", "atomic") or (depth and words[1] == "case"):
        return 1
    return -1 if depth and words[1] == "end" else 0


def _block_end(text: str, start: int) -> int | None:
    # Postgres nests block comments, unlike the SQL standard.
    depth = 0
    for found in _BLOCK.finditer(text, start):
        depth += 1 if found[0] == "/*" else -1
        if depth == 0:
            return found.end()
    return None
