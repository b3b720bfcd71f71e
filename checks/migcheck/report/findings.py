"""Findings for people: grouped by rule, what blocks first, old debt folded away."""

from collections.abc import Sequence

from msgspec import Struct

from migcheck.finding import Finding, Severity
from migcheck.report.page import Page
from migcheck.wording import first_of

# How many places of one rule are shown before the rest is only counted.
_SHOWN_ERRORS = 10
_SHOWN_WARNINGS = 3
_EVIDENCE_LINES = 12


class _Group(Struct, frozen=True):
    code: str
    rule: str
    severity: Severity
    waived: str | None


def write_findings(page: Page, findings: Sequence[Finding], *, verbose: bool) -> None:
    """Write every group: errors, then warnings, then what is waived; within them in the order that they come in."""
    groups: dict[_Group, list[Finding]] = {}
    for each in findings:
        groups.setdefault(_Group(each.code, each.rule, each.severity, each.waived), []).append(each)
    for group in sorted(groups, key=lambda each: (each.waived is not None, each.severity is Severity.WARNING)):
        page.gap()
        _write_group(page, group, groups[group], verbose=verbose)


def write_old_debt(page: Page, findings: Sequence[Finding]) -> None:
    """Write what landed and is to be left as it is: of each rule a line with how many there are, and where."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for each in findings:
        groups.setdefault((each.code, each.rule), []).append(each)
    if groups:
        page.gap()
        page.text("old debt, to be left as it is: --verbose shows it in full", style="quiet")
    for (code, rule), found in groups.items():
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        page.line("  ", (code, "strong"), f" {rule}  ", (str(found[0].at), "place"), (more, "quiet"))


def _write_group(page: Page, group: _Group, findings: Sequence[Finding], *, verbose: bool) -> None:
    style = "quiet" if group.waived is not None else group.severity.value
    word = f"waived {group.severity.value}" if group.waived is not None else group.severity.value
    places = "" if len(findings) == 1 else f"  {len(findings)} places"
    page.line((word, style), " ", (group.code, "strong"), f" {group.rule}", (places, "quiet"))
    shown = len(findings) if verbose else _SHOWN_ERRORS if group.severity is Severity.ERROR else _SHOWN_WARNINGS
    fixes = list(dict.fromkeys(finding.fix for finding in findings[:shown]))
    shared = _shared(findings[:shown])
    for finding in findings[:shown]:
        _write_place(page, finding, verbose=verbose)
        if len(fixes) > 1 and group.waived is None:
            own = finding.fix.partition("\n")[0] if shared else finding.fix
            page.text(own, indent=4, lead="fix: ", style="passed")
    if len(findings) > shown:
        page.text(f"and {len(findings) - shown} more like these: --verbose shows all", indent=2, style="quiet")
    if group.waived is not None:
        page.text(group.waived, indent=2, lead="waived: ", style="quiet")
    elif len(fixes) == 1:
        page.text(fixes[0], indent=2, lead="fix: ", style="passed")
    elif shared:
        page.text(shared, indent=2, style="passed")


def _shared(findings: Sequence[Finding]) -> str:
    """What the fixes say after their first line, where that differs in what a waiver of each names alone."""
    rests = dict.fromkeys(each.fix.partition("\n")[2] for each in findings)
    if len(rests) > 1:
        rests = dict.fromkeys(map(_of_no_one, findings))
    return next(iter(rests)) if len(rests) == 1 else ""


def _of_no_one(finding: Finding) -> str:
    named, word = (finding.at.path, "PATH") if finding.migration is None else (finding.migration, "MIGRATION")
    return finding.fix.partition("\n")[2].replace(named, word)


def _write_place(page: Page, finding: Finding, *, verbose: bool) -> None:
    page.line("  ", (str(finding.at), "place"))
    page.text(finding.message, indent=4)
    lines = finding.evidence.splitlines()
    page.quote("\n".join(lines if verbose else first_of(lines, _EVIDENCE_LINES, rest="more lines")), indent=4)
