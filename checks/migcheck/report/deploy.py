"""What came of a deploy, for people: one line a migration, and one last line that says how it ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from migcheck.clearance import Step, Withheld
from migcheck.deploy.outcome import Applied, Failed, Interrupted, NothingToDo, Outcome, Refused, Unknown, WouldApply
from migcheck.report.page import Page


@dataclass(frozen=True, slots=True)
class Deploy:
    """One folder's deploy. `target` is host and database for people; Withheld where it was never begun."""

    folder: str
    target: str
    outcome: Outcome | Withheld


def write_deploy(page: Page, deploy: Deploy) -> None:
    """Write what was run, or would be, and every warning."""
    steps, word = _steps(deploy.outcome)
    if steps:
        page.gap()
        page.line(("deploy", "strong"), "  ", (deploy.folder, "place"), f"  to {deploy.target}")
    longest = max((len(step.tag) for step in steps), default=0)
    for step in steps:
        page.line(f"  {step.tag:<{longest}}  ", (word, "passed" if word == "applied" else "quiet"))
    for warning in _warnings(deploy.outcome):
        page.text(warning, indent=2, lead="warning: ", style="warning")


def write_deploy_summary(page: Page, deploy: Deploy) -> None:
    """Write the one line that says how the deploy ended and what to do."""
    outcome = deploy.outcome
    match outcome:
        case Applied(plan=plan, ms=ms):
            page.line(("applied", "clear"), f": {_counted(plan)} to {deploy.target} in {ms} ms, and read back")
        case NothingToDo():
            page.line(("nothing to do", "clear"), f": {deploy.target} has every migration of {deploy.folder}")
        case WouldApply(plan=plan):
            page.line(("dry run", "clear"), f": {_counted(plan)} would go to {deploy.target}. Next: migcheck apply")
        case Withheld(reason=problem, remedy=remedy) | Refused(problem=problem, remedy=remedy):
            page.line(("refused", "error"), f": nothing was run: {problem}. Next: {remedy}")
        case Failed(problem=problem, remedy=remedy, applied=applied, torn=torn):
            page.line(("failed", "error"), f": {problem}; {_left(applied, torn=torn)}. Next: {remedy}")
        case Interrupted(applied=applied, torn=torn):
            page.line(("interrupted", "error"), f": {_left(applied, torn=torn)}. Next: migcheck status")
        case Unknown(problem=problem, look_at=places):
            page.line(("unknown", "undecided"), f": {problem}. Next: look at {'; '.join(places)}")
        case _:
            assert_never(outcome)


def _steps(outcome: Outcome | Withheld) -> tuple[Sequence[Step], str]:
    match outcome:
        case Applied(plan=steps) | Failed(applied=steps) | Interrupted(applied=steps):
            return steps, "applied"
        case WouldApply(plan=steps):
            return steps, "would be applied"
        case NothingToDo() | Refused() | Unknown() | Withheld():
            return (), ""
        case _:
            assert_never(outcome)


def _warnings(outcome: Outcome | Withheld) -> tuple[str, ...]:
    return outcome.warnings if isinstance(outcome, Applied | NothingToDo) else ()


def _left(applied: Sequence[Step], *, torn: bool) -> str:
    """What is on the target now."""
    if torn:
        return "a COMMIT inside a migration made part of it last, and the ledger does not have it"
    return f"{_counted(applied)} stay applied, the rest was rolled back" if applied else "everything was rolled back"


def _counted(steps: Sequence[Step]) -> str:
    return "1 migration" if len(steps) == 1 else f"{len(steps)} migrations"
