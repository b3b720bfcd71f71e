"""Which statement took which lock first, and for how long it is held: of what an onlooker saw behind each. No I/O."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from migcheck.facts.replay.watching.locks import EVERYTHING, LOCKS, ORDER
from migcheck.facts.replay.watching.looking import Look, Sent
from migcheck.facts.replay.watching.noticing import adds, alters
from migcheck.facts.replay.watching.placing import place_by
from migcheck.facts.sql.locked import Locked
from migcheck.facts.sql.observation import Seen
from migcheck.postgres.running.alone import is_concurrent
from migcheck.postgres.running.statements import tokens
from migcheck.postgres.table import Table

Held = Mapping[tuple[int, str, int], Sent]
"""What took each lock first, by the oid, the mode and the batch."""
_MODES = {name: mode for mode, name in LOCKS.items()}


def modes_of(look: Look, told: Iterable[tuple[int, Seen]]) -> Iterator[tuple[int, str]]:
    """Each lock that there is, by the oid, and outside of a transaction each that was: what was `told` takes it."""
    if look.sent.within:
        yield from ((oid, mode) for oid, modes in look.held.items() for mode in modes)
        return
    words = [each.lower() for each in tokens(look.sent.part.piece.text)]
    for oid in look.changed if not is_concurrent(words) else ():
        if (now := look.now.get(oid)) is not None:
            yield from ((oid, mode) for mode in _taken(look.before[oid], now, words))
    yield from ((oid, _MODES[each.lock]) for oid, each in told if each.lock)


def _taken(before: Table, after: Table, words: Sequence[str]) -> Iterator[str]:
    """What was locked for changes that no rule tells of: PostgreSQL's manual, ALTER TABLE.

    No default is taken for one of the table's where the statement alters a domain, which locks no table for that.
    """
    altered = alters if words[:1] == ["alter"] and words[1:2] != ["domain"] else adds
    keys = [{oid for oid, each in table.indexes.items() if each.key} for table in (before, after)]
    guarded = after.guarded and not before.guarded
    new = [each for oid, each in after.constraints.items() if oid not in before.constraints and not each.validated]
    checked = any(not each.foreign for each in new)
    gone = before.constraints.keys() - after.constraints.keys()
    if gone or keys[0] != keys[1] or guarded or checked or altered(before, after):
        yield EVERYTHING
    elif new:
        yield "ShareRowExclusiveLock"


def locked_in(held: Held, names: Mapping[int, str], sizes: Mapping[int, int]) -> Iterator[Locked]:
    """Each lock that is stronger than what was held on the table before, in the order in which they came.

    `names` are those of tables, by their oids and by those of their indexes; `sizes` says of each batch how many parts
    were sent, of which the last is a row of the ledger.
    """
    best: dict[tuple[int, str], int] = {}
    numbers: dict[int, int] = {}
    for sent, table, rank in _by_piece(held, names):
        number = numbers.setdefault(sent.batch, len(numbers) + 1)
        if rank <= best.get((number, table), -1):
            continue
        best[number, table] = rank
        migration, after = sent.part.migration, sent.followed_by(sizes[sent.batch])
        at, statement = place_by(migration, sent.part.piece, table, ())
        yield Locked(migration.tag, at, statement, table, LOCKS[ORDER[rank]], number, after)


def _by_piece(held: Held, names: Mapping[int, str]) -> Iterator[tuple[Sent, str, int]]:
    """The strongest lock of each piece on each table; of one piece nobody knows which came first."""
    strongest: dict[tuple[int, int, str], tuple[Sent, int, int]] = {}
    for (oid, mode, _), sent in held.items():
        key, rank = (sent.batch, sent.number, names[oid]), ORDER.index(mode)
        before = strongest.get(key, (sent, oid, rank))
        strongest[key] = sent, min(oid, before[1]), max(rank, before[2])
    for (*_, table), (sent, _, rank) in sorted(strongest.items(), key=lambda one: (*one[0][:2], one[1][1])):
        yield sent, table, rank
