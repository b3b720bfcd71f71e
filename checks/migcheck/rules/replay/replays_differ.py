"""MC404."""

from collections.abc import Iterator

from migcheck.facts.rehearsal import Differs, ReplayFacts, Request, Way
from migcheck.finding import Location, Violation
from migcheck.rule import rule


@rule("MC404")
def replays_differ(facts: ReplayFacts) -> Iterator[Violation]:
    """A new database and an upgraded one end up the same.

    ## Why it blocks
    What is tested on a new database would not be what production has: a migration is skipped in silence, a statement
    depends on chance or on the time, or on how migrations are put together in transactions.

    ## How to fix
    Look at the first line that differs: `-` is only in a new database, `+` only in an upgraded one. Make the
    statement behind it give the same every time, or give the entry that is skipped a `when` above all that landed.

    Silent where landed migrations are edited, deleted or squashed: gate `history` judges that, and the difference is
    its consequence.
    """
    request = facts.rehearsal.request
    for outcome in facts.rehearsal.ways:
        if isinstance(outcome, Differs) and outcome.way is Way.SAME and not request.gone():
            yield _violation(request, outcome)


def _violation(request: Request, outcome: Differs) -> Violation:
    skipped = request.skipped()
    if not skipped:
        return Violation(
            Location(request.head.path),
            "two independent replays of the folder differ",
            evidence=outcome.evidence,
        )
    first = skipped[0]
    others = f" (and {len(skipped) - 1} more)" if len(skipped) > 1 else ""
    return Violation(
        Location(first.path),
        f"{first.tag}{others} runs on a new database and is skipped in silence on one that has what landed",
        migration=first.tag,
        evidence=outcome.evidence,
    )
