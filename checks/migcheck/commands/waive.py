"""`migcheck waive --landed`: accept old debt by name, so that whatever is new stands out."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from msgspec.structs import replace

from migcheck.commands.files import read_text, replace_text
from migcheck.commands.options import Options
from migcheck.commands.project import open_project, plan_work
from migcheck.commands.verify import EXIT_CODES
from migcheck.config.config import WaiverConfig
from migcheck.config.text import table_of
from migcheck.debt import Terms
from migcheck.drizzle.config_file import is_config_name
from migcheck.errors import UsageError
from migcheck.facts.configuration.loaded_config import written_in
from migcheck.project import Project
from migcheck.report.emit import emit, look_of, progress
from migcheck.report.run import Run
from migcheck.report.waive import Waived, render_waived
from migcheck.settle import settle
from migcheck.verdict import worst
from migcheck.waiver_text import add_waivers
from migcheck.wording import is_unwritten

_A_YEAR = timedelta(days=365)


def run(options: Options) -> int:
    """Write a waiver for what blocks and base has already; the exit code is that of `verify` with the waivers."""
    terms = _terms(options)
    project = open_project(options)
    where = _where(options, project)
    questions = [(each.folder, each.asked) for each in plan_work(options, project)]
    with progress() as tell:
        settled = settle(project, questions, terms, tell)
    if settled.waivers and not options.dry_run:
        _write(project, where, _as_written(where, settled.waivers))
    waived = Waived(where, _as_written(where, settled.waivers), settled.kept, written=not options.dry_run)
    report = Run(settled.verdicts, notes=project.loaded.notes)
    emit(render_waived(waived, report, look_of(None)), None)
    return EXIT_CODES[worst(settled.verdicts)]


def _terms(options: Options) -> Terms:
    today = datetime.now(tz=UTC).date()
    if not options.landed:
        raise UsageError(
            "nothing is waived without --landed",
            "`migcheck waive --landed` accepts what blocks today and base has already; with --dry-run it only shows it",
        )
    if options.reason is not None and (fault := _fault_of(options.reason)):
        raise UsageError(f"--reason {fault}", "say why the findings are accepted, or leave it out")
    until = today + _A_YEAR if options.until is None else _day(options.until)
    if until < today:
        raise UsageError(f"--until {until} is over", "name a day to come")
    return Terms(options.reason, until, today)


def _fault_of(reason: str) -> str:
    if not reason.strip():
        return "says nothing"
    if is_unwritten(reason):
        return "still ends with dots"
    return "" if reason.encode(errors="ignore").decode() == reason else "is no text in UTF-8"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--until {text} is no day", "write it as YYYY-MM-DD") from error


def _where(options: Options, project: Project) -> str:
    """The configuration to write to, from the root: the one that was read, else a new one."""
    if options.config is not None and is_config_name(options.config.replace("\\", "/").rpartition("/")[2]):
        raise UsageError(f"--config {options.config} holds no waivers", "leave it out, and name the FOLDER instead")
    return project.loaded.file_for(project.config.folder[0].path)


def _as_written(where: str, waivers: Sequence[WaiverConfig]) -> tuple[WaiverConfig, ...]:
    """`waivers` as the file at `where` says them: what is relative to the root is relative to that file there."""
    return tuple(replace(each, folder=written_in(where, each.folder)) if each.folder else each for each in waivers)


def _write(project: Project, where: str, waivers: Sequence[WaiverConfig]) -> None:
    before = read_text(project.root, where) or ""
    replace_text(project.root, where, add_waivers(before, where, table_of(where), waivers))
