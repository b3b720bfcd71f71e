"""MC305."""

from collections.abc import Iterator

from migcheck.facts.sql.judged import SqlFacts, refused_there
from migcheck.facts.sql.observation import RequiredColumnAdded
from migcheck.facts.sql.rows import Found, Unasked
from migcheck.finding import Violation
from migcheck.rule import rule
from migcheck.wording import GENERATE_ANEW


@rule("MC305")
def required_column_added(facts: SqlFacts) -> Iterator[Violation]:
    """A new migration adds a column that is NOT NULL and has no default to a table that was there.

    ## Why it matters
    Where the table has a single row, the server refuses it (23502) and the deploy fails. Where it has none, the code of
    before, which does not know of the column, can insert none while it still runs.

    With `DATABASE_URL` the target is asked, read only, whether it has a row: then this is an error of a migration that
    has landed and waits for this target as well, which else only warns.

    A rehearsal without rows goes through it. Where one piece adds the column, writes rows and makes it NOT NULL, it is
    no finding, nor is it one of a table that is known to have no row on the target.

    ## How to fix
    Give the column a default: `.notNull().default(…)`. Or add it without `.notNull()`, fill it, and let a later deploy
    make it NOT NULL.
    """
    for seen, change in facts.of(RequiredColumnAdded):
        if seen.written:
            continue
        _, answer = facts.without_value(seen.table, change.column) or (None, None)
        known = isinstance(answer, Found) and answer.rows > 0
        there = f", and the target has {answer.told('row')}" if isinstance(answer, Found) and known else ""
        told = facts.violation(
            seen,
            f"adds the column {change.column} {change.type} to {seen.table}, NOT NULL without a default: it fails "
            f"where there is a row{there}",
            "Give it a default (`.notNull().default(…)`), or add it without `.notNull()`, fill it, and make it NOT "
            f"NULL in a later deploy. {GENERATE_ANEW}",
            meant=True,
        )
        told = told.with_evidence(facts.held(seen.table), *(answer.lines if isinstance(answer, Unasked) else ()))
        yield refused_there(told) if known else told
