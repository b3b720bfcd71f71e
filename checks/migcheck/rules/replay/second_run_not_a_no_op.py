"""MC403."""

from collections.abc import Iterator

from migcheck.facts.rehearsal import Differs, Failed, ReplayFacts, Way
from migcheck.finding import Location, Violation
from migcheck.rule import rule


@rule("MC403")
def second_run_not_a_no_op(facts: ReplayFacts) -> Iterator[Violation]:
    """Through the ledger, running the migrator again runs nothing and changes nothing.

    ## Why it matters
    Every deploy runs the migrator, mostly with nothing to do. Here the next one would run what is applied already: a
    migration writes to the ledger, or a row's `created_at` is NULL.

    ## How to fix
    Take out of the migration whatever touches the ledger: it belongs to the migrator alone.
    """
    for outcome in facts.rehearsal.ways:
        if outcome.way is Way.AGAIN and isinstance(outcome, Failed):
            failure = outcome.failure
            yield Violation(
                failure.at,
                f"the migrator, run again, runs {failure.migration} once more: {failure.said}",
                migration=failure.migration,
                evidence=failure.evidence,
            )
        elif outcome.way is Way.AGAIN and isinstance(outcome, Differs):
            yield Violation(
                Location(facts.rehearsal.request.head.path),
                "the migrator, run again on the same database, changes it",
                evidence=outcome.evidence,
            )
