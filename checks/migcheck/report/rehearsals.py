"""The rehearsals: on which server, how it was confined, how each way went, and what can run twice."""

from typing import assert_never

from migcheck.facts.rehearsal import Differs, Failed, NotRun, Passed, Rehearsal, Rerun, WayOutcome
from migcheck.finding import Location
from migcheck.postgres.scratch import ServerDescription
from migcheck.report.page import Page
from migcheck.wording import counted


def write_rehearsal(page: Page, rehearsal: Rehearsal, *, verbose: bool) -> None:
    """Write the server, one row a way, and how many reruns went through; `verbose` tells where the others did not."""
    server = rehearsal.server
    page.text(f"{server_version(server)}, {server.kind} ({server.origin})", lead="rehearsed on ")
    page.text(server.confinement, indent=2, lead="confined: ", style="quiet")
    for way in rehearsal.ways:
        _write_way(page, way)
    _write_reruns(page, rehearsal.reruns, verbose=verbose)


def server_version(server: ServerDescription) -> str:
    """`PostgreSQL 17.10` of 170010."""
    return f"PostgreSQL {server.major}.{server.version % 10_000}"


def _write_way(page: Page, outcome: WayOutcome) -> None:
    name = f"  {outcome.way.value:<9} "
    match outcome:
        case Passed(ms=ms):
            page.line(name, (f"{'passed':<24}", "passed"), (f"{ms:>7} ms", "quiet"))
        case Failed(ms=ms, failure=failure):
            page.line(name, (f"{'failed':<24}", "error"), (f"{ms:>7} ms", "quiet"))
            page.text(f"{failure.sqlstate} {failure.message}", indent=12, lead=f"{failure.path}:{failure.line}: ")
        case Differs(ms=ms, lines=lines):
            differences = counted(len(lines), "difference")
            page.line(name, (f"{differences:<24}", "error"), (f"{ms:>7} ms", "quiet"))
        case NotRun(reason=reason):
            page.text(reason, indent=2, lead=f"{outcome.way.value:<9} not run: ", style="quiet")
        case _:
            assert_never(outcome)


def _write_reruns(page: Page, reruns: tuple[Rerun, ...], *, verbose: bool) -> None:
    """What the raw SQL of each new migration does on a second run; through the ledger is what way `again` tells."""
    if not reruns:
        return
    unable = [each for each in reruns if not each.repeatable]
    of = counted(len(reruns), "new migration")
    more = "; --verbose tells where" if unable and not verbose else ""
    told = f"{len(reruns) - len(unable)} of {of} can run twice, statement by statement{more}"
    page.text(told, indent=2, lead=f"{'rerun':<9} ", style="quiet")
    for each in unable if verbose else ():
        place = str(Location(each.path, each.line))
        page.text(f"{each.sqlstate} {each.message}".strip(), indent=12, lead=f"{place}: ", style="quiet")
