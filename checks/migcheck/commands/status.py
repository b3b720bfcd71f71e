"""`migcheck status`: every migration on the target's whole ledger."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from msgspec.structs import replace

from migcheck.catalogue import FOLDER_RULES, HISTORY_RULES, UNREADABLE
from migcheck.commands.options import Format, Options
from migcheck.commands.outputs import prepare_outputs
from migcheck.commands.project import open_project, plan_work
from migcheck.commands.typed import next_apply, next_verify
from migcheck.commands.work import Work, need_target
from migcheck.drizzle.folder import Folder
from migcheck.drizzle.ledger import Ledger, pending
from migcheck.drizzle.standing import Standings, State
from migcheck.errors import UndecidableError
from migcheck.exits import BLOCKED, CLEAR
from migcheck.facts.folder import FolderFacts
from migcheck.facts.history.history import History
from migcheck.facts.history.judged import HistoryFacts
from migcheck.facts.read_folder import read_folder
from migcheck.facts.target.judged import Target, TargetFacts
from migcheck.finding import Finding, Severity
from migcheck.gather.gates import (
    Tell,
    folder_facts,
    gather_history,
    gather_target,
    head_tree,
    known_hashes,
    refuse_unseen,
)
from migcheck.gather.waivers import gather_scope
from migcheck.project import Project
from migcheck.report.emit import emit, look_of, progress
from migcheck.report.status import DELETED, FolderStatus, Steps, Unreadable, render_status
from migcheck.rule import judge
from migcheck.rules.target.rows_in_another_ledger import held_elsewhere
from migcheck.waiving import Waiving
from migcheck.wording import next_apply_waits


def run(options: Options) -> int:
    """Tell where each folder and its ledger stand to each other; 1 where Drizzle would not do what the folder says."""
    prepare_outputs(options)
    project = open_project(options)
    work = plan_work(options, project)
    for each in work:
        if not each.asked.ledgers:
            need_target(each)
    with progress() as tell:
        found = []
        for each in work:
            tell(f"reading the ledger of {each.folder.path}")
            found.append(_status(project, each, tell))
    steps = Steps(next_verify(options), next_apply(options), waiving=bool(project.config.waiver))
    emit(_render(found, steps, options), options.output)
    return CLEAR if all(each.sound for each in found) else BLOCKED


def _render(found: Sequence[FolderStatus], steps: Steps, options: Options) -> str:
    match options.output_format:
        case Format.JSON:
            from migcheck.report.json_status import render_status_json  # noqa: PLC0415 - brings pydantic

            return render_status_json(found)
        case Format.TEXT | Format.GITHUB:
            return render_status(found, steps, look_of(options.output), verbose=options.verbose)


def _status(project: Project, work: Work, tell: Tell) -> FolderStatus:
    folder = read_folder(head_tree(project, work.asked, work.folder.path), work.folder.path)
    refuse_unseen(project, folder, work.asked)
    target = None
    if work.asked.ledgers:
        name, ledger, tables, reached = work.asked.ledger_file, work.asked.ledgers[0], 0, ""
    else:
        target = gather_target(need_target(work), work.folder, work.asked, tell)
        if target.ledger_fault:
            # No row was read. A report of none, given to --ledger, would stand for an empty database.
            raise _no_ledger(target)
        if TargetFacts(target, folder, {}).other_layout:
            raise UndecidableError(
                f"{target.ledger.name} on {target.name} is of another version of Drizzle (0.x, 1.0) than {folder.path}",
                "see `migcheck explain MC503`: one run of the migrator of 1.0 upgrades a ledger",
            )
        name, ledger, tables, reached = target.name, target.ledger, len(target.tables), target.way
    try:
        history = gather_history(project, folder, work.asked)
    except UndecidableError:
        # Git only helps to name rows whose file is gone; the table stands without.
        history = None
    now = datetime.now(tz=UTC)
    facts = folder_facts(project, folder, history, int(now.timestamp() * 1000), work.asked)
    standings = _standings(facts, ledger, history)
    status = FolderStatus(name, folder, ledger, standings, tables=tables, reached=reached)
    due = any(each.state is State.PENDING for each in status.migrations)
    if due or status.strays:
        waiving = Waiving(project.loaded, gather_scope(project, work.asked, folder.path), now.date())
        codes = [each.code for each in waiving.on(_ruled(facts, history, ledger, work)) if each.blocks]
        status = replace(status, codes=tuple(each for each in codes if due or each == DELETED))
    if target is None or status.faults:
        return status
    elsewhere = tuple(_elsewhere(target, folder))
    warnings = (
        *_deploying(target, project.config.apply.lock_wait),
        *elsewhere,
        *_left_invalid(project, work, status, tell),
    )
    return replace(status, warnings=warnings, recorded_elsewhere=bool(elsewhere))


def _deploying(target: Target, lock_wait: float) -> Iterator[str]:
    """What is told of a deploy that goes on, or that the server has not seen the end of."""
    if target.deploying:
        yield (
            f"a deploy holds the lock of {target.ledger.name}: {target.deploying}. Where it was killed, the server "
            f"goes on with its statement until it sees that; {next_apply_waits(lock_wait)}"
        )


def _ruled(facts: FolderFacts, history: History | None, ledger: Ledger, work: Work) -> tuple[Finding, ...]:
    """What `verify` finds before it rehearses anything."""
    found = judge(FOLDER_RULES, facts)
    if history is None:
        return found
    of = HistoryFacts(history, (ledger,), None, work.asked.ledgers, variable=work.folder.database_url)
    return (*found, *judge(HISTORY_RULES, of))


def _elsewhere(target: Target, folder: Folder) -> Iterator[str]:
    """What is told of other ledgers on the target that disagree; `verify` knows whether they are of other tables."""
    for held in held_elsewhere(TargetFacts(target, folder, {})):
        yield f"{held.told}: `migcheck verify` says so where that is in the way (MC514)"


def _left_invalid(project: Project, work: Work, status: FolderStatus, tell: Tell) -> tuple[str, ...]:
    """What is told of the indexes that a run of what is pending, outside of a transaction, left invalid."""
    outside = project.config.outside(status.folder.path)
    due = [each for each in pending(status.folder, status.ledger) if each.tag in outside]
    if not due:
        return ()
    from migcheck.facts.target.asking import read_invalid  # noqa: PLC0415 - psycopg is not needed for a file
    from migcheck.postgres.running.invalid import warned  # noqa: PLC0415 - likewise

    try:
        return tuple(map(warned, read_invalid(need_target(work), due, tell)))
    except UndecidableError as error:
        # The table stands without.
        return (f"whether a run that was cut off left an index invalid is not known: {error.problem}",)


def _standings(facts: FolderFacts, ledger: Ledger, history: History | None) -> Standings | Unreadable:
    """Where folder and ledger stand to each other, or what Drizzle cannot get past: then it would run nothing."""
    # Of a folder that is not there Drizzle's migrator ends with an error, whatever the ledger has.
    found = judge(UNREADABLE, replace(facts, deploying=True))
    if errors := tuple(each for each in found if each.severity is Severity.ERROR):
        return Unreadable(errors)
    return Standings(facts.folder, ledger, known_hashes(facts.folder, ledger, history))


def _no_ledger(target: Target) -> UndecidableError:
    columns = ", ".join(target.ledger_fault_columns)
    return UndecidableError(
        target.ledger_fault + (f" ({columns})" if columns else ""),
        "name the right ledger: `ledger.schema` and `ledger.table` of the folder in migcheck.toml; where the name is "
        "right, move the other relation away (`migcheck explain MC502`)",
    )
