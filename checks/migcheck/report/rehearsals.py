"""The rehearsals: on which server, how it was confined, how each way went, and what can run twice."""

from collections.abc import Sequence
from typing import assert_never

from migcheck.facts.rehearsal import (
    Differs,
    Failed,
    NotRepeatable,
    NotRun,
    NotTried,
    Passed,
    Rehearsal,
    Request,
    Rerun,
    Way,
    WayOutcome,
)
from migcheck.finding import Location
from migcheck.postgres.scratch.contract import ServerDescription
from migcheck.report.page import Page
from migcheck.report.rollback_proofs import write_rollbacks
from migcheck.report.rows import write_rows
from migcheck.verdict import Verdict
from migcheck.wording import counted, first_of, listed

# The rules that judge how a way went, and whose findings show what differs wherever that is a fault of its own.
_JUDGED_BY = {
    Way.FRESH: frozenset({"MC401", "MC402"}),
    Way.AGAIN: frozenset({"MC401", "MC403"}),
    Way.UPGRADE: frozenset({"MC401"}),
    Way.SAME: frozenset({"MC404"}),
}
_REQUIRED_BY = "MC405"
_SHOWN = 5


def write_rehearsal(page: Page, verdict: Verdict, rehearsal: Rehearsal, *, verbose: bool) -> None:
    """Write the server, one row a way, and how many reruns went through; `verbose` tells where the others did not."""
    told = frozenset(finding.code for finding in verdict.findings)
    server = rehearsal.server
    if server is None:
        page.text("nothing to replay, so no scratch server was started", style="quiet")
        return
    page.text(f"{server_version(server)}, {server.kind} ({server.origin})", lead="rehearsed on ")
    if rehearsal.request.copy is not None:
        page.text(str(rehearsal.request.copy), indent=2, lead="starts from: ")
        if rehearsal.left_out:
            page.text(listed([str(each) for each in rehearsal.left_out]), indent=2, lead="without its: ", style="quiet")
    page.text(server.confinement, indent=2, lead="confined: ", style="quiet")
    for each in rehearsal.passed_over:
        page.text(each, indent=2, lead="passed over: ", style="quiet")
    blocking = frozenset(finding.code for finding in verdict.findings if finding.blocks)
    for way in rehearsal.ways:
        # Red is what blocks.
        _write_way(page, way, "error" if blocking & _JUDGED_BY[way.way] else "warning")
        if isinstance(way, Differs) and not told & _JUDGED_BY[way.way]:
            _write_lines(page, way.lines, verbose=verbose)
            _write_cause(page, rehearsal.request)
    if outside := rehearsal.request.runs_outside():
        runs = f"{listed(outside)} {'runs' if len(outside) == 1 else 'run'} outside of a transaction"
        page.text(f"{runs}: `migcheck apply` can do that, Drizzle's migrator cannot", indent=2, lead=f"{'apart':<9} ")
    write_rows(page, rehearsal.rows, verdict, verbose=verbose)
    _write_reruns(page, rehearsal, verbose=verbose, required=_REQUIRED_BY in told)
    write_rollbacks(page, rehearsal.rollbacks)


def server_version(server: ServerDescription) -> str:
    """`PostgreSQL 17.10` of 170010."""
    return f"PostgreSQL {server.major}.{server.version % 10_000}"


def _write_way(page: Page, outcome: WayOutcome, style: str) -> None:
    """Write one row. `style` is that of a way that did not go as it should."""
    name = f"  {outcome.way.value:<9} "
    match outcome:
        case Passed(ms=ms):
            page.line(name, (f"{'passed':<24}", "passed"), (f"{ms:>7} ms", "quiet"))
        case Failed(ms=ms, failure=failure):
            page.line(name, (f"{'failed':<24}", style), (f"{ms:>7} ms", "quiet"))
            page.text(failure.said, indent=12, lead=f"{failure.at}: ")
        case Differs(ms=ms, lines=lines):
            differences = counted(len(lines), "difference")
            page.line(name, (f"{differences:<24}", style), (f"{ms:>7} ms", "quiet"))
        case NotRun(reason=reason):
            page.text(reason, indent=2, lead=f"{outcome.way.value:<9} not run: ", style="quiet")
        case _:
            assert_never(outcome)


def _write_lines(page: Page, lines: Sequence[str], *, verbose: bool) -> None:
    page.quote("\n".join(lines if verbose else first_of(lines, _SHOWN)), indent=12)


def _write_cause(page: Page, request: Request) -> None:
    """Why a difference is no fault of its own: what else is told of these migrations makes it."""
    gone, skipped = (listed([each.tag for each in found]) for found in (request.gone(), request.skipped()))
    told = [f"what is applied of {gone} is not what the folder has"] if gone else []
    told += [f"Drizzle would skip {skipped}"] if skipped else []
    if told:
        page.text(" and ".join(told), indent=12, lead="no fault of its own: ", style="quiet")


def _write_reruns(page: Page, rehearsal: Rehearsal, *, verbose: bool, required: bool) -> None:
    """What the raw SQL of what runs next does on a second run; through the ledger is what way `again` tells."""
    reruns = rehearsal.reruns
    if not reruns:
        return
    unproven = [each for each in reruns if isinstance(each, NotRepeatable | NotTried)]
    # What runs next by a ledger may have landed long ago.
    which = "new" if rehearsal.request.ledger is None else "pending"
    told = _counted_reruns(reruns, which, required=required)
    told += " (--verbose tells where)" if unproven and not verbose else ""
    page.text(told, indent=2, lead=f"{'raw SQL':<9} ", style="quiet")
    for each in unproven if verbose else ():
        _write_unproven(page, each)


def _counted_reruns(reruns: Sequence[Rerun], which: str, *, required: bool) -> str:
    of = counted(len(reruns), f"{which} migration")
    unable = sum(isinstance(each, NotRepeatable) for each in reruns)
    untried = sum(isinstance(each, NotTried) for each in reruns)
    told = f"{len(reruns)} of {of} can run twice"
    if unable:
        told = f"{unable} of {of} {'is' if unable == 1 else 'are'} made to run once"
        # Nothing is wrong with that, unless the project asks for more.
        told += "" if required else f", as Drizzle runs {'it' if unable == 1 else 'them'}"
    if not untried:
        return told
    tried = f"{untried} of {of} {'was' if untried == 1 else 'were'} not tried twice"
    return f"{tried}; {told}" if unable else tried


def _write_unproven(page: Page, rerun: NotRepeatable | NotTried) -> None:
    match rerun:
        case NotRepeatable(path=path, line=line, sqlstate=sqlstate, message=message):
            page.text(f"{sqlstate} {message}".strip(), indent=12, lead=f"{Location(path, line)}: ", style="quiet")
        case NotTried(path=path, reason=reason):
            page.text(f"not tried: {reason}", indent=12, lead=f"{Location(path)}: ", style="quiet")
        case _:
            assert_never(rerun)
