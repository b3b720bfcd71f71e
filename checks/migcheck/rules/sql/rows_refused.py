"""MC312."""

from collections.abc import Iterator, Sequence

from migcheck.facts.observation import ColumnMadeRequired, RequiredColumnAdded
from migcheck.facts.rows import (
    Answer,
    Found,
    NoValue,
    Orphaned,
    Repeated,
    RowFault,
    Unasked,
    Unexplained,
    Unfit,
    Unheld,
)
from migcheck.facts.sql import SqlFacts
from migcheck.finding import Severity, Violation
from migcheck.rule import rule

# What data does: a value that does not fit, a constraint that a row breaks, more rows than one.
_OF_DATA = ("21", "22", "23")
# What no schema says of a value, such as what a JSON document holds: "cannot extract elements from a scalar".
_OF_ARGUMENTS = "22023"
_MEND = "Mend such rows first, by a statement before this one or by a migration of an earlier deploy."


@rule("MC312")
def rows_refused(facts: SqlFacts) -> Iterator[Violation]:
    """A new migration fails where a table that is there has rows which do not fit.

    ## Why it matters
    A rehearsal on empty tables cannot tell: no row repeats, lacks its parent or breaks a check. So the new migrations
    run once more with rows that are made up for the tables they take hold of, by all that base demands of them: NULL
    where it may be, values that repeat, the least and the greatest, each label of an enum. What is refused then, a
    deploy refuses where such rows exist, and everything pending is rolled back.

    Where what was there before says which rows those are, a SELECT finds them. With `DATABASE_URL` the target is asked,
    read only, for ten seconds at most: where it has such rows this is an error, where it has none it is no finding.
    Without a target it warns, for nobody knows. What fails with the project's own rows (`seed` under [sql]) is an
    error.

    ## How to fix
    Ask the target with the SELECT that stands at the finding. What it finds, mend in a statement before the one that
    fails, or in a migration of an earlier deploy: fill what has no value, merge what repeats, delete what has no
    parent.
    """
    for fault, answer in facts.row_faults():
        if _is_told(facts, fault) or answer == Found(0) or _is_made_up(facts, fault):
            continue
        yield facts.refuses(
            fault,
            f"fails {_where(fault)}{_how_many(answer)}",
            _fix(fault, answer),
            severity=Severity.ERROR if isinstance(answer, Found) or facts.has_own_rows else Severity.WARNING,
            evidence=_evidence(facts, fault, answer),
        )


def _is_told(facts: SqlFacts, fault: RowFault) -> bool:
    """Whether MC305 or MC306 tell it."""
    if not isinstance(fault.misfit, NoValue):
        return False
    told = [(seen.table, change.column) for seen, change in facts.of(ColumnMadeRequired)]
    told += [(seen.table, change.column) for seen, change in facts.of(RequiredColumnAdded)]
    return (fault.table, fault.misfit.column) in told


def _is_made_up(facts: SqlFacts, fault: RowFault) -> bool:
    """Whether it may be of what was made up alone: what raises an error of its own knows what it looks for."""
    if facts.has_own_rows or fault.select:
        return False
    sqlstate = fault.failure.sqlstate
    return sqlstate == _OF_ARGUMENTS or not sqlstate.startswith(_OF_DATA)


def _where(fault: RowFault) -> str:
    table = fault.table
    match fault.misfit:
        case NoValue(column):
            return f"where a row of {table} has no value for {column}"
        case Repeated(index):
            return f"where rows of {table} are alike in what {index} is to be unique by"
        case Unheld(constraint):
            return f"where a row of {table} does not hold {constraint}"
        case Orphaned(constraint):
            return f"where a row of {table} points to none by {constraint}"
        case Unfit(column):
            return f"where a value of {table}.{column} is none of the new type"
        case Unexplained():
            return f"on rows such as {table} may have" if table else "on rows such as there may be"


def _how_many(answer: Answer) -> str:
    match answer:
        case Found():
            return f", and the target has {answer.told}"
        case Unasked():
            return ""


def _fix(fault: RowFault, answer: Answer) -> str:
    if not fault.select:
        return (
            "See which rows the statement meets, and let it take each: by a WHERE, a coalesce, a statement before it. "
            "No SELECT on what is there could be made that finds them."
        )
    if isinstance(answer, Found):
        return f"{_MEND} `{fault.select}` finds them."
    return f"Ask the target: `{fault.select}`. {_MEND}"


def _evidence(facts: SqlFacts, fault: RowFault, answer: Answer) -> Sequence[str]:
    rows = facts.rows
    whose = f"the rows of {rows.seed}" if rows is not None and rows.seed else "rows that were made up"
    told = [f"with {whose}: {fault.failure.sqlstate} {fault.failure.message}"]
    # Of a row that was made up, nobody wants to know more.
    told += [f"detail: {fault.detail}"] if fault.detail and facts.has_own_rows else []
    if isinstance(answer, Unasked) and answer.reason:
        told.append(f"the target did not say whether it has such rows: {answer.reason}")
    return told
