"""Pieces of migrations as Squawk parses them, all at once: it is started once.

What is not closed by a semicolon ends with its piece.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import accumulate

from msgspec import Struct

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.pieces import Piece
from migcheck.facts.lint.sql import Sql
from migcheck.facts.lint.squawk import Unread, print_tree
from migcheck.facts.lint.tree import Node, Tree, read_tree
from migcheck.facts.sql.unparsed import Unparsed
from migcheck.finding import Location
from migcheck.regex import regex

_MOST = 256 << 10
"""Bytes of SQL: more takes longer than whoever commits would wait."""
_LONGEST = 200
_END = b"\n;\n"
_BY_HAND = regex(r"\b(?:not\s+valid|validate\s+constraint|partition)\b", re.IGNORECASE)
"""What drizzle-kit writes nowhere, and its snapshots do not tell of."""


class PlacedPiece(Struct, frozen=True):
    """A piece of a migration; `within` a transaction: of its `batch`, by its `number` there."""

    migration: Migration
    piece: Piece
    within: bool = True
    batch: int = 0
    number: int = 0


class Read(Struct, frozen=True):
    """What Squawk made of a piece, which begins at byte `start` of all. It first stopped at `error`, if it did."""

    part: PlacedPiece
    start: int
    statements: list[Node]
    error: int | None = None

    @property
    def whole(self) -> bool:
        """Whether all of it could be parsed."""
        return self.error is None


def parse(pieces: Sequence[PlacedPiece]) -> tuple[Sql, list[Read]] | Unread:
    """What Squawk makes of the pieces, and of which text."""
    texts = [each.piece.text.encode() for each in pieces]
    sql = _END.join((*texts, b""))
    if len(sql) > _MOST:
        return Unread(f"--offline, and more than {_MOST >> 10} KiB of new SQL is read by a rehearsal alone")
    printed = print_tree(sql)
    return printed if isinstance(printed, Unread) else (Sql(sql), list(_split(pieces, texts, read_tree(printed))))


def by_hand(landed: Sequence[Migration]) -> list[PlacedPiece]:
    """Pieces that landed by hand; of too many the shorter ones, which hold no rows but say what is made."""
    found = [
        PlacedPiece(migration, each)
        for migration in landed
        if _BY_HAND.search(migration.sql.decode(errors="replace"))
        for each in migration.pieces
        if _BY_HAND.search(each.text)
    ]
    sizes = [len(each.piece.text.encode()) + len(_END) for each in found]
    shortest = sorted(range(len(found)), key=sizes.__getitem__)
    fit = sum(1 for size in accumulate(sizes[each] for each in shortest) if size <= _MOST)
    return [found[each] for each in sorted(shortest[:fit])]


def placed(new: Sequence[Migration], outside: Collection[str]) -> Iterator[PlacedPiece]:
    """The pieces of what is `new`, as they run; `outside` are the tags of what runs in no transaction."""
    batch = number = 0
    for migration in new:
        within = migration.tag not in outside
        if not within:
            batch, number = batch + 1, 0
        for each in migration.pieces:
            yield PlacedPiece(migration, each, within=within, batch=batch, number=number)
            number += 1
        # Behind it comes its row.
        number += 1
        if not within:
            batch, number = batch + 1, 0


def _split(pieces: Sequence[PlacedPiece], texts: Sequence[bytes], tree: Tree) -> Iterator[Read]:
    """What is of which piece, up to the first that leaves something open: all behind it would be misread."""
    left, errors, start = iter((*tree.statements, None)), sorted(tree.errors), 0
    node = next(left)
    for part, text in zip(pieces, texts, strict=True):
        end = start + len(text) + len(_END)
        own = []
        while node is not None and node.start < end:
            own.append(node)
            node = next(left)
        if any(each.end > end for each in own):
            return
        yield Read(part, start, own, next((each for each in errors if start <= each < end), None))
        start = end


def unparsed(pieces: Sequence[PlacedPiece], read: Sequence[Read]) -> Iterator[Unparsed]:
    """Of each migration the first place where Squawk stopped."""
    told = set[str]()
    for each in read:
        if each.error is not None and each.part.migration.tag not in told:
            told.add(each.part.migration.tag)
            # What lacks at the end is missed behind the blanks there, where nothing is to be seen.
            before = each.part.piece.text.rstrip().encode()[: each.error - each.start]
            yield _stopped(each.part, before.count(b"\n"))
    if len(read) < len(pieces) and (part := pieces[len(read)]).migration.tag not in told:
        text = part.piece.text
        yield _stopped(part, text[: len(text) - len(text.lstrip())].count("\n"), rest=True)


def _stopped(part: PlacedPiece, below: int, *, rest: bool = False) -> Unparsed:
    """In the line that is so many `below` the first of the piece."""
    line = part.piece.text.split("\n")[below]
    at = Location(part.migration.path, part.piece.line + below)
    return Unparsed(part.migration.tag, at, line.strip()[:_LONGEST], rest)
