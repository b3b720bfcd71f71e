"""MC504."""

from collections.abc import Iterator

from migcheck.drizzle.folder import Layout
from migcheck.facts.target.judged import TargetFacts
from migcheck.finding import Location, Violation
from migcheck.rule import Trait, rule


@rule("MC504", Trait.BY_LEDGER, Trait.NO_START)
def ledger_row_without_time(facts: TargetFacts) -> Iterator[Violation]:
    """Every row of the ledger has its `created_at`.

    ## Why it matters
    Drizzle takes the row that sorts first by `created_at desc`, and NULL sorts first and counts as 0: the next run
    would run every migration again, from the first one on.

    ## How to fix
    Find out which migration the row stands for, then set its `created_at` to that migration's `when` in the journal,
    or delete the row where it stands for none.
    """
    if facts.folder.layout is Layout.FOLDERS:
        return
    for row in facts.target.ledger.rows:
        if row.created_at is None:
            yield Violation(
                Location(facts.folder.path),
                f"row {row.id} of {facts.target.ledger.name} on {facts.target.name} has no created_at: Drizzle would "
                "run everything again",
                evidence=str(row),
            )
