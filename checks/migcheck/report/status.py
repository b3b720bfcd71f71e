"""The status table: what is applied, due, skipped or edited on one ledger, for people and for machines."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from migcheck import __version__
from migcheck.drizzle.folder import Folder
from migcheck.drizzle.ledger import Ledger
from migcheck.drizzle.standing import Standing, Standings, State, Stray, StrayRow
from migcheck.facts.ledger_file import LedgerDocument, write_ledger
from migcheck.finding import Finding
from migcheck.report.document import Clean, Document, FindingReport, as_json
from migcheck.report.findings import write_findings
from migcheck.report.json import finding_report
from migcheck.report.page import Page
from migcheck.wording import counted

_STYLES = {State.APPLIED: "passed", State.PENDING: "strong", State.SKIPPED: "error", State.EDITED: "error"}
# A row of the past that nothing depends on any more.
_HARMLESS = frozenset({Stray.AHEAD, Stray.REMOVED, Stray.BASELINE})
_HASH_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What Drizzle cannot get past. It reads all of the folder first, so what is due and what is lost is not known."""

    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class FolderStatus:
    """One folder and the ledger it stands on. `target` is a name for people, without a secret."""

    target: str
    folder: Folder
    ledger: Ledger
    standings: Standings | Unreadable

    @property
    def migrations(self) -> tuple[Standing, ...]:
        """Every migration; none of a folder that Drizzle cannot read."""
        return () if isinstance(self.standings, Unreadable) else self.standings.migrations

    @property
    def strays(self) -> tuple[StrayRow, ...]:
        """The rows that belong to no migration; none where the migrations are not known."""
        return () if isinstance(self.standings, Unreadable) else self.standings.strays

    @property
    def run_again(self) -> int:
        """How many migrations have a row and would be run all the same."""
        return 0 if isinstance(self.standings, Unreadable) else len(self.standings.run_again)

    @property
    def faults(self) -> tuple[Finding, ...]:
        """Why Drizzle cannot read the folder; none where it can."""
        return self.standings.findings if isinstance(self.standings, Unreadable) else ()

    @property
    def sound(self) -> bool:
        """Whether Drizzle can read the folder, every migration is applied or due, and every row is known."""
        lost = any(each.state in {State.SKIPPED, State.EDITED} for each in self.migrations)
        strange = any(each.kind not in _HARMLESS for each in self.strays)
        return not (self.faults or lost or strange or self.run_again)


def render_status(found: Sequence[FolderStatus], *, width: int, colour: bool) -> str:
    """Write the tables of all folders, and one last line that says how they stand."""
    page = Page(width)
    for each in found:
        page.gap()
        _write_folder(page, each)
    page.gap()
    page.line(_summary(found))
    return page.render(colour=colour)


def _write_folder(page: Page, status: FolderStatus) -> None:
    page.line((f"migcheck {__version__}", "strong"), "  ", (status.folder.path, "place"), f"  on {status.target}")
    # A name with a slip of the pen is never there: "0 rows" would hide it.
    held = counted(len(status.ledger.rows), "row") if status.ledger.exists else "not there yet"
    page.line(f"ledger  {status.ledger.name}, {held}")
    write_findings(page, status.faults, verbose=True)
    page.gap()
    longest = max((len(each.migration.tag) for each in status.migrations), default=0)
    for each in status.migrations:
        note = f"  {each.note}" if each.note else ""
        page.line(f"  {each.migration.tag:<{longest}}  ", (each.state.value, _STYLES[each.state]), (note, "quiet"))
    if status.strays:
        page.gap()
        page.line(("rows that belong to no migration of the folder", "warning"))
    for stray in status.strays:
        tag = f"  {stray.tag}" if stray.tag else ""
        style = "quiet" if stray.kind in _HARMLESS else "error"
        shown = f"  row {stray.row.id}  created_at {stray.row.created_at}  hash {stray.row.hash[:_HASH_SHOWN]}  "
        page.line(shown, (stray.kind.value, style), tag)


def _summary(found: Sequence[FolderStatus]) -> str:
    states = Counter(each.state.value for status in found for each in status.migrations)
    strays = Counter(each.kind.value for status in found for each in status.strays)
    counts = [f"{states[state]} {state}" for state in State if states[state]]
    rows = [f"{counted(strays[kind], 'row')} {kind}" for kind in Stray if strays[kind]]
    again = sum(status.run_again for status in found)
    repeats = [f"Drizzle would run {again} of them again"] if again else []
    unread = [_unread(status) for status in found if status.faults]
    told = ", ".join([*counts, *rows, *repeats, *unread]) or "nothing to apply"
    if not all(each.sound for each in found):
        return f"{told}. Next: migcheck verify, which tells what to fix"
    return f"{told}. Next: migcheck apply" if states[State.PENDING] else told


def _unread(status: FolderStatus) -> str:
    codes = ", ".join(sorted({each.code for each in status.faults}))
    return f"Drizzle cannot read {status.folder.path} ({codes})"


class MigrationStatus(Document):
    """One migration. `row` is the id of the ledger's row that speaks for it; `when` is ms since 1970."""

    tag: Clean
    when: int
    hash: str
    state: State
    row: int | None
    note: Clean


class StrayStatus(Document):
    """One row that belongs to no migration; `tag` is what some revision called it."""

    row: int
    kind: Stray
    tag: Clean


class FolderStatusReport(Document):
    """One folder on its ledger. `sound`: Drizzle would do what the folder says.

    `findings` say why Drizzle cannot read the folder. Where there are any, `migrations` and `strays` are not known and
    empty.
    """

    path: Clean
    target: Clean
    sound: bool
    findings: tuple[FindingReport, ...] = ()
    migrations: tuple[MigrationStatus, ...]
    strays: tuple[StrayStatus, ...]
    ledger: LedgerDocument


class StatusReport(Document):
    """The whole run; `--ledger` reads it back."""

    version: Literal[1] = Field(default=1, description="The version of this format.")
    migcheck: str
    folders: tuple[FolderStatusReport, ...]


def render_status_json(found: Sequence[FolderStatus]) -> str:
    """Write the status as one JSON document that ends with a newline."""
    report = StatusReport(migcheck=__version__, folders=tuple(_folder(each) for each in found))
    return as_json(report)


def _folder(status: FolderStatus) -> FolderStatusReport:
    return FolderStatusReport(
        path=status.folder.path,
        target=status.target,
        sound=status.sound,
        findings=tuple(finding_report(status.folder.path, each) for each in status.faults),
        migrations=tuple(_migration(each) for each in status.migrations),
        strays=tuple(_stray(each) for each in status.strays),
        ledger=write_ledger(status.ledger),
    )


def _migration(standing: Standing) -> MigrationStatus:
    each = standing.migration
    row = None if standing.row is None else standing.row.id
    return MigrationStatus(
        tag=each.tag, when=each.when, hash=each.hash, state=standing.state, row=row, note=standing.note
    )


def _stray(stray: StrayRow) -> StrayStatus:
    return StrayStatus(row=stray.row.id, kind=stray.kind, tag=stray.tag)
