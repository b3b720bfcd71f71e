"""`migcheck verify`: every gate on every folder."""

import dataclasses
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from msgspec.structs import replace

from migcheck.clearance import Clearance, Withheld, clear
from migcheck.commands.no_folder import no_folder_at_head, no_folder_landed
from migcheck.commands.no_longer_named import no_longer_named
from migcheck.commands.options import Format, Options
from migcheck.commands.outputs import prepare_outputs
from migcheck.commands.project import open_project, plan_work, project_at
from migcheck.commands.typed import next_apply, next_clearance
from migcheck.commands.work import Work, refuse_shared_ledgers
from migcheck.drizzle.ledger import LedgerName
from migcheck.errors import NoFolderError, ReportedError, UsageError
from migcheck.exits import BLOCKED, CLEAR, UNDECIDED
from migcheck.facts.git.open_repository import NoRepository
from migcheck.facts.git.repository import Repository
from migcheck.facts.project.read_project import foresee_project
from migcheck.project import Project, unset
from migcheck.report.emit import add_step_summary, emit, look_of, progress, say
from migcheck.report.run import Commands, Run
from migcheck.verdict import Answer, Verdict, worst
from migcheck.verify import verify
from migcheck.waiving import of_one_run

_NOT_STAGED = "this commit changes nothing of it"
_MEANT = "where there was one and this is meant to take it away, `git {} --no-verify`"
EXIT_CODES = {Answer.CLEAR: CLEAR, Answer.BLOCKED: BLOCKED, Answer.UNDECIDED: UNDECIDED}


def run(options: Options, met: Repository | NoRepository | None = None) -> int:
    """Judge the folders and report; the exit code is the worst folder's.

    `met` is the repository around the working directory, where it was opened already.
    """
    prepare_outputs(options)
    if isinstance(met, Repository):
        # By Drizzle's own ledger, which most projects have: what is configured takes a while to read.
        foresee_project(met, LedgerName(), staged=options.staged)
    if options.revision is None:
        try:
            project = open_project(options, met)
        except NoFolderError as error:
            if not options.if_changed:
                raise
            if no_folder_at_head(options):
                return CLEAR
            raise UsageError(error.problem, f"{error.remedy}; {_MEANT.format('commit')}") from error
        return _judge(options, project)
    if options.staged:
        raise UsageError("--staged and --revision ask for two different things", "leave out one of them")
    return _judge_commit(replace(options, staged=True), options.revision)


def _judge_commit(options: Options, revision: str) -> int:
    try:
        with project_at(options, revision) as project:
            return _judge(options, project)
    except NoFolderError as error:
        if not no_folder_landed(options, revision):
            raise UsageError(error.problem, f"{error.remedy}; {_MEANT.format('push')}") from error
        say(f"migcheck: {revision} has nothing to judge, nor has what landed before it: {error.problem}")
        return CLEAR


def _judge(options: Options, project: Project) -> int:
    projects = project.parts
    work = _aside([work for each in projects for work in plan_work(options, each)], options)
    refuse_shared_ledgers(work)
    if options.clearance is not None:
        _refuse_several_ledgers(work)
    with progress() as tell:
        verdicts = [verify(each.project, each.folder, each.asked, tell) for each in work]
        # Of what configures folders a commit that is only around them takes nothing away.
        left = () if any(each.asked.aside for each in work) else no_longer_named(options, projects, verdicts)
        others = [verify(each.project, each.folder, each.asked, tell) for each in left]
    told = _of_runs([each.project for each in (*work, *left)], [*verdicts, *others])
    code = EXIT_CODES[worst(told)]
    cleared = _clearances(told[: len(verdicts)]) if options.clearance is not None and code == CLEAR else ()
    withheld = cleared if isinstance(cleared, Withheld) else None
    to_write = () if isinstance(cleared, Withheld) else cleared
    # A clearance that is not written is not what deploys.
    deploys = options if to_write else replace(options, clearance=None)
    apart = [each.folder.path for each in work] if len(projects) > 1 else []
    commands = _commands(deploys, _typed(project, apart))
    also = (f"{each.folder.path} is judged as well: base's configuration names it" for each in left)
    notes = (*dict.fromkeys(note for each in projects for note in each.loaded.notes), *also, *_no_target(work, deploys))
    run = Run(told, notes=notes, commands=commands, commits=_commits(options, project))
    ended = UNDECIDED if withheld else code
    if not _is_silent(run, options, ended):
        tell_run(run, options, ended)
    if withheld:
        raise ReportedError(f"no clearance was written: {withheld.reason}", withheld.remedy)
    if to_write and options.clearance is not None:
        _write_clearances(options.clearance, to_write, project)
    return code


def _aside(work: list[Work], options: Options) -> list[Work]:
    """`work`; where a hook asks, and the commit changes only what is around the folders, of that alone.

    What a commit leaves as it was, a hook does not judge.
    """
    meant = options.if_changed and options.offline and options.folder is None and options.config is None
    repository = work[0].project.repository if meant and work else None
    if not isinstance(repository, Repository):
        return work
    from migcheck.facts.hook.staged_change import changes_only_around  # noqa: PLC0415 - a hook has loaded it

    if not changes_only_around(repository, [each.folder.path for each in work]):
        return work
    return [replace(each, asked=dataclasses.replace(each.asked, aside=_NOT_STAGED)) for each in work]


def _commands(options: Options, apart: Sequence[str]) -> Commands:
    """What may come next. `apart` are the folders where several files configure them."""
    now, landed = (next_apply(options, apart, landed=landed) for landed in (False, True))
    return Commands(now, landed, next_clearance(options))


def _typed(project: Project, folders: Sequence[str]) -> tuple[str, ...]:
    """`folders`, which are from the root, as they are typed here."""
    return tuple(Path(os.path.relpath(project.root / each)).as_posix() for each in folders)


def _of_runs(projects: Sequence[Project], verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The verdicts, each of the one of `projects` in its place: those of one share its waivers."""
    files = [each.loaded.path for each in projects]
    told: dict[int, Verdict] = {}
    for file in dict.fromkeys(files):
        places = [at for at, each in enumerate(files) if each == file]
        told |= zip(places, of_one_run([verdicts[at] for at in places]), strict=True)
    return [told[at] for at in range(len(verdicts))]


def _is_silent(run: Run, options: Options, exit_code: int) -> bool:
    """Whether nobody wants to read of it: a hook is clear, and the commit brings nothing that it could tell of."""
    asked = options.verbose or options.output or options.report or options.output_format is not Format.TEXT
    if exit_code != CLEAR or asked or run.commits is None:
        return False
    from migcheck.report.text import brings_nothing  # noqa: PLC0415 - a hook alone asks

    return brings_nothing(run, run.commits)


def _commits(options: Options, project: Project) -> frozenset[str] | None:
    """What a commit in the making changes, where a hook asks; None where none does, or that cannot be told."""
    if not options.if_changed or not isinstance(project.repository, Repository):
        return None
    from migcheck.facts.hook.staged_change import staged_paths  # noqa: PLC0415 - a hook has loaded it

    return staged_paths(project.repository)


def _refuse_several_ledgers(work: Sequence[Work]) -> None:
    """Raise UsageError where a folder was to be cleared for several standings: a clearance holds one plan."""
    for one, other in pairwise(work):
        if one.folder == other.folder:
            raise UsageError(
                f"{one.folder.path} has several ledgers ({one.asked.ledger_file}, {other.asked.ledger_file}), and a "
                "clearance is for one",
                "write one clearance for each database: one --ledger and one --clearance at a time",
            )


def _clearances(verdicts: Sequence[Verdict]) -> Sequence[Clearance] | Withheld:
    """What clear verdicts let a deploy run; where one of them does not, why."""
    cleared = []
    for each in verdicts:
        one = clear(each)
        if isinstance(one, Withheld):
            return one
        cleared.append(one)
    return cleared


def _no_target(work: Sequence[Work], options: Options) -> tuple[str, ...]:
    """What is told of a clearance of a folder whose target nobody named: a job that meant to name one goes on green."""
    if options.clearance is None:
        return ()
    lacking = [each for each in work if not each.asked.target and not each.asked.ledgers]
    why = dict.fromkeys(unset(each.folder.database_url, each.asked.passed_by, each.asked.other) for each in lacking)
    return tuple(
        f"{options.clearance} is of no target ({each}): it takes what base has for applied, and `migcheck apply` "
        "refuses it where the target's ledger says otherwise"
        for each in why
    )


def _write_clearances(path: Path, cleared: Sequence[Clearance], project: Project) -> None:
    from migcheck.commands.given_clearance import head_of  # noqa: PLC0415 - only where one is asked for
    from migcheck.deploy.clearance_file import write_clearances  # noqa: PLC0415 - likewise

    write_clearances(path, cleared, at=datetime.now(tz=UTC), commit=head_of(project))


def tell_run(run: Run, options: Options, exit_code: int) -> None:
    """Report on a run that ends with `exit_code`, to wherever was asked. Raises as `emit` does."""
    emit(_render(run, options, exit_code), options.output)
    if options.report is not None:
        from migcheck.report.json import render_json  # noqa: PLC0415 - brings pydantic

        emit(render_json(run, exit_code), options.report, "--report")


def _render(run: Run, options: Options, exit_code: int) -> str:
    """The report in the format that was asked for, on a run that ends with `exit_code`."""
    # One writer is needed, and each brings a library with it.
    match options.output_format:
        case Format.JSON:
            from migcheck.report.json import render_json  # noqa: PLC0415

            return render_json(run, exit_code)
        case Format.GITHUB:
            from migcheck.report.github import render_github  # noqa: PLC0415
            from migcheck.report.step_summary import render_step_summary  # noqa: PLC0415

            add_step_summary(render_step_summary(run))
            return render_github(run, verbose=options.verbose)
        case Format.TEXT:
            from migcheck.report.text import render_text  # noqa: PLC0415

            return render_text(run, look_of(options.output), verbose=options.verbose)
