"""MC511."""

from collections.abc import Iterator

from migcheck.facts.target.judged import TargetFacts
from migcheck.finding import Location, Violation
from migcheck.rule import Trait, rule


@rule("MC511", Trait.BY_LEDGER, Trait.NO_START)
def restart_on_a_target_behind(facts: TargetFacts) -> Iterator[Violation]:
    """A folder that was restarted meets only databases that had all of the old one.

    ## Why it matters
    The first migration of a squashed folder builds everything at once. On a database that stopped somewhere in the old
    folder Drizzle would run it over what is already there.

    ## How to fix
    Deploy the last revision before the restart to this database, then this one: it will then have nothing to do.
    """
    if facts.standings.restarted_behind:
        first = facts.folder.migrations[0]
        yield Violation(
            Location(first.path),
            f"{facts.target.name} has part of the folder that {first.tag} replaced",
            migration=first.tag,
            evidence=f"when {first.when}, newest created_at of the ledger {facts.target.ledger.mark}",
        )
