"""MC306."""

from collections.abc import Iterator

from migcheck.facts.observation import ColumnMadeRequired
from migcheck.facts.sql import SqlFacts
from migcheck.finding import Severity, Violation
from migcheck.rule import rule


@rule("MC306")
def column_made_required(facts: SqlFacts) -> Iterator[Violation]:
    """A new migration makes a column that was there NOT NULL.

    ## Why it matters
    Where a single row has no value there, the server refuses it (23502) and the deploy fails; a rehearsal without rows
    cannot tell. The server reads the whole table to see, and nobody else can use it meanwhile.

    It only warns: whether such rows exist, only the target knows. Where a check that was validated before says that the
    column has a value, the server looks at nothing, and it is no finding; nor is it one where what is new
    wrote rows of the table before, as who fills a column does.

    ## How to fix
    Ask the target first, with the SELECT that stands at the finding, and fill what has no value in a migration before.

    For a table that is large: add `CHECK (… IS NOT NULL) NOT VALID` in one deploy, `VALIDATE CONSTRAINT` in the next,
    then `.notNull()`, and drop the check. Each is a migration of `drizzle-kit generate --custom`, but for the third.
    """
    for seen, change in facts.of(ColumnMadeRequired):
        if seen.written:
            continue
        missing = f'from {seen.table} where "{change.column}" is null'
        asks = f"Ask the target: `select count(*) {missing}`. Fill those rows in a migration before this one."
        yield facts.violation(
            seen,
            f"makes the column {change.column} of {seen.table} NOT NULL: it fails where a row has no value there",
            "Fill it in each row first, in a statement before this one." if change.added else asks,
            severity=Severity.WARNING,
        )
