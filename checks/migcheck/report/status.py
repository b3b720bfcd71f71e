"""The status table: what is applied, due, skipped or edited on one ledger."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

from msgspec import Struct

from migcheck import __version__
from migcheck.drizzle.folder import Folder
from migcheck.drizzle.ledger import Ledger
from migcheck.drizzle.standing import Standing, Standings, State, Stray, StrayRow
from migcheck.finding import Finding
from migcheck.report.findings import write_findings
from migcheck.report.page import Look, Page
from migcheck.wording import counted

_STYLES = {State.APPLIED: "passed", State.PENDING: "strong", State.SKIPPED: "error", State.EDITED: "error"}
# A row of the past that nothing depends on any more.
_HARMLESS = frozenset({Stray.AHEAD, Stray.REMOVED, Stray.BASELINE})
# A row of which is one of the past only until the migration is missed.
DELETED = "MC202"
_HASH_SHOWN = 12
# How many migrations or rows of which there is nothing to say are shown before the rest is only counted.
_SHOWN_ALIKE = 10
Row = TypeVar("Row")


class Unreadable(Struct, frozen=True):
    """What Drizzle cannot get past. It reads all of the folder first, so what is due and what is lost is not known."""

    findings: tuple[Finding, ...]


class FolderStatus(Struct, frozen=True):
    """One folder and the ledger it stands on. `target` is a name for people, without a secret.

    `tables` is how many the target has beside the ledger; 0 where a file stands for it. `reached` says how it was
    reached, empty for plain TCP. `warnings` are of what stands on it besides. `codes` of what keeps what is due from
    being deployed, as far as files and git tell, and of what the change deleted though a row has it.
    `recorded_elsewhere`: another ledger has rows of the folder that this one lacks.
    """

    target: str
    folder: Folder
    ledger: Ledger
    standings: Standings | Unreadable
    tables: int = 0
    reached: str = ""
    warnings: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    recorded_elsewhere: bool = False

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
    def restarted_behind(self) -> bool:
        """Whether the first migration, of a folder that was restarted, would run over a part of what it stands for."""
        return not isinstance(self.standings, Unreadable) and self.standings.restarted_behind

    @property
    def faults(self) -> tuple[Finding, ...]:
        """Why Drizzle cannot read the folder; none where it can."""
        return self.standings.findings if isinstance(self.standings, Unreadable) else ()

    @property
    def sound(self) -> bool:
        """Whether Drizzle can read the folder, each migration is applied or can be, and each row is known and stays."""
        lost = any(each.state in {State.SKIPPED, State.EDITED} for each in self.migrations)
        # What is due is rehearsed on what every row did; where nothing is due, nobody has to build what is ahead.
        due = any(each.state is State.PENDING for each in self.migrations)
        strange = any(
            each.kind not in _HARMLESS or (due and each.kind is Stray.AHEAD and not each.tag) for each in self.strays
        )
        return not (self.faults or lost or strange or DELETED in self.codes or self.run_again or self.restarted_behind)


class Steps(Struct, frozen=True):
    """What may come next, as it is typed. `waiving`: somebody accepted findings, which only `verify` looks at."""

    verify: str
    apply: str
    waiving: bool = False


def render_status(found: Sequence[FolderStatus], steps: Steps, look: Look, *, verbose: bool) -> str:
    """Write the tables of all folders, and one last line that says how they stand. `verbose` leaves out nothing."""
    page = Page(look)
    for each in found:
        page.gap()
        _write_folder(page, each, verbose=verbose)
    page.gap()
    page.last(_summary(found, steps))
    return page.render()


def _write_folder(page: Page, status: FolderStatus, *, verbose: bool) -> None:
    page.line((f"migcheck {__version__}", "strong"), "  ", (status.folder.path, "place"), f"  on {status.target}")
    if status.reached:
        page.text(f"{status.target}, {status.reached}", lead="target  ")
    # A name with a slip of the pen is never there: "0 rows" would hide it.
    held = counted(len(status.ledger.rows), "row") if status.ledger.exists else "not there yet"
    page.line(f"ledger  {status.ledger.name}, {held}")
    write_findings(page, status.faults, verbose=True)
    page.gap()
    _write_migrations(page, status.migrations, verbose=verbose)
    if status.strays:
        page.gap()
        page.line(("rows that belong to no migration of the folder", "warning"))
        _write_strays(page, status.strays, verbose=verbose)
    if status.warnings:
        page.gap()
    for warning in status.warnings:
        page.text(warning, lead="warning: ", style="warning")


def _write_migrations(page: Page, migrations: Sequence[Standing], *, verbose: bool) -> None:
    """One row each; of those that are applied alike, the newest."""
    shown, gap = (migrations, 0) if verbose else _newest(migrations, _applied_alike)
    longest = max((len(each.migration.tag) for each in shown), default=0)
    for at, each in enumerate(shown):
        if at == gap:
            _write_rest(page, len(migrations) - len(shown), "that are applied")
        note = f"  {each.note}" if each.note else ""
        page.line(f"  {each.migration.tag:<{longest}}  ", (each.state.value, _STYLES[each.state]), (note, "quiet"))


def _applied_alike(standing: Standing) -> str | None:
    return standing.note if standing.state is State.APPLIED else None


def _write_strays(page: Page, strays: Sequence[StrayRow], *, verbose: bool) -> None:
    """One row each; of the harmless ones of a kind, the newest."""
    shown, gap = (strays, 0) if verbose else _newest(strays, _harmless_alike)
    for at, each in enumerate(shown):
        if at == gap:
            _write_rest(page, len(strays) - len(shown), "like these")
        when = "NULL" if each.row.created_at is None else each.row.created_at
        told = f"created_at {when}  hash {each.row.hash[:_HASH_SHOWN]}  {each.kind}  {each.tag}"
        style = "quiet" if each.kind in _HARMLESS else "error"
        page.text(told.rstrip(), indent=2, lead=f"row {each.row.id}  ", style=style)


def _harmless_alike(stray: StrayRow) -> str | None:
    return stray.kind if stray.kind in _HARMLESS else None


def _newest(rows: Sequence[Row], alike: Callable[[Row], str | None]) -> tuple[list[Row], int]:
    """Of those for which `alike` says the same, the last few; of those for which it says None, all. In their order.

    With them, before which of them the newest that was left out would be.
    """
    seen: Counter[str] = Counter()
    shown: list[Row] = []
    later = 0
    for each in reversed(rows):
        group = alike(each)
        if group is not None:
            seen[group] += 1
        if group is None or seen[group] <= _SHOWN_ALIKE:
            shown.append(each)
        else:
            later = later or len(shown)
    return shown[::-1], len(shown) - later


def _write_rest(page: Page, count: int, what: str) -> None:
    if count:
        page.text(f"{count} more {what}: --verbose shows all", indent=2, style="quiet")


def _summary(found: Sequence[FolderStatus], steps: Steps) -> str:
    states = Counter(each.state.value for status in found for each in status.migrations)
    strays = Counter(each.kind.value for status in found for each in status.strays)
    counts = [f"{states[state]} {state}" for state in State if states[state]]
    rows = [f"{counted(strays[kind], 'row')} {kind}" for kind in Stray if strays[kind]]
    again = sum(status.run_again for status in found)
    repeats = [f"Drizzle would run {again} of them again"] if again else []
    behind = [_behind(status) for status in found if status.restarted_behind]
    unread = [_unread(status) for status in found if status.faults]
    told = ", ".join([*counts, *rows, *repeats, *behind, *unread]) or "nothing to apply"
    if not all(each.sound for each in found):
        of_what = " of what is not waived" if steps.waiving else ""
        deleted = f" ({DELETED})" if any(DELETED in each.codes for each in found) else ""
        return f"{told}. Next: {steps.verify}, which tells what to fix{of_what}{deleted}"
    if pushed := [each for each in found if each.tables and not each.ledger.rows and each.migrations]:
        tables = counted(sum(each.tables for each in pushed), "table")
        elsewhere = any(each.recorded_elsewhere for each in pushed)
        what = "what to do with the rows of another (MC514)" if elsewhere else "whether they are in the way (MC513)"
        told = f"{told}, on a database that has {tables} and no row of the ledger"
        return f"{told}. Next: {steps.verify}, which tells {what}"
    if codes := sorted({code for each in found for code in each.codes}):
        return f"{told}. Next: {steps.verify}, which tells what to fix ({', '.join(codes)})"
    return f"{told}. Next: {steps.apply}" if states[State.PENDING] else told


def _behind(status: FolderStatus) -> str:
    return f"{status.folder.migrations[0].tag} would run over a part of what it stands for (MC511)"


def _unread(status: FolderStatus) -> str:
    codes = ", ".join(sorted({each.code for each in status.faults}))
    return f"Drizzle cannot read {status.folder.path} ({codes})"
