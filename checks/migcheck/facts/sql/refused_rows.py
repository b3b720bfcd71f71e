"""Which rows a statement is refused for, and how many of them a target has, in words. Pure."""

from collections.abc import Iterable, Iterator
from typing import assert_never

from migcheck.facts.sql.misfit import (
    AnyRow,
    Excluded,
    Lessens,
    NoValue,
    Orphaned,
    Repeated,
    RepeatedInView,
    Taken,
    Uncomputed,
    Unexplained,
    Unfit,
    Unheld,
    Unplaced,
)
from migcheck.facts.sql.rows import Answer, Answers, Found, Question, RowFault, Unasked, answer_to
from migcheck.regex import regex
from migcheck.wording import listed

_INSERTS, _UPDATES = regex(r"(?i)\binsert\b"), regex(r"(?i)\bupdate\b")


def where_refused(fault: RowFault | Question) -> str:
    """Where it fails: `where rows of public.users are alike in what users_nick is to be unique by`."""
    table = fault.table
    match fault.misfit:
        case NoValue(column):
            told = f"where a row of {table} has no value for {column}"
        case Repeated(index) | RepeatedInView(index):
            told = f"where rows of {table} are alike in what {index} is to be unique by"
        case Taken(index):
            becomes, has = f"a row of {table} becomes like another", f"{table} has a row like one that it inserts"
            told = f"where {becomes if is_update(fault) else has}, by {index}"
        case Unheld(constraint):
            told = f"where a row of {table} does not hold {constraint}"
        case Orphaned(constraint):
            told = f"where a row of {table} would point to none by {constraint}"
        case Excluded(constraint):
            told = f"where two rows of {table} exclude one another by {constraint}"
        case Unplaced(partition):
            told = f"where {partition} has a row that it may not have as a partition"
        case Unfit() | Uncomputed() | Lessens():
            told = _where_value(table, fault.misfit)
        case AnyRow() | Unexplained():
            told = _on_rows(fault)
        case _:
            assert_never(fault.misfit)
    return told


def _on_rows(fault: RowFault | Question) -> str:
    table = fault.table
    if not isinstance(fault.misfit, AnyRow):
        return f"on rows such as {table} may have" if table else "on rows such as there may be"
    # Where no SELECT finds them, a condition says which, or another table.
    return f"as soon as {table} has a row" if fault.select else f"as soon as it takes a row{table and f' of {table}'}"


def is_update(fault: RowFault | Question) -> bool:
    """Whether the statement is an UPDATE, or holds one and no INSERT, for all that it says."""
    said = fault.statement
    inside = _UPDATES.search(said) is not None and _INSERTS.search(said) is None
    return inside or _UPDATES.match(said) is not None


def _where_value(table: str, misfit: Unfit | Uncomputed | Lessens) -> str:
    match misfit:
        case Unfit(column):
            return f"where a value of {table}.{column} is none of the new type"
        case Lessens(column):
            return f"where a value of {table}.{column} is more than the new type keeps"
        case Uncomputed(column):
            return f"where {column} cannot be computed of a row of {table}"


def how_many(fault: RowFault | Question, answer: Answer) -> str:
    """How many such rows the target has, where it was asked: `, and the target has 3 such rows`."""
    match answer:
        case Found() if isinstance(fault.misfit, Uncomputed):
            return ", and the target has such a row"
        case Found():
            # Of rows that are alike, each value counts once.
            alike = isinstance(fault.misfit, Repeated | RepeatedInView) or (
                isinstance(fault.misfit, Taken) and is_update(fault)
            )
            what = "such value" if alike else "such row"
            what = "row" if isinstance(fault.misfit, AnyRow) else what
            return f", and the target has {answer.told(what)}"
        case Unasked():
            return ""


def found_by(of: RowFault | Question) -> str:
    """How its SELECT tells of such rows."""
    return f"`{of.select}` {'fails at' if isinstance(of.misfit, Uncomputed) else 'finds'} them."


def unsaid(questions: Iterable[Question], answers: Answers) -> Iterator[tuple[str, str]]:
    """What a target that was asked did not say, in words that name the places, and why: once for each reason."""
    places: dict[str, list[str]] = {}
    for each, reason in unanswered(questions, answers):
        places.setdefault(reason, []).append(str(each.at))
    for reason, asked in places.items():
        yield f"the target did not say whether rows refuse {listed(asked)}", reason


def unanswered(questions: Iterable[Question], answers: Answers) -> Iterator[tuple[Question, str]]:
    """Those on what fails to which a target that was asked said nothing, each with why."""
    for each in questions:
        answer = answer_to(each, answers)
        if isinstance(answer, Unasked) and answer.reason and not isinstance(each.misfit, Lessens):
            yield each, answer.reason
