"""What new migrations do where nobody looked on, as it is read: where one ends the transaction that it runs in."""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.ledger import Batching
from migcheck.facts.rehearsal import Rehearsal, Request
from migcheck.facts.replay.watching.deleting import takes_back
from migcheck.facts.sql.observation import Deleted, Emptied, End, Seen, TransactionEnded

_LEAVES_NO_TRACE = Deleted | Emptied
_NEVER = 1 << 31


def is_blind(rehearsal: Rehearsal) -> bool:
    """Whether something ran that nobody saw, and stays."""
    return bool(_unseen(rehearsal.request, rehearsal.seen))


def with_read(rehearsal: Rehearsal, read: Sequence[Seen]) -> Iterator[Seen]:
    """What was seen. What nobody knows the place of has that of what was `read`, and its lock; what empties is added.

    All else shows in the end. What was seen wins: of one table, nothing is told twice.
    """
    first = _unseen(rehearsal.request, rehearsal.seen)
    behind = [each for each in read if each.at.line is not None and each.at.line >= first.get(each.migration, _NEVER)]
    for each in rehearsal.seen:
        found = None if each.statement or not each.table else _read_of(each, behind)
        yield each if found is None else _placed(each, found)
    told = {(each.table, isinstance(each.change, Deleted)) for each in rehearsal.seen if _empties(each)}
    tags = {each.tag: each for each in rehearsal.request.new}
    for each in behind:
        known = (each.table, isinstance(each.change, Deleted)) in told or each.table not in rehearsal.tables
        if _empties(each) and not known and not takes_back(tags[each.migration].sql):
            yield each


def _empties(seen: Seen) -> bool:
    return isinstance(seen.change, _LEAVES_NO_TRACE)


def _read_of(seen: Seen, read: Sequence[Seen]) -> Seen | None:
    """The same, as it was read; of several, which it is, is not known."""
    alike = [each for each in read if each.table == seen.table and type(each.change) is type(seen.change)]
    same = [each for each in alike if each.change == seen.change] or alike
    return same[0] if len(same) == 1 else None


def _placed(seen: Seen, read: Seen) -> Seen:
    return replace(read, change=seen.change, read=seen.read or read.read, written=seen.written or read.written)


def _unseen(request: Request, seen: Sequence[Seen]) -> dict[str, int]:
    """The line of each migration from which on nobody looked: that of the piece that ends the transaction."""
    ends = {each.migration: each for each in seen if each.change == TransactionEnded(End.KEPT)}
    found, blind = dict[str, int](), False
    for each in request.new:
        # Another transaction is seen again.
        blind = blind and request.batching is Batching.ALL and each.tag not in request.outside
        if blind:
            found[each.tag] = 0
        elif each.tag in ends:
            found[each.tag], blind = _line_of(each, ends[each.tag].at.line or 0), True
    return found


def _line_of(migration: Migration, line: int) -> int:
    return max((each.line for each in migration.pieces if each.line <= line), default=0)
