"""The end of an undo, as the report tells it."""

from collections.abc import Sequence
from functools import partial

from msgspec import structs

from migcheck.clearance import Withheld
from migcheck.commands.deploy_end import tell_deploy
from migcheck.commands.options import Options
from migcheck.commands.typed import next_undo
from migcheck.deploy.outcome import NothingToDo, Undone, UndoOutcome, WouldUndo
from migcheck.facts.rollback import Proven
from migcheck.facts.sql.refused_rows import unsaid
from migcheck.facts.sql.rows import Answers
from migcheck.facts.undo import UndoRehearsal
from migcheck.report.deploy import Deploy, End
from migcheck.report.rollback_proofs import remarks


def tell_undo(
    folder: str, target: str, outcome: UndoOutcome | Withheld, proven: Sequence[Proven], options: Options
) -> Deploy:
    """What the report says of an undo by the rollbacks that were `proven`."""
    told = partial(Deploy, folder, target, undoing=True)
    costs = tuple(f"{each.migration}: {line}" for each in reversed(proven) for line in remarks(each))
    match outcome:
        case Undone(plan=plan, ms=ms, warnings=warnings, read_back=read_back):
            return told(End.UNDONE, plan, warnings, ms=ms, read_back=read_back, costs=costs)
        case WouldUndo(plan=plan):
            return told(End.WOULD_UNDO, plan, remedy=next_undo(options), costs=costs)
        case NothingToDo():
            return told(End.NOTHING, message=f"nothing behind {options.to} is applied on {target}")
        case _:
            return structs.replace(tell_deploy(folder, target, outcome), undoing=True)


def unknown_of(seen: UndoRehearsal, answers: Answers) -> tuple[str, ...]:
    """What is not known of the target's rows, in warnings: it was not asked for them, or did not say."""
    never = f"not all rows that a rollback may fail with were asked for: {seen.unasked}"
    silent = (f"{what}: {reason}" for what, reason in unsaid(seen.questions, answers))
    return (*([never] if seen.unasked else []), *silent)
