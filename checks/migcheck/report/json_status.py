"""The status table for machines, which `--ledger` reads back; and a run that an error ended, in either document."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from migcheck import __version__
from migcheck.drizzle.standing import Standing, State, Stray
from migcheck.facts.target.ledger_file import LedgerDocument, write_ledger
from migcheck.report.document import FindingReport, Report
from migcheck.report.ended import Ended
from migcheck.report.json_piece import Clean, Document, Error, ErrorReport, as_json
from migcheck.report.status import FolderStatus
from migcheck.verdict import Answer


class MigrationStatus(Document):
    """One migration. `row` is the id of the ledger's row that speaks for it; `when` is ms since 1970."""

    tag: Clean
    when: int
    hash: str
    state: State
    row: int | None
    note: Clean


class StrayStatus(Document):
    """One row that belongs to no migration; `tag` is what some revision called it."""

    row: int
    kind: Stray
    tag: Clean


class FolderStatusReport(Document):
    """One folder on its ledger. `sound`: Drizzle would do what the folder says.

    `reached` says how the target was reached, empty for plain TCP. `findings` say why Drizzle cannot read the folder.
    Where there are any, `migrations` and `strays` are not known and empty. `warnings` are of what stands on it besides.
    """

    path: Clean
    target: Clean
    reached: Clean = ""
    sound: bool
    warnings: tuple[Clean, ...] = ()
    findings: tuple[FindingReport, ...] = ()
    migrations: tuple[MigrationStatus, ...]
    strays: tuple[StrayStatus, ...]
    ledger: LedgerDocument


class StatusReport(Document):
    """The whole run; `--ledger` reads it back."""

    version: Literal[1] = Field(default=1, description="The version of this format.")
    migcheck: str
    folders: tuple[FolderStatusReport, ...]
    error: Error = None


def render_status_json(found: Sequence[FolderStatus]) -> str:
    """Write the status as one JSON document that ends with a newline."""
    report = StatusReport(migcheck=__version__, folders=tuple(_folder(each) for each in found))
    return as_json(report)


def _folder(status: FolderStatus) -> FolderStatusReport:
    return FolderStatusReport.of(
        status,
        path=status.folder.path,
        findings=tuple(FindingReport.of(each, folder=status.folder.path) for each in status.faults),
        migrations=tuple(_migration(each) for each in status.migrations),
        strays=tuple(StrayStatus.of(each, row=each.row.id) for each in status.strays),
        ledger=write_ledger(status.ledger),
    )


def _migration(standing: Standing) -> MigrationStatus:
    row = None if standing.row is None else standing.row.id
    return MigrationStatus.of(standing.migration, state=standing.state, row=row, note=standing.note)


def render_ended_json(ended: Ended) -> str:
    """Write the report, or for `status` its own document, which says nothing but what ended the run."""
    error = ErrorReport.of(ended)
    if ended.command == "status":
        return as_json(StatusReport(migcheck=__version__, folders=(), error=error))
    return as_json(
        Report(
            migcheck=__version__,
            verdict=Answer.UNDECIDED,
            exit_code=ended.exit_code,
            base=None,
            folders=(),
            gates=(),
            findings=(),
            rehearsals=(),
            error=error,
        )
    )
