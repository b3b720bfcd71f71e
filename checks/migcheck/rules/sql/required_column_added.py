"""MC305."""

from collections.abc import Iterator

from migcheck.facts.observation import ColumnMadeRequired, RequiredColumnAdded, Seen
from migcheck.facts.sql import SqlFacts, evidence_of, meant
from migcheck.finding import Violation
from migcheck.rule import rule


@rule("MC305")
def required_column_added(facts: SqlFacts) -> Iterator[Violation]:
    """A new migration adds a column that is NOT NULL and has no default to a table that was there.

    ## Why it matters
    Where the table has a single row, the server refuses it (23502) and the deploy fails. Where it has none, the code of
    before, which does not know of the column, can insert none while it still runs.

    A rehearsal without rows goes through it. So it is with a column that is added, filled in no row, and made NOT NULL
    by what is new. A table that is known to have no row on the target is no finding.

    ## How to fix
    Give the column a default: `.notNull().default(…)`. Or add it without `.notNull()`, fill it, and let a later deploy
    make it NOT NULL.
    """
    for seen, change in facts.of(RequiredColumnAdded):
        what = f"adds the column {change.column} {change.type} to {seen.table}, NOT NULL without a default"
        yield _violation(seen, what)
    for seen, made in facts.of(ColumnMadeRequired):
        if made.added and not seen.written:
            what = f"adds the column {made.column} to {seen.table}, fills no row and makes it NOT NULL"
            yield _violation(seen, what)


def _violation(seen: Seen, what: str) -> Violation:
    return Violation(
        seen.at,
        f"{seen.migration} {what}: it fails where there is a row",
        migration=seen.migration,
        evidence=evidence_of(seen),
        fix="Give it a default (`.notNull().default(…)`), or add it without `.notNull()`, fill it, and make it NOT "
        "NULL in a later deploy." + meant("MC305", seen),
    )
