"""The table of gates: outcome, time and, where a gate did not judge, why."""

from collections.abc import Sequence
from typing import assert_never

from migcheck.finding import Finding, Severity
from migcheck.report.page import Page
from migcheck.verdict import GateResult, Judged, Skipped, Undecided
from migcheck.wording import counted, first_of

_SHOWN = 2


def write_gates(page: Page, gates: Sequence[GateResult], *, verbose: bool) -> None:
    """Write one row a gate, in order; `verbose`, what it saw and found nothing wrong with, too."""
    for gate in gates:
        match gate.outcome:
            case Judged(findings=findings, unread=unread, remarks=remarks):
                words, style = findings_counted(findings), _style(findings)
                page.line(f"  {gate.name:<9} ", (f"{words:<24}", style), (f"{gate.ms:>7} ms", "quiet"))
                if unread:
                    page.text("; ".join(first_of(unread, _SHOWN)), indent=12, lead="not read: ", style="quiet")
                for each in remarks if verbose else ():
                    page.text(each, indent=12, lead="seen: ", style="quiet")
            case Skipped(reason=reason):
                page.text(reason, indent=2, lead=f"{gate.name:<9} skipped: ", style="quiet")
            case Undecided(cause=cause, remedy=remedy):
                page.line(f"  {gate.name:<9} ", (f"{'undecided':<24}", "undecided"), (f"{gate.ms:>7} ms", "quiet"))
                page.text(cause, indent=12)
                if remedy:
                    page.text(remedy, indent=12, lead="remedy: ", style="passed")
            case _:
                assert_never(gate.outcome)


def findings_counted(findings: Sequence[Finding]) -> str:
    """`clear`, or how many errors, warnings and waived findings there are."""
    open_ones = [each for each in findings if each.waived is None]
    errors = sum(each.severity is Severity.ERROR for each in open_ones)
    warnings = len(open_ones) - errors
    waived = len(findings) - len(open_ones)
    parts = [_plural(errors, "error"), _plural(warnings, "warning"), f"{waived} waived" if waived else ""]
    return ", ".join(part for part in parts if part) or "clear"


def _plural(count: int, word: str) -> str:
    return counted(count, word) if count else ""


def _style(findings: Sequence[Finding]) -> str:
    if any(each.blocks for each in findings):
        return "error"
    return "warning" if any(each.waived is None for each in findings) else "passed"
