"""Opinions that are asked for, as Squawk's own linter has them, on what is new."""

from bisect import bisect_right
from collections.abc import Collection, Sequence
from itertools import accumulate

from msgspec import Struct, json

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.pieces import Piece
from migcheck.facts.lint.squawk import GET_IT, NONE, Unread, print_opinions
from migcheck.facts.opinions import NotRead, Opinion
from migcheck.finding import Location

# A piece needs no semicolon in front of a breakpoint, and Squawk does.
_END = "\n;\n"
_MOST = 1 << 20
_SEE_WHY = "run `squawk` on the new files to see why, or take `opinions` out"


class _Told(Struct, frozen=True):
    """What Squawk prints; lines count from 0."""

    line: int
    rule_name: str
    message: str
    help: str | None


_decode = json.Decoder(list[_Told]).decode


def read_opinions(new: Sequence[Migration], asked: Collection[str], by: str) -> tuple[Opinion, ...] | NotRead:
    """What Squawk's rules that are `asked` for, in the file `by`, say of `new`."""
    parts = [(migration, piece) for migration in new for piece in migration.pieces]
    sql = "".join(f"{piece.text}{_END}" for _, piece in parts)
    if not (asked and parts) or len(sql) > _MOST:
        return ()
    printed = print_opinions(sql.encode(), sorted(asked))
    if isinstance(printed, Unread):
        return NotRead(Location(by), printed.reason, GET_IT if printed.reason == NONE else _SEE_WHY)
    starts = list(accumulate((_lines(piece) for _, piece in parts), initial=0))
    found = (each for each in _decode(printed) if each.rule_name in asked)
    return tuple(
        _opinion(each, *parts[place], starts[place])
        for each in found
        for place in [bisect_right(starts, each.line) - 1]
    )


def _lines(piece: Piece) -> int:
    return f"{piece.text}{_END}".count("\n")


def _opinion(told: _Told, migration: Migration, piece: Piece, start: int) -> Opinion:
    at = Location(migration.path, piece.line + told.line - start)
    return Opinion(migration.tag, at, told.rule_name, told.message, told.help or "")
