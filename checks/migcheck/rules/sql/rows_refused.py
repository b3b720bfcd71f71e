"""MC312."""

from collections.abc import Iterator, Sequence

from migcheck.facts.sql.judged import SqlFacts, refused_there
from migcheck.facts.sql.misfit import AnyRow, Lessens, NoValue, RepeatedInView, Taken, Uncomputed, Unexplained
from migcheck.facts.sql.observation import ColumnMadeRequired, RequiredColumnAdded
from migcheck.facts.sql.refused_rows import found_by, how_many, is_update, where_refused
from migcheck.facts.sql.rows import Answer, Found, Question, RowFault, Unasked
from migcheck.finding import Severity, Violation
from migcheck.rule import rule

_OF_EXTREMES = frozenset({"22001", "22003", "22008"})
# What no schema says of a value, such as what a JSON document holds: "cannot extract elements from a scalar".
_OF_ARGUMENTS = "22023"
_MEND = "Mend such rows first, by a statement before this one or by a migration of an earlier deploy."
# Each of its statements is committed alone, and one that changes rows cannot be begun anew (MC405).
_MEND_APART = "Mend such rows first, by a migration before this one, which runs outside of a transaction."
_MEND_VIEW = "Let its query give each of them once, or mend the rows that it reads, and REFRESH the view before this."
_MEND_WORDS = (
    "Mend the statement, or the trigger or function that it calls, by what the server says: without a row, nothing of "
    "that runs."
)
_MEND_TAKEN = (
    "Let it pass by a row that is there (`ON CONFLICT … DO NOTHING`), or bring that one up to date (`… DO UPDATE`)."
)


@rule("MC312")
def rows_refused(facts: SqlFacts) -> Iterator[Violation]:
    """A new migration fails where a table that is there has rows which do not fit.

    ## Why it matters
    A rehearsal on empty tables cannot tell: no row repeats, lacks its parent or breaks a check. So the new migrations
    run once more with rows that are made up for the tables they take hold of, by all that base demands of them: NULL
    where it may be, values that repeat, the least and the greatest, each label of an enum. What is refused then, a
    deploy refuses where such rows exist, and everything pending is rolled back.

    Where what was there before says which rows those are, a SELECT finds them; of a generated column that is stored it
    computes each row, and fails where the migration would. With `DATABASE_URL` the target is asked,
    read only, for ten seconds at most: where it has such rows this is an error, also of a migration that has landed and
    waits for this target; where it has none it is no finding. It is asked as well for what no row that was made up is
    like. Without a target it warns, for nobody knows. What fails with the project's own rows (`seed` under [sql]) is an
    error, unless the target has no such rows.

    Where a statement, or a trigger or function that it calls, names what is not there (class 42 of the error codes),
    any row meets that, and the target is asked whether it has one. Where a condition says which rows it takes, the
    target may have rows and none of those: of that it warns. So it does where SQL is made of values (`EXECUTE`), or an
    error is raised (`RAISE`), for the rows that were made up may be why.

    ## How to fix
    Ask the target with the SELECT that stands at the finding, where it has one. What it finds, mend in a statement
    before the one that fails, or in a migration of an earlier deploy: fill what has no value, merge what repeats,
    delete what has no parent, move what belongs into a new partition. What runs outside of a transaction has that in a
    migration before it. Of a materialized view, what it reads is to be mended, or its query, and the view filled again.
    """
    asked = [each for each in facts.questions() if not _is_told(facts, each[0])]
    proven = {question.at for question, answer in asked if isinstance(answer, Found) and answer.rows}
    for fault, answer in facts.row_faults():
        if _is_told(facts, fault) or answer == Found(0) or _is_made_up(fault, answer):
            continue
        if not fault.select and fault.at in proven:
            continue
        told = facts.refuses(
            fault,
            f"fails {where_refused(fault)}{how_many(fault, answer)}",
            _fix(facts, fault, answer),
            severity=Severity.ERROR if isinstance(answer, Found) or fault.seed else Severity.WARNING,
            evidence=_evidence(fault, answer),
        )
        yield refused_there(told) if isinstance(answer, Found) else told
    for question, answer in asked:
        if isinstance(answer, Found) and answer.rows:
            does = f"fails {where_refused(question)}{how_many(question, answer)}"
            told = facts.refuses(question, does, _fix(facts, question, answer), severity=Severity.ERROR)
            yield refused_there(told)


def _is_told(facts: SqlFacts, fault: RowFault | Question) -> bool:
    """Whether MC305, MC306 or MC336 tell it."""
    if isinstance(fault.misfit, Lessens):
        return True
    if not isinstance(fault.misfit, NoValue):
        return False
    told = [(seen.table, change.column) for seen, change in facts.of(ColumnMadeRequired)]
    told += [(seen.table, change.column) for seen, change in facts.of(RequiredColumnAdded)]
    return (fault.table, fault.misfit.column) in told


def _is_made_up(fault: RowFault, answer: Answer) -> bool:
    """Whether it is of what was made up alone.

    Nobody has the greatest number there is, or the longest text, in a column that is counted or added to, or is a time.
    """
    sqlstate, computed = fault.failure.sqlstate, isinstance(fault.misfit, Uncomputed)
    if fault.seed or isinstance(answer, Found) or (fault.select and not computed):
        return False
    extreme = sqlstate in _OF_EXTREMES and isinstance(fault.misfit, Unexplained | Uncomputed)
    return extreme or sqlstate == _OF_ARGUMENTS


def _mend(facts: SqlFacts, fault: RowFault | Question) -> str:
    if isinstance(fault.misfit, RepeatedInView):
        return _MEND_VIEW
    if isinstance(fault.misfit, Taken) and not is_update(fault):
        return _MEND_TAKEN
    return _MEND_APART if fault.migration in facts.outside else _MEND


def _fix(facts: SqlFacts, fault: RowFault | Question, answer: Answer) -> str:
    apart = fault.migration in facts.outside
    if isinstance(fault.misfit, AnyRow):
        return _MEND_WORDS
    if not fault.select:
        before = "in a migration before this one, which runs outside of a transaction" if apart else "before it"
        return (
            f"See what the statement fails with, and mend those rows {before}, or let it pass them by. No SELECT on "
            f"what was there could be made that finds them{_why(fault)}."
        )
    if isinstance(answer, Found):
        return f"{_mend(facts, fault)} {found_by(fault)}"
    fails = ", which fails where it has such a row" if isinstance(fault.misfit, Uncomputed) else ""
    return f"Ask the target: `{fault.select}`{fails}. {_mend(facts, fault)}"


def _why(fault: RowFault | Question) -> str:
    return f": {fault.why}" if isinstance(fault, RowFault) and fault.why else ""


def _evidence(fault: RowFault, answer: Answer) -> Sequence[str]:
    whose = f"the rows of {fault.seed}" if fault.seed else "rows that were made up"
    told = [f"with {whose}: {fault.told}"]
    # Of a row that was made up, nobody wants to know more.
    told += [f"detail: {fault.detail}"] if fault.detail and fault.seed else []
    return (*told, *answer.lines) if isinstance(answer, Unasked) else told
