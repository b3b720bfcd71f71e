"""The deploys of the JSON report."""

from collections.abc import Sequence
from functools import partial
from typing import assert_never

from migcheck.clearance import Step, Withheld
from migcheck.deploy.outcome import Applied, Failed, Interrupted, NothingToDo, Refused, Unknown, WouldApply
from migcheck.postgres.failure import SqlFailure
from migcheck.report.deploy import Deploy
from migcheck.report.document import DeployReport, StepReport


def report_deploy(deploy: Deploy) -> DeployReport:
    """One folder's deploy as it stands in the report."""
    about = partial(DeployReport, folder=deploy.folder, target=deploy.target)
    match deploy.outcome:
        case Applied(plan=plan, ms=ms, warnings=warnings):
            report = about(outcome="applied", steps=_steps(plan), warnings=warnings, ms=ms)
        case NothingToDo(warnings=warnings):
            report = about(outcome="nothing to do", warnings=warnings)
        case WouldApply(plan=plan):
            report = about(outcome="would apply", steps=_steps(plan))
        case Withheld(reason=reason, remedy=remedy):
            report = about(outcome="withheld", message=reason, remedy=remedy)
        case Refused(problem=problem, remedy=remedy):
            report = about(outcome="refused", message=problem, remedy=remedy)
        case Failed(problem=problem, remedy=remedy, failure=failure, applied=applied, torn=torn):
            failed = about(outcome="failed", steps=_steps(applied), message=problem, remedy=remedy, torn=torn)
            report = failed if failure is None else _with_failure(failed, failure)
        case Interrupted(applied=applied, torn=torn):
            report = about(outcome="interrupted", steps=_steps(applied), torn=torn)
        case Unknown(problem=problem, look_at=look_at):
            report = about(outcome="unknown", message=problem, remedy="; ".join(look_at))
        case _:
            assert_never(deploy.outcome)
    return report


def _with_failure(report: DeployReport, failure: SqlFailure) -> DeployReport:
    return report.model_copy(
        update={
            "migration": failure.migration,
            "file": failure.path,
            "line": failure.line,
            "sqlstate": failure.sqlstate,
        }
    )


def _steps(steps: Sequence[Step]) -> tuple[StepReport, ...]:
    return tuple(StepReport(tag=step.tag, hash=step.hash, when=step.when) for step in steps)
