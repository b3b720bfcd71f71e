"""How the new migrations went on tables with rows, for people."""

from collections.abc import Sequence

from migcheck.facts.rows import Rows
from migcheck.report.page import Page
from migcheck.wording import counted, listed

TOLD_BY = frozenset({"MC305", "MC306", "MC312"})
"""The rules that say more of what failed."""
_WIDTH = 24


def write_rows(page: Page, rows: Rows | None, *, blocks: bool, verbose: bool) -> None:
    """Write a row, and what was in which table. `blocks`: something of it is a finding that does."""
    if rows is None or not (rows.filled or rows.ended):
        return
    style = "passed" if not (rows.faults or rows.ended) else "error" if blocks else "warning"
    page.line("  rows      ", (f"{_outcome(rows):<{_WIDTH}}", style), (f"{rows.ms:>7} ms", "quiet"))
    filled = [f"{each.table} {each.rows}" for each in rows.filled if each.rows]
    if filled:
        page.text(_all(filled, verbose=verbose), indent=12, lead=f"{_whose(rows)}: ", style="quiet")
    for each in rows.filled:
        if not each.rows:
            page.text(f"{each.table}: {each.lacks}", indent=12, lead="without rows: ", style="quiet")
    if rows.unsown:
        page.text(rows.unsown, indent=12, lead="made up, for the seed was refused: ", style="quiet")
    if rows.ended:
        page.text(rows.ended, indent=12, lead="not all of it: ", style="quiet")


def _outcome(rows: Rows) -> str:
    if rows.faults:
        return f"failed at {counted(len(rows.faults), 'place')}"
    return "not done" if rows.ended else "passed"


def _whose(rows: Rows) -> str:
    return f"rows of {rows.seed}" if rows.seed else "rows made up"


def _all(names: Sequence[str], *, verbose: bool) -> str:
    return ", ".join(names) if verbose else listed(names)
