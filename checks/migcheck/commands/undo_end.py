"""The end of an undo, as the report tells it."""

from collections.abc import Sequence
from functools import partial
from typing import assert_never

from migcheck.clearance import Withheld
from migcheck.commands.options import Options
from migcheck.commands.typed import next_undo
from migcheck.deploy.outcome import (
    Failed,
    Interrupted,
    NothingToDo,
    Refused,
    Undone,
    UndoOutcome,
    Unknown,
    WouldUndo,
)
from migcheck.facts.rollback import Proven
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
            end = told(End.UNDONE, plan, warnings, ms=ms, read_back=read_back, costs=costs)
        case WouldUndo(plan=plan):
            end = told(End.WOULD_UNDO, plan, remedy=next_undo(options), costs=costs)
        case NothingToDo():
            end = told(End.NOTHING, message=f"nothing behind {options.to} is applied on {target}")
        case Withheld(reason=reason, remedy=remedy):
            end = told(End.WITHHELD, message=reason, remedy=remedy)
        case Refused(problem=problem, remedy=remedy):
            end = told(End.REFUSED, message=problem, remedy=remedy)
        case Failed(problem=problem, remedy=remedy, failure=failure):
            end = told(End.FAILED, message=problem, remedy=remedy, failure=failure, costs=costs)
        case Interrupted():
            end = told(End.INTERRUPTED)
        case Unknown(problem=problem, look_at=look_at):
            end = told(End.UNKNOWN, message=problem, remedy="; ".join(look_at))
        case _:
            assert_never(outcome)
    return end
