"""MC404."""

from collections.abc import Iterator

from migcheck.facts.rehearsal import Differs, ReplayFacts, Way
from migcheck.finding import Location, Violation
from migcheck.rule import rule


@rule("MC404")
def replays_differ(facts: ReplayFacts) -> Iterator[Violation]:
    """A new database and an upgraded one end up the same.

    ## Why it matters
    What is tested on a new database would not be what production has: a statement depends on chance or on the time,
    or on how migrations are put together in transactions.

    ## How to fix
    Look at the first line that differs: `-` is only in a new database, `+` only in an upgraded one. Make the
    statement behind it give the same every time.

    No one migration is named here: a waiver of it names the folder, `migration = "drizzle"`, and never `"*"`.

    Silent where landed migrations are edited, deleted or squashed, and where the upgrade skips a migration that a new
    database runs: gates `history` and `target` judge that, and the difference is its consequence.
    """
    request = facts.rehearsal.request
    if request.gone() or request.skipped():
        return
    for outcome in facts.rehearsal.ways:
        if isinstance(outcome, Differs) and outcome.way is Way.SAME:
            yield Violation(
                Location(request.head.path),
                "two independent replays of the folder differ",
                evidence=outcome.evidence,
            )
