"""`migcheck baseline`: the ledger of a database that was not built by its migrations, begun where it stands."""

from dataclasses import replace
from functools import partial

from migcheck.clearance import Withheld
from migcheck.commands import deploy_end
from migcheck.commands.baseline_end import tell_baseline
from migcheck.commands.one import position_of, the_only
from migcheck.commands.options import Options
from migcheck.commands.outputs import prepare_outputs
from migcheck.commands.project import open_project, plan_work
from migcheck.commands.verify import EXIT_CODES, tell_run
from migcheck.commands.work import Work, need_target
from migcheck.deploy.baseline import baseline
from migcheck.deploy.order import BaselineOrder
from migcheck.deploy.outcome import BaselineOutcome
from migcheck.errors import UndecidableError
from migcheck.gather import Found, Tell, gather_history
from migcheck.gather_course import Site, gather_course
from migcheck.project import Project
from migcheck.report.deploy import Deploy
from migcheck.report.emit import progress
from migcheck.report.run import Run
from migcheck.verdict import Answer, Verdict
from migcheck.verify import verify


def run(options: Options) -> int:
    """Judge the folder and the ledger, compare the target with what the folder builds, and write the rows."""
    prepare_outputs(options)
    project = open_project(options)
    only = the_only(plan_work(options, project), options.command)
    work = Work(only.project, only.folder, replace(only.asked, deploying=True, replays=False))
    need_target(work)
    with progress() as tell:
        verdict = verify(project, work.folder, work.asked, tell)
        clear = verdict.answer is Answer.CLEAR
        deploys = [_baseline(project, work, verdict, options, tell)] if clear else []
    code = deploy_end.code_of(deploys[0].end) if deploys else EXIT_CODES[verdict.answer]
    tell_run(Run([verdict], deploys, project.loaded.notes, undone="nothing was written"), options, code)
    return code


def _baseline(project: Project, work: Work, verdict: Verdict, options: Options, tell: Tell) -> Deploy:
    folder, target = verdict.folder, verdict.target
    assert target is not None, "a clear verdict on a target that is named has read it"
    to = len(folder.migrations) - 1 if options.to is None else position_of(folder, options.to, f"--to {options.to}")
    history = gather_history(project, folder, work.asked)
    found = Found(folder, history, target, target.ledger)
    order = BaselineOrder(
        folder,
        to,
        target.ledger,
        partial(gather_course, Site(project, work.folder, work.asked, found, tell)),
        address=need_target(work),
        variable=work.folder.database_url,
        settings=project.config.apply,
        dry_run=options.dry_run,
        tell=tell,
    )
    try:
        outcome: BaselineOutcome | Withheld = baseline(order)
    except UndecidableError as error:
        outcome = Withheld(error.problem, error.remedy)
    return tell_baseline(folder.path, target.name, folder.migrations[to].tag, outcome, options)
