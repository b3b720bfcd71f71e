"""A statement that the server refused, and where in its file that statement is. No I/O."""

from dataclasses import dataclass, field
from itertools import islice

from msgspec import Struct

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.ledger import LedgerName
from migcheck.drizzle.pieces import Piece
from migcheck.finding import Location
from migcheck.postgres.running.statements import statement_starts

COMMIT = "commit"
"""What the migrator sends at the end of a batch."""
_LONGEST = 160
_MOST_STATEMENTS = 10_000


class Named(Struct, frozen=True):
    """What a refusal is about, by the names of the moment; each empty where the server did not say."""

    schema: str = ""
    table: str = ""
    column: str = ""
    constraint: str = ""


class Namesake(Struct, frozen=True):
    """What has the name of a function that is not there, and takes other arguments: its schema, and its extension.

    `extension` is empty where it belongs to none.
    """

    schema: str
    extension: str = ""


@dataclass(frozen=True, slots=True)
class SqlFailure:
    """A migration that the server refused. `line` is 1-based in the file at `path`; `statement` is shortened.

    `first`: nothing of the migration stays that had gone through before it. `namesake`: of a function that is not
    there, one that has its name and takes other arguments; None where there is none, or nobody asked. `late`: our own
    clock ended it, and the server refused nothing. `until`: the last file that may hold what ran, where that is not
    known; then `path` is the first, and there is no statement.
    """

    migration: str
    path: str
    line: int
    statement: str
    sqlstate: str
    message: str
    detail: str = ""
    hint: str = ""
    first: bool = field(default=False, compare=False)
    named: Named = field(default=Named(), compare=False)
    namesake: Namesake | None = field(default=None, compare=False)
    late: bool = field(default=False, compare=False)
    until: str = field(default="", compare=False)

    def misses(self, ledger: LedgerName) -> bool:
        """Whether it is the ledger that is not there: what ran before has dropped or renamed it."""
        return self.sqlstate == "42P01" and self.message == f'relation "{ledger}" does not exist'

    @property
    def at_commit(self) -> bool:
        """Whether the transaction's own COMMIT was refused: then `migration` only stands for the batch."""
        return self.statement == COMMIT

    @property
    def at(self) -> Location:
        """Where it is told of. What COMMIT refuses stands on no line: its file is only the last of the batch."""
        return Location(self.path) if self.at_commit or self.until else Location(self.path, self.line)

    @property
    def is_of_several(self) -> bool:
        """Whether it may be of one migration as well as of another."""
        return self.until not in {"", self.path}

    @property
    def place(self) -> str:
        """Where it is told of, in words: of several files the first and the last."""
        return f"{self.path} to {self.until}" if self.is_of_several else str(self.at)

    @property
    def said(self) -> str:
        """The SQLSTATE and the message."""
        return f"{self.sqlstate} {self.message}"

    @property
    def lacks_search_path(self) -> bool:
        """Whether something was to be made where no schema on the search_path exists."""
        return self.sqlstate == "3F000" and self.message.startswith("no schema has been selected")

    @property
    def evidence(self) -> str:
        """The statement, and detail and hint where the server gave them, in lines."""
        lines = [self.statement] if self.statement else []
        lines += [f"detail: {self.detail}"] if self.detail else []
        lines += [f"hint: {self.hint}"] if self.hint else []
        return "\n".join(lines)


class Refusal(Struct, frozen=True):
    """What the server said. `position` counts characters of the piece from 1; None where the server gave none.

    `done` is how many statements of the piece had gone through.
    """

    sqlstate: str
    message: str
    detail: str = ""
    hint: str = ""
    position: int | None = None
    done: int = 0
    named: Named = Named()


def failure_of(migration: Migration, piece: Piece, refusal: Refusal) -> SqlFailure:
    """The refusal as a failure with its line in the file.

    Without a position (most errors of execution have none) it is the line where the refused statement begins.
    """
    begin = _refused_statement(piece.text, refusal)
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
        first=refusal.done == 0 and piece == migration.pieces[0],
        named=refusal.named,
    )


def _refused_statement(text: str, refusal: Refusal) -> int:
    """Where the refused statement begins; where the whole piece does, if it cannot be told."""
    starts = list(islice(statement_starts(text), _MOST_STATEMENTS))
    if refusal.position is not None:
        return max((start for start in starts if start < refusal.position), default=0)
    return starts[refusal.done] if refusal.done < len(starts) else next(iter(starts), 0)


def shorten(text: str) -> str:
    """The statement on one line, at most 160 characters."""
    # A piece may be 60 MiB of INSERT: cut before the whole of it is rewritten.
    line = " ".join(text[: 8 * _LONGEST].split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
