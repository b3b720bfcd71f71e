"""Where in a file stands what made a change: of the statements of one piece, the first that speaks of it."""

from collections.abc import Iterator

from migcheck.drizzle.pieces import Piece
from migcheck.facts.observation import (
    Change,
    ColumnDropped,
    ColumnMadeRequired,
    ColumnRenamed,
    IndexBuilt,
    RequiredColumnAdded,
    Validated,
)
from migcheck.finding import Location
from migcheck.postgres.failure import shorten
from migcheck.postgres.statements import statement_starts

_OF_ROWS = ("select", "insert", "update", "delete", "with")


def place(path: str, piece: Piece, table: str, change: Change) -> tuple[Location, str]:
    """Its place in the file at `path`, and how the statement begins that made `change` of `table`.

    A guess where the piece has several statements, and used for nothing but to show people where to look.
    """
    starts = list(statement_starts(piece.text)) or [0]
    statements = [piece.text[start:end].casefold() for start, end in zip(starts, [*starts[1:], None], strict=True)]
    about = table.rpartition(".")[2].strip('"').casefold()
    told = [number for number, each in enumerate(statements) if about in each]
    exactly = [number for number in told if all(word.casefold() in statements[number] for word in _words(change))]
    # What reads or writes rows defines nothing.
    defining = [number for number in exactly if not statements[number].startswith(_OF_ROWS)]
    start = starts[next(iter(defining or exactly or told), 0)]
    line = piece.line + piece.text.count("\n", 0, start)
    return Location(path, line), shorten(piece.text[start:])


def _words(change: Change) -> Iterator[str]:
    match change:
        case ColumnRenamed(column=name, to=to):
            yield from (name, to)
        case ColumnDropped(column=name) | ColumnMadeRequired(column=name) | RequiredColumnAdded(column=name):
            yield name
        case Validated(constraint=name) | IndexBuilt(index=name):
            yield name
        case _:
            pass
