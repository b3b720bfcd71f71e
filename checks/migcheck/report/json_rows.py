"""How the new migrations went on tables with rows, in the JSON report."""

from migcheck.facts.sql.refused_rows import unanswered
from migcheck.facts.sql.row_counts import RowsWritten
from migcheck.facts.sql.rows import Answers, Own, Question, RowFault, Rows
from migcheck.postgres.filling.filled import Filled
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
    return RowsReport(
        own=None if rows.own is None else _own_rows(rows.own),
        tables=tuple(map(_filled, rows.filled)),
        faults=tuple(map(_row_fault, rows.faults)),
        ended=rows.ended,
        unasked=rows.unasked,
        unanswered=tuple(_unanswered(*each) for each in unanswered(rows.questions, answers)),
        written=tuple(map(_written, rows.written)),
        ms=rows.ms,
    )


def _own_rows(own: Own) -> OwnRowsReport:
    return OwnRowsReport(
        seed=own.path,
        refused="" if own.unsown is None else f"{own.unsown.at}: {own.unsown.told}",
        tables=tuple(map(_filled, own.filled)),
        faults=tuple(map(_row_fault, own.faults)),
        ended=own.ended,
        written=tuple(map(_written, own.written)),
    )


def _written(rows: RowsWritten) -> RowsWrittenReport:
    return RowsWrittenReport(
        migration=rows.migration,
        file=rows.at.path,
        line=rows.at.line,
        statement=rows.statement,
        table=rows.table,
        inserted=rows.counts.inserted,
        updated=rows.counts.updated,
        deleted=rows.counts.deleted,
        had=rows.had,
    )


def _filled(filled: Filled) -> FilledReport:
    return FilledReport(table=filled.table, rows=filled.rows, lacks=filled.lacks)


def _row_fault(fault: RowFault) -> RowFaultReport:
    failure = fault.failure
    return RowFaultReport(
        migration=failure.migration,
        file=fault.at.path,
        line=fault.at.line,
        sqlstate=failure.sqlstate,
        message=failure.message,
        table=fault.table,
        select=fault.select,
    )


def _unanswered(question: Question, reason: str) -> UnansweredReport:
    return UnansweredReport(
        migration=question.migration,
        file=question.at.path,
        line=question.at.line,
        table=question.table,
        select=question.select,
        reason=reason,
    )
