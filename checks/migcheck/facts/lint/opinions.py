"""Opinions that are asked for, as Squawk's own linter has them, on what is new; and on json, out of its syntax tree."""

from bisect import bisect_right
from collections.abc import Collection, Sequence
from itertools import accumulate

from msgspec import Struct, json

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.pieces import Piece
from migcheck.facts.lint.squawk import GET_IT, NONE, Unread, print_opinions, print_tree
from migcheck.facts.lint.tree import read_tree
from migcheck.facts.sql.opinions import JSONB, NotRead, Opinion
from migcheck.finding import Location

# A piece needs no semicolon in front of a breakpoint, and Squawk does.
_END = "\n;\n"
_GIVES_A_TYPE = frozenset({"COLUMN", "ADD_COLUMN", "SET_TYPE"})
_NO_EQUALITY = "A column of type json has no equality: DISTINCT, GROUP BY and UNION over it fail."
_USE_JSONB = "Use jsonb instead, which is `jsonb()` in `schema.ts`."
_MOST = 1 << 20
"""Characters of SQL: the more there is, the longer who asks waits."""
_ASK_YOURSELF = "run `squawk` on the new files yourself, or take `opinions` out"
_SEE_WHY = "run `squawk` on the new files to see why, or take `opinions` out"


class _Told(Struct, frozen=True):
    """What Squawk prints; lines count from 0."""

    line: int
    rule_name: str
    message: str
    help: str | None


_decode = json.Decoder(list[_Told]).decode


def read_opinions(new: Sequence[Migration], asked: Collection[str], by: str) -> tuple[Opinion, ...] | NotRead:
    """What the rules that are `asked` for, in the file `by`, say of `new`."""
    parts = [(migration, piece) for migration in new for piece in migration.pieces]
    sql = "".join(f"{piece.text}{_END}" for _, piece in parts)
    if not (asked and parts):
        return ()
    if len(sql) > _MOST:
        return NotRead(Location(by), f"of more than {_MOST >> 20} MiB of new SQL nothing is asked", _ASK_YOURSELF)
    found = list[_Told]()
    for read in (_by_linter, _by_tree):
        told = read(sql.encode(), asked)
        if isinstance(told, Unread):
            return NotRead(Location(by), told.reason, GET_IT if told.reason == NONE else _SEE_WHY)
        found += told
    starts = list(accumulate((_lines(piece) for _, piece in parts), initial=0))
    return tuple(
        _opinion(each, *parts[place], starts[place])
        for each in found
        for place in [bisect_right(starts, each.line) - 1]
    )


def _by_linter(sql: bytes, asked: Collection[str]) -> Sequence[_Told] | Unread:
    rules = sorted({*asked} - {JSONB})
    printed = print_opinions(sql, rules) if rules else b"[]"
    return printed if isinstance(printed, Unread) else [each for each in _decode(printed) if each.rule_name in rules]


def _by_tree(sql: bytes, asked: Collection[str]) -> Sequence[_Told] | Unread:
    """A column that is of json, or of an array of that, from then on."""
    printed = print_tree(sql) if JSONB in asked else b""
    if isinstance(printed, Unread):
        return printed
    nodes = (node for statement in read_tree(printed).statements for node in statement.below())
    typed = (node.child("PATH_TYPE", "ARRAY_TYPE") for node in nodes if node.kind in _GIVES_A_TYPE)
    found = (each.start for each in typed if each is not None and any(one.kind == "JSON_KW" for one in each.below()))
    return [_Told(sql.count(b"\n", 0, start), JSONB, _NO_EQUALITY, _USE_JSONB) for start in found]


def _lines(piece: Piece) -> int:
    return f"{piece.text}{_END}".count("\n")


def _opinion(told: _Told, migration: Migration, piece: Piece, start: int) -> Opinion:
    at = Location(migration.path, piece.line + told.line - start)
    return Opinion(migration.tag, at, told.rule_name, told.message, told.help or "")
