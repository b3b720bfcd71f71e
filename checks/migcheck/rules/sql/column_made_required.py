"""MC306."""

from collections.abc import Iterator

from migcheck.facts.sql.judged import SqlFacts, refused_there
from migcheck.facts.sql.observation import ColumnMadeRequired, Seen
from migcheck.facts.sql.rows import Found, Question, RowFault, Unasked
from migcheck.finding import Severity, Violation
from migcheck.rule import rule
from migcheck.sql_names import quoted_always

_BEFORE = "in a statement before this one"
# Where a statement that changes rows cannot be begun anew (MC405).
_BEFORE_APART = "in a migration before this one, which runs outside of a transaction"
_ASK = (
    "Ask the target: `select count(*) from {table} where {column} is null`. "
    "Fill those rows in a migration before this one."
)


@rule("MC306")
def column_made_required(facts: SqlFacts) -> Iterator[Violation]:
    """A new migration makes a column that was there NOT NULL.

    ## Why it matters
    Where a single row has no value there, the server refuses it (23502) and the deploy fails. It reads the whole table
    to see, and nobody else can use it meanwhile.

    Whether such rows exist, only the target knows. With `DATABASE_URL` it is asked, read only: where it has some this
    is an error, also of a migration that has landed and waits for this target; where it has none it is no finding.
    Without a target it warns. Where a check that was validated before says that the column has a value, the server
    looks at nothing, and it is no finding; nor is it one where what is new wrote rows of the table before, as who fills
    a column does, and went through with rows that were made up.

    ## How to fix
    Ask the target first, with the SELECT that stands at the finding, and fill what has no value in a migration before.

    For a table that is large: add `CHECK (… IS NOT NULL) NOT VALID` in one deploy, `VALIDATE CONSTRAINT` in the next,
    then `.notNull()`, and drop the check. Each is a migration of `drizzle-kit generate --custom`, but for the third.
    """
    for seen, change in facts.of(ColumnMadeRequired):
        failed, answer = facts.without_value(seen.table, change.column) or (None, None)
        if answer == Found(0) or (seen.written and failed is None):
            continue
        before = _BEFORE_APART if seen.migration in facts.outside else _BEFORE
        fill = f"{_to_fill(facts, seen, failed)}, {before}."
        does = f"makes the column {change.column} of {seen.table} NOT NULL: it fails where a row has no value there"
        if isinstance(answer, Found):
            yield refused_there(facts.violation(seen, f"{does}, and the target has {answer.told('such row')}", fill))
        elif isinstance(failed, RowFault) and failed.seed:
            yield facts.violation(seen, f"{does}, as one of the project's own has none", fill)
        else:
            name = quoted_always(change.column)
            asked = failed is not None and failed.select
            fix = fill if change.added or (seen.written and not asked) else _ASK.format(table=seen.table, column=name)
            lines = answer.lines if isinstance(answer, Unasked) else ()
            yield facts.violation(seen, does, fix, severity=Severity.WARNING).with_evidence(*lines)


def _to_fill(facts: SqlFacts, seen: Seen, failed: RowFault | Question | None) -> str:
    # Where another column was written, there is a SELECT for this one; outside of a transaction nobody saw any.
    seen_to = seen.written and seen.migration not in facts.outside
    if seen_to and isinstance(failed, RowFault) and not failed.select:
        return f"What writes rows of {seen.table} before leaves some without a value: fill those as well"
    return "Fill it in each row first"
