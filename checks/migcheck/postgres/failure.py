"""A statement that the server refused, and where in its file that statement is. No I/O."""

import re
from dataclasses import dataclass

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.pieces import Piece

_LONGEST = 160
_BLANK = re.compile(r"\s+|--[^\n]*")


@dataclass(frozen=True, slots=True)
class SqlFailure:
    """A migration that the server refused. `line` is 1-based in the file at `path`; `statement` is shortened."""

    migration: str
    path: str
    line: int
    statement: str
    sqlstate: str
    message: str
    detail: str = ""
    hint: str = ""

    @property
    def evidence(self) -> str:
        """The statement, and detail and hint where the server gave them, in lines."""
        lines = [self.statement]
        lines += [f"detail: {self.detail}"] if self.detail else []
        lines += [f"hint: {self.hint}"] if self.hint else []
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the server said. `position` counts characters of the piece from 1; None where the server gave none."""

    sqlstate: str
    message: str
    detail: str = ""
    hint: str = ""
    position: int | None = None


def blame(migration: Migration, piece: Piece, refusal: Refusal) -> SqlFailure:
    """The refusal as a failure with its line in the file.

    Without a position (most errors of execution have none) it is the line where the piece's first statement begins.
    """
    begin = statement_start(piece.text)
    at = begin if refusal.position is None else min(refusal.position - 1, len(piece.text))
    return SqlFailure(
        migration=migration.tag,
        path=migration.path,
        line=piece.line + piece.text.count("\n", 0, at),
        statement=shorten(piece.text[begin:]),
        sqlstate=refusal.sqlstate,
        message=refusal.message,
        detail=refusal.detail,
        hint=refusal.hint,
    )


def statement_start(text: str) -> int:
    """The index of the first character that is neither blank nor comment; 0 where there is none."""
    at = 0
    while at < len(text):
        if blank := _BLANK.match(text, at):
            at = blank.end()
        elif text.startswith("/*", at):
            at = _comment_end(text, at)
        else:
            return at
    return 0


def _comment_end(text: str, at: int) -> int:
    # Postgres nests block comments, unlike the SQL standard.
    depth = 0
    for token in re.compile(r"/\*|\*/").finditer(text, at):
        depth += 1 if token[0] == "/*" else -1
        if depth == 0:
            return token.end()
    return len(text)


def shorten(text: str) -> str:
    """The statement on one line, at most 160 characters."""
    # A piece may be 60 MiB of INSERT: cut before the whole of it is rewritten.
    line = " ".join(text[: 8 * _LONGEST].split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
