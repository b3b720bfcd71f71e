"""`migcheck apply`: every gate on every folder, and only then the deploys, one after the other."""

from collections.abc import Sequence
from dataclasses import replace

from msgspec import structs

from migcheck.clearance import Clearance, Withheld, clear
from migcheck.commands import deploy_end
from migcheck.commands.given_clearance import clearance_for, notes_on, read_given, refuse_given
from migcheck.commands.options import Options
from migcheck.commands.outputs import prepare_outputs
from migcheck.commands.project import open_project, plan_work
from migcheck.commands.typed import next_apply
from migcheck.commands.verify import EXIT_CODES, tell_run
from migcheck.commands.work import Work, aim_of, need_target
from migcheck.deploy.apply import apply
from migcheck.deploy.clearance_file import ClearanceFile
from migcheck.deploy.order import Order
from migcheck.deploy.outcome import NothingToDo, Outcome
from migcheck.errors import UndecidableError, as_told
from migcheck.exits import CLEAR
from migcheck.gather.gates import Tell
from migcheck.report.deploy import Deploy
from migcheck.report.emit import progress, say_trace
from migcheck.report.run import Run
from migcheck.rules.target.target_ahead_of_folder import target_ahead_of_folder
from migcheck.verdict import Answer, Verdict, worst
from migcheck.verify import verify
from migcheck.waiving import of_one_run


def run(options: Options) -> int:
    """Verify all, deploy what was cleared, report; nothing is deployed unless every folder is clear."""
    prepare_outputs(options)
    project = open_project(options)
    work = plan_work(options, project)
    for each in work:
        need_target(each)
    given = read_given(options)
    work = _deploying(work, given)
    with progress() as tell:
        verdicts = of_one_run([verify(each.project, each.folder, each.asked, tell) for each in work])
        deploys = refuse_given(project, given, work, verdicts)
        if not deploys and worst(verdicts) is Answer.CLEAR:
            deploys = _deploy_all(work, verdicts, options, tell)
    ends = [deploy_end.code_of(each.end) for each in deploys]
    code = next((code for code in ends if code != CLEAR), EXIT_CODES[worst(verdicts)])
    notes = (*project.loaded.notes, *notes_on(given))
    tell_run(Run(verdicts, deploys, notes, left_out="nothing was deployed"), options, code)
    return code


def _deploying(work: Sequence[Work], given: ClearanceFile | None) -> tuple[Work, ...]:
    """What to verify before the deploy: all, or what a clearance that was `given` leaves open."""

    def cleared(each: Work) -> Clearance | None:
        outside = each.project.config.outside(each.folder.path)
        return None if given is None else clearance_for(each.folder, given, outside)

    return tuple(
        structs.replace(each, asked=replace(each.asked, deploying=True, clearance=cleared(each))) for each in work
    )


def _deploy_all(work: Sequence[Work], verdicts: Sequence[Verdict], options: Options, tell: Tell) -> list[Deploy]:
    """Deploy folder by folder; the first that does not get through ends it."""
    deploys: list[Deploy] = []
    for each, verdict in zip(work, verdicts, strict=True):
        target = verdict.target.name if verdict.target else each.folder.database_url
        try:
            outcome = _deploy(each, verdict, options, tell)
        except Exception as error:
            # What an earlier folder's deploy did must still be told, whatever this one falls over.
            if not deploys and not isinstance(error, UndecidableError):
                raise
            say_trace(error)
            told = as_told(error)
            outcome = Withheld(told.problem, told.remedy)
        deploys.append(deploy_end.tell_deploy(verdict.folder.path, target, outcome, next_apply(options)))
        # Told at once: a report that cannot be written must not be the only one who knows.
        tell(f"{deploys[-1].folder}: {deploys[-1].end}")
        if deploy_end.code_of(deploys[-1].end) != CLEAR:
            break
    return deploys


def _deploy(work: Work, verdict: Verdict, options: Options, tell: Tell) -> Outcome | Withheld:
    clearance = work.asked.clearance or clear(verdict)
    if not isinstance(clearance, Clearance):
        return clearance
    order = Order(
        clearance,
        verdict.folder,
        work.project.config.said_of(work.folder.path),
        **aim_of(work, options, tell),
    )
    outcome = apply(order)
    told = any(each.code == target_ahead_of_folder.code for each in verdict.findings)
    # That the target is ahead is news only where another deploy came between the gates and the lock.
    return structs.replace(outcome, warnings=()) if told and isinstance(outcome, NothingToDo) else outcome
