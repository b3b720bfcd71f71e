"""Going on with a cleared plan in which an earlier run was cut off: only where it can have been nothing else. Pure."""

from collections.abc import Sequence
from itertools import accumulate

from msgspec.structs import replace

from migcheck.clearance import Clearance, Step, plan_of
from migcheck.drizzle.batches import batches
from migcheck.drizzle.folder import Folder, Migration
from migcheck.drizzle.ledger import Ledger, pending


def left_by_an_earlier_run(clearance: Clearance, folder: Folder, ledger: Ledger) -> tuple[Step, ...]:
    """The first steps of the cleared plan, where `ledger` has gained their rows and has not changed otherwise.

    None where a run of the plan cannot have ended behind them: the rows of one transaction land together.
    """
    count = len(clearance.plan) - len(pending(folder, ledger))
    if count <= 0:
        return ()
    earlier = clearance.plan[:count]
    before = _without(ledger, earlier)
    if before is None or clearance.evidence.moved(before):
        return ()
    due = pending(folder, before)
    return earlier if plan_of(due) == clearance.plan and count in _ends(clearance, due) else ()


def _without(ledger: Ledger, earlier: Sequence[Step]) -> Ledger | None:
    """The ledger before `earlier`; None where it has other rows like theirs, or theirs in another order."""
    records = [(step.hash, step.when) for step in earlier]
    theirs = [row for row in ledger.rows if (row.hash, row.created_at) in records]
    if [(row.hash, row.created_at) for row in theirs] != records:
        return None
    return replace(ledger, rows=tuple(row for row in ledger.rows if row not in theirs))


def _ends(clearance: Clearance, due: Sequence[Migration]) -> set[int]:
    """How many rows there can be of `due`, the whole plan, whenever its run is cut off."""
    return set(accumulate(len(each.migrations) for each in batches(due, clearance.batching, clearance.outside)))
