"""What a migration says of its transaction before the first query: the server takes it nowhere else. No I/O.

Source: PostgreSQL's manual, SET TRANSACTION: "cannot be changed after the first query".
"""

import re
from collections.abc import Sequence

from migcheck.drizzle.pieces import Piece
from migcheck.postgres.running.statements import statement_starts
from migcheck.regex import regex

Pieces = tuple[Piece, ...]

# No query to the server, and nothing that outlives the transaction. Not as another role, who may not read the ledger.
_SETS = regex(
    r"set\s+(?!(?:(?:local|session)\s+)?(?:role|session\s+authorization)\b)|begin\b|start\s+transaction\b",
    re.IGNORECASE,
)
# What is refused after a query, whatever the query was.
_MODE = regex(
    r"set\s+(?:(?:local|session)\s+)?transaction(?:_isolation|_read_only|_deferrable)?\b"
    r"|(?:begin|start\s+transaction)\b[^;]*\b(?:isolation|read|deferrable)\b",
    re.IGNORECASE,
)


def split_opening(pieces: Sequence[Piece]) -> tuple[Pieces, Pieces]:
    """What sets up the transaction at the top of `pieces`, and the rest: a piece that has both is cut in two.

    The first is empty, and nothing is cut, where nothing in it has to come before every query.
    """
    ahead, rest = _until_a_query(pieces)
    if any(_MODE.match(each.text, start) for each in ahead for start in statement_starts(each.text)):
        return ahead, rest
    return (), tuple(pieces)


def _until_a_query(pieces: Sequence[Piece]) -> tuple[Pieces, Pieces]:
    for number, piece in enumerate(pieces):
        text = piece.text
        query = next((start for start in statement_starts(text) if not _SETS.match(text, start)), None)
        if query is not None:
            after = Piece(text[query:], piece.line + text.count("\n", 0, query))
            return (*pieces[:number], Piece(text[:query], piece.line)), (after, *pieces[number + 1 :])
    return tuple(pieces), ()
