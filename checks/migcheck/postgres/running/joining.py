"""Which pieces go to the server together, and which of them it refused: a round trip for each is what distance costs.

Outcomes are those of piece by piece. Pieces are joined only where the text behind one cannot change what it means, and
only in a batch that keeps to its one transaction; a refusal is told of its own piece, or the batch runs again apart.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property

from msgspec import Struct, structs

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.pieces import Piece
from migcheck.postgres.running.failure import Refusal
from migcheck.postgres.running.statements import Statements, statement_starts
from migcheck.regex import regex

LONGEST = 65_536
"""How many characters go together: a longer piece goes alone."""
_BETWEEN = "\n;\n"
_TIMED_APART = 130_000
_WORD = regex(r"\w+")
# What ends or divides a transaction. `end` and `abort` are COMMIT and ROLLBACK by other names.
CONTROL = frozenset({"begin", "start", "commit", "end", "rollback", "abort", "savepoint", "release", "prepare"})
"""How statements begin that end or divide a transaction."""
# What the server reads as it reads everything else. SET may change how the text behind it is read, and COPY reads it.
_JOINABLE = frozenset(
    {"alter", "comment", "create", "delete", "do", "drop", "grant", "insert", "merge", "refresh", "revoke", "select"}
    | {"truncate", "update", "with"}
)
# The text of all that is sent together is parsed before any of it runs; the settings that parsing looks at.
_PARSED_BY = ("standard_conforming_strings", "backslash_quote", "client_encoding", "atomic")
# Never said by the parser: constraints, deadlocks, limits, locks and cancels, the server's end.
_NEVER_OF_PARSING = ("23", "40", "53", "55", "57")


class SentPiece(Struct, frozen=True, dict=True):
    """A piece and the migration that it is of; the row that records a migration is one as well."""

    migration: Migration
    piece: Piece

    @property
    def words(self) -> AbstractSet[str]:
        """The first word of each statement, in small letters; what begins otherwise counts as it stands."""
        return self._read[0]

    @property
    def is_plain(self) -> bool:
        """Whether it may stand in front of others."""
        words, is_whole = self._read
        return is_whole and words <= _JOINABLE

    @cached_property
    def _read(self) -> tuple[AbstractSet[str], bool]:
        text, statements = self.piece.text, Statements(self.piece.text)
        found = [(_WORD.match(text, start), start) for start in statements.starts()]
        return {word[0].lower() if word else text[start] for word, start in found}, statements.whole


class Row(SentPiece, frozen=True, dict=True):
    """What records its migration: one INSERT, whose words need no reading."""

    _read = (frozenset({"insert"}), True)


Bundle = tuple[SentPiece, ...]


def may_join(pieces: Sequence[SentPiece], server_version: int) -> bool:
    """Whether pieces of this batch may go together: it stays in one transaction, and is read as it is written.

    Not before PostgreSQL 13, where `statement_timeout` is one for all that is sent together (its manual).
    """
    return server_version >= _TIMED_APART and keeps_open(pieces)


def keeps_open(pieces: Sequence[SentPiece]) -> bool:
    """Whether nothing of it ends or divides a transaction, or changes how what follows is read.

    That is so where the server reads quotes as the standard has them.
    """
    return not any(_is_parsed_by(each.piece.text.lower()) or each.words & CONTROL for each in pieces)


def _is_parsed_by(text: str) -> bool:
    return any(word in text for word in _PARSED_BY)


def bundles(pieces: Sequence[SentPiece]) -> Iterator[Bundle]:
    """The pieces in their order, as they are sent together."""
    bundle: list[SentPiece] = []
    size = 0
    for part in pieces:
        longer = size + len(part.piece.text)
        alone = len(part.piece.text) > LONGEST or not part.is_plain
        if bundle and (alone or longer > LONGEST):
            yield tuple(bundle)
            bundle, size = [], 0
        if alone:
            yield (part,)
        else:
            bundle.append(part)
            size += len(part.piece.text)
    if bundle:
        yield tuple(bundle)


def text_of(bundle: Bundle) -> str:
    """What is sent for a bundle."""
    return _BETWEEN.join(each.piece.text for each in bundle)


def refused_piece(bundle: Bundle, refusal: Refusal) -> tuple[SentPiece, Refusal] | None:
    """The piece that the server refused, and the refusal as that piece alone would have got it.

    None where it cannot be told: what is said before anything ran may be of a later piece's syntax.
    """
    if len(bundle) == 1:
        return bundle[0], refusal
    if not refusal.done and not refusal.sqlstate.startswith(_NEVER_OF_PARSING):
        return None
    reached = piece_behind(bundle, refusal.done)
    if reached is None:
        return None
    number, done = reached
    offset = sum(len(each.piece.text) + len(_BETWEEN) for each in bundle[:number])
    position = None if refusal.position is None else refusal.position - offset
    if position is not None and not 0 < position <= len(bundle[number].piece.text) + 1:
        return None
    return bundle[number], structs.replace(refusal, done=done, position=position)


def piece_behind(bundle: Bundle, done: int) -> tuple[int, int] | None:
    """Which piece the statement is of that follows the first `done`, and how many of these are of that piece as well.

    None where that many are all.
    """
    if len(bundle) == 1:
        return 0, done
    before = 0
    for number, each in enumerate(bundle):
        count = sum(1 for _ in statement_starts(each.piece.text))
        if before + count > done:
            return number, done - before
        before += count
    return None
