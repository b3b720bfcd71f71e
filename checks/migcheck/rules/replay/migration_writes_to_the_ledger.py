"""MC408."""

from collections.abc import Iterator

from migcheck.facts.rehearsal import ReplayFacts
from migcheck.finding import Location, Violation
from migcheck.rule import rule


@rule("MC408")
def migration_writes_to_the_ledger(facts: ReplayFacts) -> Iterator[Violation]:
    """After a run the ledger holds a row for each migration that ran, and nothing else in it has changed.

    ## Why it matters
    Drizzle decides by the ledger what runs next. A row more with a late `created_at` makes it skip every later
    migration in silence, a row less makes it run one again, and a column `name` makes it take the ledger for one of
    Drizzle 1.0.

    ## How to fix
    Take out of the migration whatever touches the ledger, a trigger or a rule on it too: it belongs to the migrator
    alone. What is wrong with the ledger of one database is repaired there by hand (`migcheck explain rollback`).
    """
    rehearsal = facts.rehearsal
    if rehearsal.ledger_change:
        new = rehearsal.request.new
        alone = new[0] if len(new) == 1 else None
        yield Violation(
            Location(alone.path if alone else rehearsal.request.head.path),
            f"{rehearsal.request.name} is not what the migrator alone would leave",
            migration=alone.tag if alone else None,
            evidence="\n".join(rehearsal.ledger_change),
        )
