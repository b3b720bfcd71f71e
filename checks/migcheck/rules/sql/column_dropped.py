"""MC302."""

from collections.abc import Iterator

from migcheck.facts.sql.judged import SqlFacts
from migcheck.facts.sql.observation import ColumnDropped
from migcheck.finding import Violation
from migcheck.rule import rule

_LATER = (
    "Drop it in two deploys.\n"
    "1. Put `select 1;` in the place of the DROP. Deploy that with the code that does without the column.\n"
    "2. Later, write the DROP into a migration of `drizzle-kit generate --custom`. Waive this finding there.\n"
    "If no running code uses the column any more, waive it here."
)


@rule("MC302")
def column_dropped(facts: SqlFacts) -> Iterator[Violation]:
    """A new migration drops a column that was there, and its values with it.

    ## Why it matters
    The values are gone for good. Drizzle names every column of a table in what it selects and inserts, so the code of
    before, which still runs during a deploy, fails on every query of that table, whether it needs the column or not.

    It was seen to happen when the upgrade was rehearsed, without rows or only with some (it warns, where these were
    made up), or offline read: a `DROP TYPE … CASCADE` that takes columns along is told as well. No finding is a column
    that the same change had added, one that has its name again in the end (made anew, and filled or computed), and one
    of a table without a row on the target. Whether base's newest snapshot, which is of the release that runs meanwhile,
    names the column, stands at the finding.

    ## How to fix
    Drop it in two deploys. First put `select 1;` in the place of the DROP that drizzle-kit wrote, and deploy that with
    the code that does without the column. Later write the DROP into a migration of `drizzle-kit generate --custom`, and
    waive this finding there.

    Do not leave the first migration out: its snapshot is what keeps the next `drizzle-kit generate` from writing the
    DROP again.
    """
    for seen, change in facts.of(ColumnDropped):
        lost = "the code of before asks for it" if change.generated else "its values are gone with it"
        table, fix = seen.table, _LATER
        if seen.of:
            # Of one that still is, none can be.
            table, fix = f"{table}, which was a partition of {seen.of}", "Keep a copy of what may be wanted again."
        column = f"{change.called}, which was {change.column}," if change.called else change.column
        yield facts.violation(seen, f"drops the column {column} of {table}: {lost}", fix, meant=True)
