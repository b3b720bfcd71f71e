"""`migcheck baseline`: the ledger of a database that was not built by its migrations, begun where it stands."""

from functools import partial

from migcheck.clearance import Withheld
from migcheck.commands.baseline_end import tell_baseline
from migcheck.commands.one import run_one
from migcheck.commands.options import Options
from migcheck.commands.work import Work, aim_of
from migcheck.deploy.baseline import baseline
from migcheck.deploy.order import BaselineOrder
from migcheck.deploy.outcome import BaselineOutcome
from migcheck.errors import UndecidableError
from migcheck.gather.course import Site, gather_course
from migcheck.gather.gates import Found, Tell, gather_history
from migcheck.report.deploy import Deploy
from migcheck.verdict import Verdict


def run(options: Options) -> int:
    """Judge the folder and the ledger, compare the target with what the folder builds, and write the rows."""
    return run_one(options, "nothing was written", _baseline)


def _baseline(options: Options, work: Work, verdict: Verdict, tell: Tell, to: int) -> Deploy:
    project, folder, target = work.project, verdict.folder, verdict.target
    assert target is not None, "a clear verdict on a target that is named has read it"
    history = gather_history(project, folder, work.asked)
    found = Found(folder, history, target, target.ledger)
    order = BaselineOrder(
        folder,
        to,
        target.ledger,
        partial(gather_course, Site(project, work.folder, work.asked, found, tell)),
        **aim_of(work, options, tell),
    )
    try:
        outcome: BaselineOutcome | Withheld = baseline(order)
    except UndecidableError as error:
        outcome = Withheld(error.problem, error.remedy)
    return tell_baseline(folder.path, target.name, folder.migrations[to].tag, outcome, options)
