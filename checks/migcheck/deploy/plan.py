"""The plan under the lock: it must be the one that was cleared, what an earlier run left of it, or empty. Pure."""

from collections.abc import Sequence
from itertools import accumulate

from msgspec import Struct
from msgspec.structs import replace

from migcheck.clearance import Clearance, Step, plan_of
from migcheck.deploy.order import AGAIN
from migcheck.deploy.outcome import NothingToDo, Refused
from migcheck.drizzle.batches import batches
from migcheck.drizzle.folder import Folder, Migration
from migcheck.drizzle.ledger import Ledger, pending
from migcheck.drizzle.standing import Standings, State, Stray
from migcheck.wording import counted


class Agreed(Struct, frozen=True):
    """What is `due` now, never empty: the cleared plan behind `earlier`, its first steps, which an earlier run left."""

    due: tuple[Migration, ...]
    earlier: tuple[Step, ...] = ()


def agree(clearance: Clearance, folder: Folder, ledger: Ledger) -> Agreed | NothingToDo | Refused:
    """What to run on `ledger` as it is now. Nothing where another deploy has done it all."""
    standings = Standings(folder, ledger, clearance.known)
    if missed := _missed(clearance, standings):
        return Refused(
            f"the target moved on since it was verified, and {', '.join(missed)} would never run there",
            remedy=f"{AGAIN}: verify tells what the target has now",
        )
    due = pending(folder, ledger)
    if not due:
        lacking = [each for each in standings.migrations if each.state in {State.SKIPPED, State.EDITED}]
        return NothingToDo(_ahead(standings), tuple(each.migration.tag for each in lacking))
    if earlier := _left_by_an_earlier_run(clearance, folder, ledger):
        return Agreed(due, earlier)
    plan = plan_of(due)
    if plan != clearance.plan:
        return Refused(
            f"what is pending on the target is not what was cleared: {_tags(plan)}, not {_tags(clearance.plan)}",
            remedy=f"{AGAIN}: verify rehearses what is pending now",
        )
    if moved := clearance.evidence.moved(ledger):
        return Refused(
            f"the ledger is not the one that was rehearsed from: {moved}",
            remedy=f"see what writes to it, then {AGAIN}",
        )
    return Agreed(due)


def _missed(clearance: Clearance, standings: Standings) -> list[str]:
    """What was cleared, is no longer due, and has no row of its own: another deploy did something else."""
    planned = {step.tag: step.hash for step in clearance.plan}
    gone = (each for each in standings.migrations if each.state is not State.PENDING and each.migration.tag in planned)
    return [each.migration.tag for each in gone if not each.row or each.row.hash != planned[each.migration.tag]]


def _ahead(standings: Standings) -> tuple[str, ...]:
    rows = [each for each in standings.strays if each.kind is Stray.AHEAD]
    if not rows:
        return ()
    return (f"the target is ahead of the folder by {counted(len(rows), 'migration')}",)


def _tags(plan: tuple[Step, ...]) -> str:
    return ", ".join(step.tag for step in plan) or "nothing"


def _left_by_an_earlier_run(clearance: Clearance, folder: Folder, ledger: Ledger) -> tuple[Step, ...]:
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
