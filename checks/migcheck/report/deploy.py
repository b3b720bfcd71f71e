"""What came of a deploy, for people: one line a migration, and one last line that says how it ended."""

from dataclasses import dataclass
from enum import StrEnum

from migcheck.clearance import Step
from migcheck.finding import Location
from migcheck.postgres.failure import SqlFailure
from migcheck.report.page import Page
from migcheck.wording import counted


class End(StrEnum):
    """How a deploy ended. WITHHELD: there was no clearance, so it was never begun."""

    APPLIED = "applied"
    NOTHING = "nothing to do"
    PLANNED = "would apply"
    WITHHELD = "withheld"
    REFUSED = "refused"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Deploy:
    """One folder's deploy. `target` is host and database for people.

    `rows` is what is applied now by it (with PLANNED: what would be). `message` and `remedy` tell what went wrong and
    what to do; `failure` is the statement that the server refused; `torn`: part of a migration stays, without its row.
    """

    folder: str
    target: str
    end: End
    rows: tuple[Step, ...] = ()
    warnings: tuple[str, ...] = ()
    message: str = ""
    remedy: str = ""
    failure: SqlFailure | None = None
    torn: bool = False
    ms: int = 0
    read_back: bool = True


def write_deploy(page: Page, deploy: Deploy) -> None:
    """Write what was run, or would be, what the server refused, and every warning."""
    if deploy.rows or deploy.failure is not None:
        page.gap()
        page.line(("deploy", "strong"), "  ", (deploy.folder, "place"), f"  to {deploy.target}")
    failed = [] if deploy.failure is None else [deploy.failure.migration]
    longest = max((len(tag) for tag in (*(row.tag for row in deploy.rows), *failed)), default=0)
    word, style = ("would be applied", "quiet") if deploy.end is End.PLANNED else ("applied", "passed")
    for row in deploy.rows:
        page.line(f"  {row.tag:<{longest}}  ", (word, style))
    if deploy.failure is not None:
        _write_failure(page, deploy.failure, longest)
    for warning in deploy.warnings:
        page.text(warning, indent=2, lead="warning: ", style="warning")


def _write_failure(page: Page, failure: SqlFailure, longest: int) -> None:
    page.line(f"  {failure.migration:<{longest}}  ", ("failed", "error"))
    page.line("  ", (str(Location(failure.path, failure.line)), "place"))
    page.text(f"{failure.sqlstate} {failure.message}".strip(), indent=4)
    page.quote(failure.evidence, indent=4)


def write_deploy_summary(page: Page, deploy: Deploy) -> None:
    """Write the one line that says how the deploy ended and what to do."""
    count = counted(len(deploy.rows), "migration")
    match deploy.end:
        case End.APPLIED:
            how = (
                f"in {deploy.ms} ms, and read back" if deploy.read_back else "but not read back. Next: migcheck status"
            )
            page.line(("applied", "clear"), f": {count} to {deploy.target} {how}")
        case End.NOTHING:
            page.line(("nothing to do", "clear"), f": {deploy.target} has every migration of {deploy.folder}")
        case End.PLANNED:
            page.line(("dry run", "clear"), f": {count} would go to {deploy.target}. Next: migcheck apply")
        case End.WITHHELD:
            page.line(("undecided", "undecided"), f": nothing was run: {deploy.message}. Next: {deploy.remedy}")
        case End.REFUSED:
            page.line(("refused", "error"), f": nothing was run: {deploy.message}. Next: {deploy.remedy}")
        case End.FAILED:
            page.line(("failed", "error"), f": {deploy.message}; {_left(deploy)}. Next: {deploy.remedy}")
        case End.INTERRUPTED:
            page.line(("interrupted", "error"), f": {_left(deploy)}. Next: migcheck status")
        case End.UNKNOWN:
            page.line(("unknown", "undecided"), f": {deploy.message}. Next: look at {deploy.remedy}")


def _left(deploy: Deploy) -> str:
    """What is on the target now."""
    if deploy.torn and deploy.rows:
        return f"{_stay(len(deploy.rows))}, and a COMMIT made part of another last, which the ledger does not have"
    if deploy.torn:
        return "a COMMIT inside a migration made part of it last, and the ledger does not have it"
    if deploy.rows:
        return f"{_stay(len(deploy.rows))}, the rest was rolled back"
    return "everything was rolled back"


def _stay(count: int) -> str:
    return f"{counted(count, 'migration')} {'stays' if count == 1 else 'stay'} applied"
