"""What a command is about that is of one folder, and of one migration of it."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from msgspec import structs

from migcheck.commands import deploy_end
from migcheck.commands.options import Options
from migcheck.commands.outputs import prepare_outputs
from migcheck.commands.project import open_project, plan_work
from migcheck.commands.verify import EXIT_CODES, tell_run
from migcheck.commands.work import Work, need_target
from migcheck.drizzle.folder import Folder
from migcheck.drizzle.journal import BrokenJournal, Journal, NoJournal
from migcheck.drizzle.ledger import Ledger
from migcheck.errors import UsageError
from migcheck.facts.read_folder import read_folder
from migcheck.gather.gates import Tell, head_tree
from migcheck.project import Asked
from migcheck.report.deploy import Deploy
from migcheck.report.emit import progress
from migcheck.report.run import Run
from migcheck.verdict import Answer, Verdict
from migcheck.verify import verify
from migcheck.waiving import without_applied
from migcheck.wording import listed

Go = Callable[[Options, Work, Verdict, Tell, int], Deploy]
"""Do it on the target of a clear verdict, up or back to a position in its folder, whose tag `--to` is then."""
Vain = Callable[[int, Folder, Ledger], str]
"""Why it is refused that far, as its folder and its target's ledger stand: empty where it is not."""


def run_one(options: Options, nothing: str, go: Go, vain: Vain | None = None) -> int:
    """Judge the one folder and its target, then `go`, and report; the exit code.

    It is rehearsed unless that is `vain`; where None says so, never. `nothing` says what did not take place where the
    folder is not clear. Raises UsageError where `--to` names no migration: before any gate runs, where the folder is
    whole.
    """
    prepare_outputs(options)
    project = open_project(options)
    only = the_only(plan_work(options, project), options)
    need_target(only)
    work = Work(project, only.folder, _asked(options, only, vain))
    with progress() as tell:
        verdict = without_applied(verify(project, work.folder, work.asked, tell))
        deploys = [_with_whole_tag(go, options, work, verdict, tell)] if verdict.answer is Answer.CLEAR else []
    code = deploy_end.code_of(deploys[0].end) if deploys else EXIT_CODES[verdict.answer]
    tell_run(Run([verdict], deploys, project.loaded.notes, left_out=nothing), options, code)
    return code


def _with_whole_tag(go: Go, options: Options, work: Work, verdict: Verdict, tell: Tell) -> Deploy:
    to = _upto(options, verdict.folder)
    named = options if options.to is None else structs.replace(options, to=verdict.folder.migrations[to].tag)
    return go(named, work, verdict, tell, to)


def _asked(options: Options, only: Work, vain: Vain | None) -> Asked:
    """What is asked of its gates, where `--to` names a migration."""
    asked = replace(only.asked, deploying=True, replays=vain is not None)
    folder = read_folder(head_tree(only.project, asked, only.folder.path), only.folder.path)
    to = _upto(options, folder) if _is_whole(folder) else None
    return asked if vain is None or to is None else replace(asked, vain=partial(vain, to))


def _is_whole(folder: Folder) -> bool:
    """Whether the journal names files that are there: what is wrong with it, its gate says."""
    match folder.journal:
        case BrokenJournal():
            return False
        case Journal(entries=entries):
            return {each.tag for each in entries} <= {each.tag for each in folder.migrations}
        case NoJournal():
            return True


def _upto(options: Options, folder: Folder) -> int:
    """The position that `--to` names: the last one where it is left out."""
    if options.to is None and folder.migrations:
        return len(folder.migrations) - 1
    return position_of(folder, options.to or "", f"--to {options.to}")


def the_only(work: tuple[Work, ...], options: Options) -> Work:
    """The one folder that there is. Raises UsageError where the command has to be told which."""
    if len(work) > 1:
        raise UsageError(
            f"a {options.command} is of one folder, and there are {listed([each.folder.path for each in work])}",
            f"name one of them: `migcheck {options.typed} FOLDER`",
        )
    return work[0]


def position_of(folder: Folder, asked: str, told: str) -> int:
    """The position of the migration that is `asked` for by its tag or number, in words of the command line `told`.

    Raises UsageError where there is none, or several.
    """
    tags = [each.tag for each in folder.migrations]
    if not tags:
        raise UsageError(f"{folder.path} has no migration", "`drizzle-kit generate` makes the first one")
    entries = folder.journal.entries if isinstance(folder.journal, Journal) else ()
    # Not by its value: Python reads no number of thousands of digits.
    plain = asked.lstrip("0") or "0"
    numbered = {entry.tag for entry in entries if asked.isdecimal() and str(entry.idx) == plain}
    found = [at for at, tag in enumerate(tags) if tag == asked or tag in numbered or tag.partition("_")[0] == asked]
    exact = [at for at in found if tags[at] == asked] or found
    if len(exact) != 1:
        what = "names several migrations" if exact else "names no migration"
        raise UsageError(f"{told} {what} of {folder.path}", f"one of {listed(tags[::-1])}")
    return exact[0]
