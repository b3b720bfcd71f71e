"""The end of a deploy, as the report tells it and as the process exits with it."""

from functools import partial
from typing import assert_never

from migcheck.clearance import Step, Withheld
from migcheck.deploy.outcome import Applied, Failed, Interrupted, NothingToDo, Outcome, Refused, Unknown, WouldApply
from migcheck.exits import BLOCKED, CLEAR, UNDECIDED
from migcheck.postgres.running.invalid import warned
from migcheck.report.deploy import Deploy, End
from migcheck.signals import exit_code

_EXIT_CODES = {
    End.APPLIED: CLEAR,
    End.NOTHING: CLEAR,
    End.PLANNED: CLEAR,
    End.WITHHELD: UNDECIDED,
    End.REFUSED: BLOCKED,
    End.FAILED: BLOCKED,
    End.UNKNOWN: UNDECIDED,
    End.RECORDED: CLEAR,
    End.WOULD_RECORD: CLEAR,
    End.DIFFERENT: BLOCKED,
    End.UNDONE: CLEAR,
    End.WOULD_UNDO: CLEAR,
}


def code_of(end: End) -> int:
    """The exit code of a deploy that ended so."""
    return exit_code() if end is End.INTERRUPTED else _EXIT_CODES[end]


def tell_deploy(folder: str, target: str, outcome: Outcome | Withheld, command: str = "migcheck apply") -> Deploy:
    """What the report says of one folder's deploy. `command` is what deploys after a dry run."""
    deploy = partial(Deploy, folder, target)
    match outcome:
        case Applied(plan=plan, ms=ms, warnings=warnings, read_back=read_back, earlier=earlier, notes=notes):
            told = deploy(End.APPLIED, plan, warnings, ms=ms, read_back=read_back, earlier=_tags(earlier), notes=notes)
        case NothingToDo(warnings=warnings, lacking=lacking):
            told = deploy(End.NOTHING, warnings=warnings, lacking=lacking)
        case WouldApply(plan=plan, outside=outside, earlier=earlier, warnings=warnings):
            told = deploy(End.PLANNED, plan, warnings, remedy=command, outside=outside, earlier=_tags(earlier))
        case Withheld(reason=reason, remedy=remedy):
            told = deploy(End.WITHHELD, message=reason, remedy=remedy)
        case Refused(problem=problem, remedy=remedy):
            told = deploy(End.REFUSED, message=problem, remedy=remedy)
        case Failed(problem=problem, remedy=remedy, failure=failure, applied=applied) as failed:
            told = _stopped(deploy, failed)(End.FAILED, applied, message=problem, remedy=remedy, failure=failure)
        case Interrupted(applied=applied, remedy=remedy) as interrupted:
            told = _stopped(deploy, interrupted)(End.INTERRUPTED, applied, remedy=remedy)
        case Unknown(problem=problem, look_at=look_at):
            told = deploy(End.UNKNOWN, message=problem, remedy=f"look at {'; '.join(look_at)}")
        case _:
            assert_never(outcome)
    return told


def _stopped(deploy: partial[Deploy], outcome: Failed | Interrupted) -> partial[Deploy]:
    """What is told alike of every deploy that stopped half way."""
    left = tuple(map(warned, outcome.invalid))
    return partial(deploy, torn=outcome.torn, begun=outcome.begun, earlier=_tags(outcome.earlier), warnings=left)


def _tags(steps: tuple[Step, ...]) -> tuple[str, ...]:
    return tuple(step.tag for step in steps)
