"""`migcheck rollback MIGRATION`: what undoes one migration, proven on scratch before it is shown."""

from pathlib import Path
from shlex import quote

from migcheck.commands.files import refuse_existing, replace_text
from migcheck.commands.one import position_of, the_only
from migcheck.commands.options import Options
from migcheck.commands.outputs import prepare_outputs
from migcheck.commands.project import open_project, plan_work
from migcheck.commands.work import Work
from migcheck.drizzle.folder import Folder
from migcheck.errors import UndecidableError, UsageError
from migcheck.exits import BLOCKED, CLEAR
from migcheck.facts.history.history import History
from migcheck.facts.read_folder import read_folder
from migcheck.facts.rollback import Proposal, Proven
from migcheck.facts.target.judged import Target
from migcheck.gather.course import Site, gather_proposal
from migcheck.gather.gates import Found, Tell, gather_history, gather_target, head_tree
from migcheck.project import Asked, Project
from migcheck.report.emit import emit, progress, say
from migcheck.report.proposal import costs, render_proposal, said
from migcheck.report.visible import visible
from migcheck.verdict import Undecided


def run(options: Options) -> int:
    """Print the rollback, or write it beside its migration. Raises UsageError where there is no such migration."""
    prepare_outputs(options)
    project = _opened(options)
    work = the_only(plan_work(options, project), options)
    folder = read_folder(head_tree(project, work.asked, work.folder.path), work.folder.path)
    at = position_of(folder, options.migration, options.migration)
    with progress() as tell:
        history = _history(project, folder, work.asked)
        target = _target(work, tell)
        found = Found(folder, history, target if isinstance(target, Target) else None, None)
        proposal = gather_proposal(Site(project, work.folder, work.asked, found, tell), at)
    proven = isinstance(proposal.proof, Proven)
    if isinstance(target, Undecided):
        say(f"migcheck: {visible(_unseen(work, target))}")
    if options.write and proposal.derived and proven:
        refuse_existing(project.root, proposal.rollback.script.path)
        replace_text(project.root, proposal.rollback.script.path, render_proposal(proposal))
    else:
        shown = render_proposal(proposal)
        # To a terminal or a log go no control characters of SQL that nobody has judged yet.
        printed = visible(shown) if options.output is None else shown
        emit(printed, options.output)
        if printed != shown:
            say("migcheck: what is shown is not the SQL to the letter; --output FILE writes that")
    say(f"migcheck: {visible(_end(proposal, options))}")
    return CLEAR if proven else BLOCKED


def _opened(options: Options) -> Project:
    """The project. Raises UsageError where there is none, also for a folder that stands where the migration should."""
    try:
        return open_project(options)
    except UsageError as error:
        if options.folder is None or not Path(options.migration).is_dir() or Path(options.folder).exists():
            raise
        swapped = f"`migcheck rollback {quote(options.folder)} {quote(options.migration)}`"
        raise UsageError(error.problem, f"the migration stands first: {swapped}; else {error.remedy}") from error


def _history(project: Project, folder: Folder, asked: Asked) -> History | None:
    """What has landed; None where nobody knows."""
    try:
        return gather_history(project, folder, asked)
    except UndecidableError:
        return None


def _target(work: Work, tell: Tell) -> Target | Undecided | None:
    """The target, by whose major and extensions the server is chosen; None where none is named."""
    if work.asked.target is None:
        return None
    tell("reading the target")
    try:
        return gather_target(work.asked.target, work.folder, work.asked, tell)
    except UndecidableError as error:
        return Undecided(error.problem, error.remedy)


def _unseen(work: Work, target: Undecided) -> str:
    """That nobody knows the target's major, and why."""
    variable = work.folder.database_url
    chosen = f"the server was chosen without the target that {variable} names, and may be of another major"
    # The remedy of a gate may name an option that this command has not.
    return f"{chosen}: {target.cause}"


def _end(proposal: Proposal, options: Options) -> str:
    """What was shown or written, and whether it is proven."""
    path, proven = proposal.rollback.script.path, isinstance(proposal.proof, Proven)
    told = f"{said(proposal)}{costs(proposal)}"
    if not proposal.derived:
        return f"{path} undoes {proposal.rollback.migration.tag}. {told}"
    if options.write:
        return f"{path} was written. {told}" if proven else f"nothing was written. {told}"
    return f"{said(proposal)} --write puts it into {path}" if proven else said(proposal)
