"""How the new migrations went on tables with rows, for people."""

from collections.abc import Sequence

from migcheck.facts.sql.refused_rows import unsaid
from migcheck.facts.sql.rows import Found, Own, RowFault, Rows
from migcheck.finding import Finding
from migcheck.postgres.filling.filled import Filled
from migcheck.report.page import Page
from migcheck.verdict import Verdict
from migcheck.wording import counted, listed

TOLD_BY = frozenset({"MC305", "MC306", "MC312"})
"""The rules that say more of what failed."""
_WIDTH = 24


def write_rows(page: Page, rows: Rows | None, verdict: Verdict, *, verbose: bool) -> None:
    """Write a row for the project's own and one for those that were made up, and what was in which table.

    The `verdict` says what has become of what failed.
    """
    if rows is None or not (rows.filled or rows.ended or rows.own):
        return
    told = [each for each in verdict.findings if each.code in TOLD_BY]
    if rows.own is not None:
        _write_own(page, rows.own, told, verdict, verbose=verbose)
    _write_outcome(page, rows.faults, rows.ended, told, f"{rows.ms:>7} ms")
    _write_filled(page, rows.filled, "rows made up", verbose=verbose)
    _write_faults(page, rows.faults, told, verdict)
    if rows.ended:
        page.text(rows.ended, indent=12, lead="not all of it: ", style="quiet")
    _write_unanswered(page, rows, verdict)


def _write_unanswered(page: Page, rows: Rows, verdict: Verdict) -> None:
    """What the target was to be asked beside the faults, and said nothing to, by why."""
    if rows.unasked:
        page.text(rows.unasked, indent=12, lead="not all that the target could be asked: ", style="warning")
    for what, reason in unsaid(rows.questions, verdict.answers):
        page.text(reason, indent=12, lead=f"{what}: ", style="warning")


def _write_own(page: Page, own: Own, told: Sequence[Finding], verdict: Verdict, *, verbose: bool) -> None:
    if own.unsown is not None:
        page.text(f"those of {own.path} were refused", indent=2, lead="rows      ", style="warning")
        return
    _write_outcome(page, own.faults, own.ended, told, "")
    _write_filled(page, own.filled, f"rows of {own.path}", verbose=verbose)
    _write_faults(page, own.faults, told, verdict)
    if own.ended:
        page.text(own.ended, indent=12, lead="not all of it: ", style="quiet")


def _write_outcome(page: Page, faults: Sequence[RowFault], ended: str, told: Sequence[Finding], ms: str) -> None:
    blocks = any(each.blocks and each.at in {fault.at for fault in faults} for each in told)
    style = "passed" if not (faults or ended) else "error" if blocks else "warning"
    outcome = f"failed at {counted(len(faults), 'place')}" if faults else "not done" if ended else "passed"
    page.line("  rows      ", (f"{outcome:<{_WIDTH}}", style), (ms, "quiet"))


def _write_filled(page: Page, filled: Sequence[Filled], whose: str, *, verbose: bool) -> None:
    names = [f"{each.table} {each.rows}" for each in filled if each.rows]
    if names:
        page.text(", ".join(names) if verbose else listed(names), indent=12, lead=f"{whose}: ", style="quiet")
    for each in filled:
        if not each.rows:
            page.text(f"{each.table}: {each.lacks}", indent=12, lead="without rows: ", style="quiet")


def _write_faults(page: Page, faults: Sequence[RowFault], told: Sequence[Finding], verdict: Verdict) -> None:
    """What failed and is no finding, and why it is none."""
    places = {each.at for each in told}
    # It is told of a table that has no row just now as well.
    required = {each.at for each in told if each.code == "MC305"}
    for fault in faults:
        if fault.table in verdict.vacant and fault.at not in places:
            page.text(f"{fault.at}", indent=12, lead="the target's table has no row: ", style="quiet")
        elif verdict.answers.get(fault.select) == Found(0) and fault.at not in required:
            page.text(f"{fault.at}", indent=12, lead="the target has no such rows: ", style="quiet")
        elif fault.at not in places:
            page.text(fault.told, indent=12, lead=f"{fault.at}: ", style="quiet")
