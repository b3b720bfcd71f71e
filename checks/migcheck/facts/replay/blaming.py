"""Which new migration made it so: what was found when all had run, looked for in what they say."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from migcheck.drizzle.folder import Migration
from migcheck.facts.replay.placing import OF_ROWS, speaks_of
from migcheck.finding import Location
from migcheck.postgres.failure import shorten
from migcheck.postgres.statements import statement_starts


class Blamed(Struct, frozen=True):
    """A migration, where the statement begins that speaks of it, and that; no line and no statement where none does."""

    migration: str
    at: Location
    statement: str


def blame(new: Sequence[Migration], suspects: Sequence[str], *choices: tuple[str, ...]) -> Blamed:
    """The first statement that has all words of the first of `choices` that any has.

    A guess, as `place` is: where none has, the first of `suspects` (tags), or the last that is new.
    """
    statements = list(_statements(new))
    for words in choices:
        for each in statements:
            if all(speaks_of(each.statement, word) for word in words):
                return Blamed(each.migration, each.at, shorten(each.statement))
    of = next((each for each in new if each.tag in suspects), new[-1])
    return Blamed(of.tag, Location(of.path), "")


def _statements(new: Sequence[Migration]) -> Iterator[Blamed]:
    """Every statement that defines something; what reads or writes rows does not."""
    for migration in new:
        for piece in migration.pieces:
            starts = list(statement_starts(piece.text))
            for start, end in zip(starts, [*starts[1:], None], strict=False):
                text = piece.text[start:end].strip()
                if not text.casefold().startswith(OF_ROWS):
                    line = piece.line + piece.text.count("\n", 0, start)
                    yield Blamed(migration.tag, Location(migration.path, line), text)
