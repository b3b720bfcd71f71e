"""`migcheck baseline`: the ledger of a database that was not built by its migrations, begun where it stands."""

from dataclasses import replace
from functools import partial

from migcheck.clearance import Withheld
from migcheck.commands import deploy_end
from migcheck.commands.baseline_end import tell_baseline
from migcheck.commands.options import Options
from migcheck.commands.outputs import prepare_outputs
from migcheck.commands.project import Work, need_target, open_project, plan_work
from migcheck.commands.verify import EXIT_CODES, tell_run
from migcheck.deploy.baseline import BaselineOrder, baseline
from migcheck.deploy.outcome import BaselineOutcome
from migcheck.drizzle.folder import Folder
from migcheck.drizzle.journal import Journal
from migcheck.errors import UndecidableError, UsageError
from migcheck.gather import Found, Tell, gather_history
from migcheck.gather_course import gather_course
from migcheck.project import Project
from migcheck.report.deploy import Deploy
from migcheck.report.emit import progress
from migcheck.report.run import Run
from migcheck.verdict import Answer, Verdict
from migcheck.verify import verify
from migcheck.wording import listed


def run(options: Options) -> int:
    """Judge the folder and the ledger, compare the target with what the folder builds, and write the rows."""
    prepare_outputs(options)
    project = open_project(options)
    work = _only(plan_work(options, project))
    need_target(work)
    with progress() as tell:
        verdict = verify(project, work.folder, work.asked, tell)
        clear = verdict.answer is Answer.CLEAR
        deploys = [_baseline(project, work, verdict, options, tell)] if clear else []
    code = deploy_end.code_of(deploys[0].end) if deploys else EXIT_CODES[verdict.answer]
    tell_run(Run([verdict], deploys, project.loaded.notes, undone="nothing was written"), options, code)
    return code


def _only(work: tuple[Work, ...]) -> Work:
    if len(work) > 1:
        raise UsageError(
            f"a baseline is of one folder, and there are {listed([each.folder.path for each in work])}",
            "name one of them: `migcheck baseline FOLDER`",
        )
    return Work(work[0].folder, replace(work[0].asked, deploying=True, replays=False))


def _baseline(project: Project, work: Work, verdict: Verdict, options: Options, tell: Tell) -> Deploy:
    folder, target = verdict.folder, verdict.target
    assert target is not None, "a clear verdict on a target that is named has read it"
    to = chosen(folder, options.to)
    history = gather_history(project, folder, work.asked)
    found = Found(folder, history, target, target.ledger)
    order = BaselineOrder(
        folder,
        to,
        target.ledger,
        need_target(work),
        partial(gather_course, project, work.folder, work.asked, found, tell),
        settings=project.config.apply,
        variable=work.folder.database_url,
        route=work.asked.route,
        dry_run=options.dry_run,
        tell=tell,
    )
    try:
        outcome: BaselineOutcome | Withheld = baseline(order)
    except UndecidableError as error:
        outcome = Withheld(error.problem, error.remedy)
    return tell_baseline(folder.path, target.name, folder.migrations[to].tag, outcome, options)


def chosen(folder: Folder, to: str | None) -> int:
    """The position of the migration that `--to` names by its tag or number; without it, of the last.

    Raises UsageError where there is none.
    """
    tags = [each.tag for each in folder.migrations]
    if not tags:
        raise UsageError(f"{folder.path} has no migration", "`drizzle-kit generate` makes the first one")
    if to is None:
        return len(tags) - 1
    entries = folder.journal.entries if isinstance(folder.journal, Journal) else ()
    numbered = {entry.tag for entry in entries if to.isdecimal() and entry.idx == int(to)}
    found = [at for at, tag in enumerate(tags) if tag == to or tag in numbered or tag.partition("_")[0] == to]
    exact = [at for at in found if tags[at] == to] or found
    if len(exact) != 1:
        what = "names several migrations" if exact else "names no migration"
        raise UsageError(f"--to {to} {what} of {folder.path}", f"one of {listed(tags[::-1])}")
    return exact[0]
