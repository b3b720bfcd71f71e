"""What `migcheck waive` did, behind the report with the waivers: people look at the end."""

from collections.abc import Sequence

from msgspec import Struct

from migcheck.config.config import WaiverConfig
from migcheck.debt import Kept
from migcheck.report.page import Look, Page
from migcheck.report.run import Run
from migcheck.report.text import render_text
from migcheck.verdict import Undecided
from migcheck.wording import counted


class Waived(Struct, frozen=True):
    """The waivers that were added to the configuration `path`, or where not `written` would be, and what was not."""

    path: str
    waivers: Sequence[WaiverConfig]
    kept: Sequence[Kept]
    written: bool


def render_waived(waived: Waived, run: Run, look: Look) -> str:
    """Write the report as it is with the waivers, then what was waived and what was not, and last what came of it."""
    page = Page(look)
    if waived.waivers:
        page.text("waived:" if waived.written else "would be waived:", style="strong")
    for each in waived.waivers:
        where = f" in {each.folder}" if each.folder else ""
        page.text(f"{each.migration}{where}, until {each.until}: {each.reason}", indent=2, lead=f"{each.code} ")
    if waived.kept:
        page.gap()
        page.text(f"not waived: {counted(len(waived.kept), 'finding')}", style="strong")
    for kept in waived.kept:
        finding = kept.finding
        page.text(f"{finding.migration or finding.at.path}: {kept.why}", indent=2, lead=f"{finding.code} ")
    if undecided := _undecided(run):
        page.gap()
        page.text(f"no waiver helps what is undecided ({', '.join(undecided)}): what does stands above", style="strong")
    page.gap()
    page.text(_headline(waived), style="strong")
    return f"{render_text(run, look)}\n{page.render()}"


def _undecided(run: Run) -> list[str]:
    gates = (each for verdict in run.verdicts for each in verdict.gates)
    return list(dict.fromkeys(each.name for each in gates if isinstance(each.outcome, Undecided)))


def _headline(waived: Waived) -> str:
    count = counted(len(waived.waivers), "waiver")
    if not waived.waivers:
        return f"nothing was added to {waived.path}{'' if waived.kept else ': no finding blocks'}"
    return f"{count} {'added' if waived.written else 'would be added'} to {waived.path}"
