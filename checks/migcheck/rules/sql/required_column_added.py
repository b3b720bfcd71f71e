"""MC305."""

from collections.abc import Iterator

from msgspec.structs import replace

from migcheck.facts.observation import RequiredColumnAdded
from migcheck.facts.sql import SqlFacts
from migcheck.finding import Violation
from migcheck.rule import rule


@rule("MC305")
def required_column_added(facts: SqlFacts) -> Iterator[Violation]:
    """A new migration adds a column that is NOT NULL and has no default to a table that was there.

    ## Why it matters
    Where the table has a single row, the server refuses it (23502) and the deploy fails. Where it has none, the code of
    before, which does not know of the column, can insert none while it still runs.

    A rehearsal without rows goes through it. Where one piece adds the column, writes rows and makes it NOT NULL, it is
    no finding, nor is it one of a table that is known to have no row on the target.

    ## How to fix
    Give the column a default: `.notNull().default(…)`. Or add it without `.notNull()`, fill it, and let a later deploy
    make it NOT NULL.
    """
    for seen, change in facts.of(RequiredColumnAdded):
        if not seen.written:
            told = facts.violation(
                seen,
                f"adds the column {change.column} {change.type} to {seen.table}, NOT NULL without a default: it fails "
                "where there is a row",
                "Give it a default (`.notNull().default(…)`), or add it without `.notNull()`, fill it, and make it NOT "
                "NULL in a later deploy.",
                code="MC305",
            )
            held = facts.held(seen.table)
            yield replace(told, evidence=f"{told.evidence}\n{held}") if held else told
