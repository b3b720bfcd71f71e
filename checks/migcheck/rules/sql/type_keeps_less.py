"""MC336."""

from collections.abc import Iterator

from msgspec.structs import replace

from migcheck.facts.sql.judged import SqlFacts
from migcheck.facts.sql.misfit import Lessens
from migcheck.facts.sql.observation import Rewritten
from migcheck.facts.sql.rows import Answer, Found, Question, Unasked
from migcheck.finding import Severity, Violation
from migcheck.rule import rule

_KEEP = (
    "Where what is lost is wanted, add a column of the new type beside the old one, fill it, and drop the old one in a "
    "later deploy."
)


@rule("MC336")
def type_keeps_less(facts: SqlFacts) -> Iterator[Violation]:
    """A new migration gives a column a type that keeps less of its values, and the rest is lost.

    ## Why it matters
    The server rounds or cuts without a word: of a `timestamp` as `date` the time of day is gone, of a `numeric(10,4)`
    as `numeric(10,2)` two digits, of a `double precision` as `real` each digit behind the sixth. No rollback brings
    them back. What does not fit at all fails instead (MC312), and so does a text that is too long, unless USING casts
    or cuts it (`left(name, 10)`): then the rest is gone. Of an array each element may lose as much; and where a
    column becomes text first, and something else behind that in the same migration, what it loses by both is told.

    With `DATABASE_URL` the target is asked, read only, for ten seconds at most: where it has values that lose something
    this is an error, and where it has none it is no finding. Without a target it warns, for nobody knows. A USING that
    does not name the column (`USING false`) keeps nothing of it: an error without a target, too. No finding is a table
    without a row on the target, a column that the same change had added, and a USING that does more than cast: what
    that keeps (`(price * 100)::integer`), nobody knows.

    ## How to fix
    Ask the target with the SELECT at the finding, where it has one. Where what it finds is wanted, add a column of the
    new type beside the old one, fill it and let the code use it; drop the old one in a later deploy. Where it is not,
    waive this with the reason.
    """
    asked = {(each.table, each.misfit): (each, answer) for each, answer in facts.questions()}
    for seen, change in facts.of(Rewritten):
        for each in change.lessened:
            question, answer = asked.get((seen.table, Lessens(each.column)), (None, Unasked("")))
            if answer == Found(0):
                continue
            told = f", and the target has {answer.told('such row')}" if isinstance(answer, Found) else ""
            yield facts.violation(
                # Behind what has landed, a loss asks for something else than a table that is written anew.
                replace(seen, change=each),
                f"gives {seen.table}.{each.column} the type {each.now}: {each.what} is lost{told}",
                _fix(question, answer),
                severity=Severity.ERROR if each.every or isinstance(answer, Found) else Severity.WARNING,
                meant=True,
            )


def _fix(question: Question | None, answer: Answer) -> str:
    if question is None:
        return _KEEP
    silent = "".join(f" ({each})" for each in answer.lines) if isinstance(answer, Unasked) else ""
    return f"{_KEEP} `{question.select}` finds such rows{silent}."
