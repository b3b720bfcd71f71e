"""How a statement has gone through a table, where what it did there does not say so. No I/O."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from migcheck.facts.replay.watching.locks import EVERYTHING, strongest
from migcheck.facts.replay.watching.looking import Look
from migcheck.facts.replay.watching.planning import ROWS_ALONE
from migcheck.facts.sql.locked import WEAK
from migcheck.facts.sql.observation import Change, LeftNotValid, ReadMeanwhile, RestChecked, Validated, WorkedThrough
from migcheck.postgres.running.statements import makes_as
from migcheck.postgres.table import Table

_ADD_PARTS = frozenset({"alter", "create"})


def gone_through(
    look: Look, before: Table, now: Table, found: Sequence[Change], names: Mapping[int, str]
) -> Iterator[Change]:
    """What is to be told beside what was `found` of the table; `names` are those of all tables."""
    looked = any(not isinstance(each, LeftNotValid) for each in found)
    if not looked and _is_rest_checked(look, before, now):
        yield RestChecked()
    elif not looked and _is_worked_through(look, before, now):
        yield WorkedThrough()
    elif others := _held_meanwhile(look, before, now, found, looked=looked):
        yield ReadMeanwhile(tuple(sorted(names[each] for each in others)))


def only_reads(change: Change, look: Look, before: Table, now: Table | None) -> bool:
    """Whether a table that was read from its beginning is not written by that."""
    if isinstance(change, ReadMeanwhile):
        return before.name not in look.plan.written and not look.plan.block
    if now is None or not isinstance(change, WorkedThrough):
        return False
    return look.plan.only_reads(before.name, now.scans - before.scans)


def _held_meanwhile(look: Look, before: Table, now: Table, found: Iterable[Change], *, looked: bool) -> set[int]:
    """The tables that earlier statements took from everybody, where all of this one was read, which others use.

    It was, where a constraint was validated, or the plan of a statement says so. A block has none, and reads what it
    does nothing else to for its rows.
    """
    block = not looked and look.plan.block and _is_read_again(look, before, now)
    planned = now.scans > before.scans and look.plan.scans.get(before.name, 0) > 0
    checked = any(isinstance(each, Validated) for each in found)
    if not (planned or block or checked) or strongest(look.modes(before.oid)) not in WEAK:
        return set()
    held = {oid for oid, modes in look.held_before.items() if EVERYTHING in modes and oid in look.before}
    return held - {before.oid}


def _is_worked_through(look: Look, before: Table, now: Table) -> bool:
    kept_out = EVERYTHING in look.held_before.get(before.oid, ())
    return kept_out and _is_read_again(look, before, now) and look.sent.part.words <= ROWS_ALONE


def _is_read_again(look: Look, before: Table, now: Table) -> bool:
    # A partition that comes or goes brings along, or takes, how often it was read.
    return look.sent.within and now.scans > before.scans and now.files.keys() == before.files.keys()


def _is_rest_checked(look: Look, before: Table, now: Table) -> bool:
    """Whether a partition was read because the table above it got another one: only a default partition is.

    It is for sure, where no check could spare it (partitioning/partbounds.c `check_default_partition_contents`). Else
    it counts how often it was read: what only defines reads it for nothing else, where both tables are as they were and
    nothing is made AS what a query gives.
    """
    above, then = look.before.get(before.parent), look.now.get(before.parent)
    if above is None or then is None or before.oid != above.rest or above.rest != then.rest:
        return False
    if not before.has_checks and not before.partitions:
        return bool(then.partitions - above.partitions)
    part = look.sent.part
    reads = not part.words <= _ADD_PARTS or makes_as(part.piece.text)
    if not look.sent.within or reads:
        return False
    as_before = replace(then, files=above.files, scans=above.scans, indexed=above.indexed, partitions=above.partitions)
    same = replace(now, scans=before.scans) == before and as_before == above
    kept_out = EVERYTHING in look.modes(now.oid)
    return same and kept_out and now.scans > before.scans and then.partitions > above.partitions
