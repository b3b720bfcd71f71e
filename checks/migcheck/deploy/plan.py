"""The plan under the lock: it must be the one that was cleared, what an earlier run left of it, or empty. Pure."""

from msgspec import Struct

from migcheck.clearance import Clearance, Step, plan_of
from migcheck.deploy.order import AGAIN
from migcheck.deploy.outcome import NothingToDo, Refused
from migcheck.deploy.resume import left_by_an_earlier_run
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
    if earlier := left_by_an_earlier_run(clearance, folder, ledger):
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
