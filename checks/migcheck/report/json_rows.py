"""How the new migrations went on tables with rows, in the JSON report."""

from collections.abc import Mapping

from msgspec.structs import asdict

from migcheck.facts.sql.refused_rows import unanswered
from migcheck.facts.sql.rows import Answers, Own, RowFault, Rows
from migcheck.report.json_piece import Clean, Document


class FilledReport(Document):
    """A table that a new migration takes hold of, and how many rows it had. `lacks` says why it had none."""

    table: Clean
    rows: int
    lacks: Clean = ""


class RowFaultReport(Document):
    """What a new migration failed with where there were rows.

    `line` is null where COMMIT was refused. `table` is called as before it, empty where it is not known; `select` finds
    such rows there, empty where none is known to.
    """

    migration: Clean
    file: Clean
    line: int | None
    sqlstate: str
    message: Clean
    table: Clean
    select: Clean


class RowsWrittenReport(Document):
    """How many rows of a table a statement wrote where there were `had`, by a cascade or a trigger as well.

    `table` is called as before, and `had` is null where nobody counted them. `statement` is shortened; of several that
    were sent as one it is the first that speaks of the table.
    """

    migration: Clean
    file: Clean
    line: int | None
    statement: Clean
    table: Clean
    inserted: int
    updated: int
    deleted: int
    had: int | None


class OwnRowsReport(Document):
    """The new migrations once more, with the project's own rows, of the file `seed`.

    `refused` says why there were none, `ended` why not all was tried.
    """

    seed: Clean
    refused: Clean
    tables: tuple[FilledReport, ...]
    faults: tuple[RowFaultReport, ...]
    ended: Clean
    written: tuple[RowsWrittenReport, ...] = ()


class UnansweredReport(Document):
    """What the target was asked beside the faults, and said nothing to: whether rows of `table` refuse a new migration.

    `select` finds such rows, and `reason` says why there is no answer.
    """

    migration: Clean
    file: Clean
    line: int | None
    table: Clean
    select: Clean
    reason: Clean


class RowsReport(Document):
    """The new migrations once more, on tables with rows that were made up; `own` is null where there is no seed.

    `ended` says why not all was tried, and `unasked` why not all that a target could be asked was found out.
    """

    own: OwnRowsReport | None
    tables: tuple[FilledReport, ...]
    faults: tuple[RowFaultReport, ...]
    ended: Clean
    unasked: Clean = ""
    unanswered: tuple[UnansweredReport, ...] = ()
    written: tuple[RowsWrittenReport, ...] = ()
    ms: int


def rows_report(rows: Rows, answers: Answers) -> RowsReport:
    """What came of the new migrations on tables with rows, and what the target did not say of them."""
    told = unanswered(rows.questions, answers)
    return RowsReport.of(
        rows,
        own=None if rows.own is None else _own_rows(rows.own),
        **_tried(rows),
        unanswered=tuple(UnansweredReport.of(question, reason=reason) for question, reason in told),
    )


def _own_rows(own: Own) -> OwnRowsReport:
    refused = "" if own.unsown is None else f"{own.unsown.at}: {own.unsown.told}"
    return OwnRowsReport.of(own, seed=own.path, refused=refused, **_tried(own))


def _tried(rows: Rows | Own) -> Mapping[str, tuple[Document, ...]]:
    return {
        "tables": tuple(map(FilledReport.of, rows.filled)),
        "faults": tuple(map(_row_fault, rows.faults)),
        "written": tuple(RowsWrittenReport.of(each, **asdict(each.counts)) for each in rows.written),
    }


def _row_fault(fault: RowFault) -> RowFaultReport:
    place = {"file": fault.at.path, "line": fault.at.line}
    return RowFaultReport.of(fault.failure, **place, table=fault.table, select=fault.select)
