"""MC405."""

from collections.abc import Iterator

from migcheck.facts.rehearsal import ReplayFacts
from migcheck.finding import Location, Violation
from migcheck.rule import rule


@rule("MC405")
def raw_sql_not_repeatable(facts: ReplayFacts) -> Iterator[Violation]:
    """Where the project asks for it, the raw SQL of each new migration can run twice, past the ledger.

    ## Why it matters
    The configuration says `repeatable = true`. Without it this is reported for each new migration and judged by nobody:
    through the ledger no migration runs twice.

    ## How to fix
    Write IF NOT EXISTS, IF EXISTS, CREATE OR REPLACE, ON CONFLICT DO NOTHING, or a DO block that looks first.
    """
    if not facts.repeatable:
        return
    for rerun in facts.rehearsal.reruns:
        if not rerun.repeatable:
            yield Violation(
                Location(rerun.path, rerun.line),
                f"{rerun.migration} cannot run twice: {f'{rerun.sqlstate} {rerun.message}'.strip()}",
                migration=rerun.migration,
            )
