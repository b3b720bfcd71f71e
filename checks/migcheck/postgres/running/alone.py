"""The statements of a migration that run alone, outside of a transaction: where each is, and what it may leave. No I/O.

Source: PostgreSQL's manual, CREATE INDEX "Building Indexes Concurrently", REINDEX "Rebuilding Indexes Concurrently",
DROP INDEX.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

from msgspec import Struct

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.pieces import Piece
from migcheck.postgres.running.statements import DEFINES, spans, tokens

# More than any statement has before the names that are looked for.
_MOST_TOKENS = 40


class Built(Struct, frozen=True):
    """The index that a CREATE INDEX CONCURRENTLY makes, and its table: names as SQL has them."""

    name: str
    table: str


class Rebuilt(Struct, frozen=True):
    """The index, or the table whose indexes, a REINDEX CONCURRENTLY makes anew: a name as SQL has it."""

    name: str


class Dropped(Struct, frozen=True):
    """The index that a DROP INDEX CONCURRENTLY takes away: a name as SQL has it."""

    name: str


Concurrent = Built | Rebuilt


def statements_of(migration: Migration) -> Iterator[Piece]:
    """Each statement of `migration` as a piece of its own; what holds comments alone is none.

    A simple query of several statements is a transaction to the server, whatever a breakpoint says. A cut in the wrong
    place harms nothing: it would be inside of a quotation, and the server refuses one that does not end.
    """
    for piece in migration.pieces:
        yield from statements_in(piece)


def only_statement(migration: Migration) -> Piece | None:
    """The statement of a migration that has just one."""
    match list(islice(statements_of(migration), 2)):
        case [alone]:
            return alone
        case _:
            return None


def statements_in(piece: Piece) -> Iterator[Piece]:
    """Each statement of `piece` likewise, up to where the next begins."""
    line, before = piece.line, 0
    for start, end in spans(piece.text):
        # On from the last one: a dump has tens of thousands in a piece.
        line += piece.text.count("\n", before, start)
        before = start
        yield Piece(piece.text[start:end], line)


def waits_aside(text: str) -> bool:
    """Whether the statement works on an index CONCURRENTLY: while it waits for a lock, it stands in no reader's way."""
    match _beginning(text):
        case ["create", "unique", "index", "concurrently", *_] | ["create" | "drop", "index", "concurrently", *_]:
            return True
        case ["reindex", *options]:
            return is_concurrent(options)
        case _:
            return False


def concurrent_index(text: str) -> Concurrent | None:
    """What a statement that works CONCURRENTLY leaves invalid where it does not end; None where it names no index."""
    words = list(islice(tokens(text), _MOST_TOKENS))
    match [each.lower() for each in words]:
        case ["create", "unique", "index", "concurrently", *_]:
            return _built(words[4:])
        case ["create", "index", "concurrently", *_]:
            return _built(words[3:])
        case ["reindex", *rest] if is_concurrent(rest):
            return _rebuilt(words[1:])
        case _:
            return None


def concurrently_dropped(text: str) -> Dropped | None:
    """What a DROP INDEX CONCURRENTLY leaves invalid where it does not end; None of any other statement."""
    words = list(islice(tokens(text), _MOST_TOKENS))
    match [each.lower() for each in words]:
        case ["drop", "index", "concurrently", "if", "exists", _, *_]:
            return Dropped(_name(words[5:]))
        case ["drop", "index", "concurrently", _, *_]:
            return Dropped(_name(words[3:]))
        case _:
            return None


def proof_lacks(text: str) -> str:
    """Why a second run on a database without rows says nothing of one with rows; empty where it does."""
    words = _beginning(text)
    first = words[0] if words else ""
    # What else a statement may do to rows, a scratch without rows cannot tell.
    if first not in DEFINES:
        return f"what a second {first.upper()} does to rows cannot be told where there are none"
    if first == "alter" and any(each.lower() == "using" for each in tokens(text)):
        return "what a second ALTER ... USING does to rows cannot be told where there are none"
    if is_concurrent(words) and first in {"create", "reindex"} and concurrent_index(text) is None:
        return "which index it would leave invalid cannot be told: name it"
    return ""


def is_concurrent(words: Sequence[str]) -> bool:
    """Whether a statement of these words, in lower case, says CONCURRENTLY; not `reindex (concurrently false)`."""
    at = next((at for at, each in enumerate(words) if each == "concurrently"), None)
    return at is not None and words[at + 1 : at + 2] not in (["false"], ["off"], ["0"])


def _beginning(text: str) -> list[str]:
    return [each.lower() for each in islice(tokens(text), _MOST_TOKENS)]


def _built(words: Sequence[str]) -> Built | None:
    """The names in what stands behind CONCURRENTLY."""
    rest = words[3:] if [each.lower() for each in words[:3]] == ["if", "not", "exists"] else words
    if len(rest) < len(("name", "on", "table")) or rest[0].lower() == "on" or rest[1].lower() != "on":
        return None
    return Built(rest[0], _name(rest[3:] if rest[2].lower() == "only" else rest[2:]))


def _rebuilt(words: Sequence[str]) -> Rebuilt | None:
    kind = next((at for at, each in enumerate(words) if each.lower() in {"index", "table"}), None)
    if kind is None:
        return None
    rest = words[kind + 1 :]
    return Rebuilt(_name(rest[1:] if rest and rest[0].lower() == "concurrently" else rest))


def _name(words: Sequence[str]) -> str:
    """The name at the beginning, with its schema."""
    return "".join(words[:3] if words[1:2] == ["."] else words[:1])
