"""What an undo runs on a ledger as it is now: the rollbacks of what was applied last, newest first. Pure."""

from migcheck.deploy.outcome import NothingToDo, Refused
from migcheck.drizzle.folder import Folder, Migration
from migcheck.drizzle.ledger import Ledger
from migcheck.drizzle.rollback import Rollback, rollbacks_of
from migcheck.drizzle.standing import Standings, State
from migcheck.postgres.joining import Part
from migcheck.wording import listed

_CONTROL = frozenset({"begin", "start", "commit", "end", "abort", "prepare", "rollback"})
_SEE = "`migcheck status` shows them"


def undo_plan(folder: Folder, ledger: Ledger, to: int) -> tuple[Rollback, ...] | NothingToDo | Refused:
    """What undoes everything that is applied behind the migration at position `to`; never empty."""
    standings = Standings(folder, ledger, {})
    if standings.strays:
        rows = listed([f"row {each.row.id}" for each in standings.strays])
        return Refused(
            f"{rows} of {ledger.name} {'belongs' if len(standings.strays) == 1 else 'belong'} to no migration of "
            f"{folder.path}",
            f"check out the release that was deployed last; {_SEE}",
        )
    stays, *behind = standings.migrations[to:]
    if stays.state is not State.APPLIED:
        return Refused(f"{stays.migration.tag} is {stays.state} on the target", f"name one that is applied; {_SEE}")
    edited = [each.migration.tag for each in behind if each.state is State.EDITED]
    if edited:
        return Refused(f"{listed(edited)} was applied as it is no longer in {folder.path}", _SEE)
    applied = [each.migration for each in behind if each.state is State.APPLIED]
    return _rollbacks(folder, applied) if applied else NothingToDo()


def _rollbacks(folder: Folder, applied: list[Migration]) -> tuple[Rollback, ...] | Refused:
    found = {each.migration.tag: each for each in rollbacks_of(folder)}
    if missing := [each.tag for each in applied if each.tag not in found]:
        return Refused(
            f"{listed(missing)} {'has' if len(missing) == 1 else 'have'} no rollback in {folder.path}",
            f"`migcheck rollback {missing[-1]} --write` proposes one",
        )
    plan = tuple(found[each.tag] for each in reversed(applied))
    if parted := [each.script.path for each in plan if _ends_its_transaction(each)]:
        return Refused(f"{listed(parted)} ends its transaction", "take COMMIT and ROLLBACK out: all is undone at once")
    return plan


def _ends_its_transaction(rollback: Rollback) -> bool:
    return any(Part(rollback.script, piece).words & _CONTROL for piece in rollback.script.pieces)
