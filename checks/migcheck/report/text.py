"""The report for people: what was asked of what, what each gate said, what is wrong, and what to do next."""

from migcheck import __version__
from migcheck.facts.history.history import Base, NothingLanded
from migcheck.finding import Finding
from migcheck.report.deploy import write_deploy, write_deploy_summary
from migcheck.report.findings import write_findings, write_old_debt
from migcheck.report.gates import write_gates
from migcheck.report.page import PLAIN, Look, Page
from migcheck.report.rehearsals import write_rehearsal
from migcheck.report.run import Run
from migcheck.report.sizes import write_sizes
from migcheck.report.summary import write_summary
from migcheck.verdict import Verdict
from migcheck.wording import counted

_SHOWN_DIGITS = 12
_SQL = ".sql"


def render_text(run: Run, look: Look = PLAIN, *, verbose: bool = False) -> str:
    """Write the report on every folder of a run. `verbose` shows every finding in full."""
    page = Page(look)
    for note in run.notes:
        page.text(note, style="quiet")
    for verdict in run.verdicts:
        page.gap()
        _write_folder(page, verdict, None if verbose else run.commits, verbose=verbose)
    for deploy in run.deploys:
        write_deploy(page, deploy)
    page.gap()
    if not run.deploys:
        write_summary(page, run)
    for deploy in run.deploys:
        write_deploy_summary(page, deploy)
    return page.render()


def brings_nothing(run: Run, commits: frozenset[str]) -> bool:
    """Whether a commit of these files has nothing to be told: no migration is new, and no finding is of its files."""
    return all(
        each.new == () and not any(_concerns(finding, commits, each) for finding in each.findings)
        for each in run.verdicts
    )


def _write_folder(page: Page, verdict: Verdict, commits: frozenset[str] | None, *, verbose: bool) -> None:
    _write_head(page, verdict)
    page.gap()
    write_gates(page, verdict.gates, verbose=verbose)
    if verdict.rehearsal is not None:
        page.gap()
        write_rehearsal(page, verdict, verdict.rehearsal, verbose=verbose)
    if verdict.sizes is not None:
        page.gap()
        write_sizes(page, verdict.sizes, verdict.rehearsal.request.runs_outside() if verdict.rehearsal else ())
    shown = [each for each in verdict.foremost if commits is None or _concerns(each, commits, verdict)]
    old = frozenset() if verbose else frozenset(verdict.old_debt)
    write_findings(page, [each for each in shown if each not in old], verbose=verbose)
    write_old_debt(page, [each for each in shown if each in old])
    if aside := len(verdict.findings) - len(shown):
        page.gap()
        told, them = counted(aside, "finding"), "them" if aside > 1 else "it"
        page.text(
            f"{told} of what this commit does not change: `migcheck verify --offline` shows {them}", style="quiet"
        )


def _concerns(finding: Finding, commits: frozenset[str], verdict: Verdict) -> bool:
    """Whether it blocks, or is of a file that the commit changes: of the journal, what is new there."""
    if finding.blocks or finding.at.path not in commits:
        return finding.blocks
    new = None if verdict.new is None else {each.tag for each in verdict.new}
    of_all = new is None or finding.migration is None or finding.migration in new
    return of_all or finding.at.path.endswith(_SQL)


def _write_head(page: Page, verdict: Verdict) -> None:
    migrations = counted(verdict.folder.count, "migration")
    page.line((f"migcheck {__version__}", "strong"), "  ", (verdict.folder.path, "place"), f"  {migrations}")
    match verdict.base:
        case Base(revision=revision, why=why, last=last):
            # On the branch that it landed on, nobody takes it for new.
            new = f": what {last} brought is judged as new" if last and verdict.new else ""
            page.text(f"{revision[:_SHOWN_DIGITS]}, {why}{new}\n{verdict.doubt}".rstrip(), lead="base  ")
        case NothingLanded(why=why):
            page.text(f"none, {why}", lead="base  ")
        case None:
            page.text("unknown", lead="base  ")
    if verdict.ledger_file:
        page.text(f"{verdict.ledger_file}, which stands for the target", lead="ledger  ")
    if verdict.target is not None and verdict.target.way:
        page.text(f"{verdict.target.name}, {verdict.target.way}", lead="target  ")
    if verdict.judge_changes:
        page.line(("this change alters how it is judged:", "warning"))
    for change in verdict.judge_changes:
        page.text(change, indent=2, lead="! ", style="warning")
