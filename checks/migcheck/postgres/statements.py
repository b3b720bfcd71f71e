"""Where the statements of a piece begin: for telling which one was refused and which pieces may go together.

Source: PostgreSQL's manual, "Lexical Structure".
"""

import re
from collections.abc import Iterator

_TOKEN = re.compile(
    r"""
    (?P<blank>\s+|--[^\n]*)
    |(?P<block>/\*)
    |(?P<quoted>[eE]'(?:[^'\\]|\\.|'')*'?|'[^']*'?|"[^"]*"?|\$(?P<tag>[^\W\d]?\w*)\$.*?(?:\$(?P=tag)\$|\Z))
    |(?P<word>\w[\w$]*)
    |(?P<mark>.)
    """,
    re.DOTALL | re.VERBOSE,
)
_CLOSED = re.compile(r"""[eE]'(?:[^'\\]|\\.|'')*'|'[^']*'|"[^"]*"|\$(?P<tag>[^\W\d]?\w*)\$.*\$(?P=tag)\$""", re.DOTALL)
_BLOCK = re.compile(r"/\*|\*/")


def statement_starts(text: str) -> Iterator[int]:
    """The index where each statement of `text` begins, comments and blanks before it left out."""
    at, depth, words, begun = 0, 0, ("", ""), False
    while token := _TOKEN.match(text, at):
        kind, start, at = token.lastgroup, token.start(), token.end()
        if kind == "block":
            at = _block_end(text, start)
            continue
        if kind == "blank":
            continue
        if token[0] == ";" and depth <= 0:
            begun, depth = False, 0
            continue
        if not begun:
            yield start
            begun = True
        if kind == "word":
            words = (words[1], token[0].lower())
            depth += _deeper_by_word(words, depth)
        elif kind == "mark":
            depth += {"(": 1, ")": -1}.get(token[0], 0)


def tokens(text: str) -> Iterator[str]:
    """The words, quotations and marks of `text` as they stand in it, without blanks and comments."""
    at = 0
    while token := _TOKEN.match(text, at):
        at = token.end()
        if token.lastgroup == "block":
            at = _block_end(text, token.start())
        elif token.lastgroup != "blank":
            yield token[0]


def is_whole(text: str) -> bool:
    """Whether quotes, comments and parentheses that `text` opens are closed in it: nothing put behind it joins them."""
    at, depth = 0, 0
    while token := _TOKEN.match(text, at):
        at = token.end()
        if token.lastgroup == "block":
            at = _block_end(text, token.start())
            if not text.endswith("*/", token.start() + 2, at):
                return False
        if token["quoted"] and not _CLOSED.fullmatch(token["quoted"]):
            return False
        if token.lastgroup == "mark":
            depth += {"(": 1, ")": -1}.get(token[0], 0)
            if depth < 0:
                return False
    return depth == 0


def _deeper_by_word(words: tuple[str, str], depth: int) -> int:
    """BEGIN ATOMIC … END of an SQL function holds semicolons, and in it CASE has an END of its own."""
    if words == ("begin", "atomic") or (depth and words[1] == "case"):
        return 1
    return -1 if depth and words[1] == "end" else 0


def _block_end(text: str, start: int) -> int:
    # Postgres nests block comments, unlike the SQL standard.
    depth = 0
    for found in _BLOCK.finditer(text, start):
        depth += 1 if found[0] == "/*" else -1
        if depth == 0:
            return found.end()
    return len(text)
