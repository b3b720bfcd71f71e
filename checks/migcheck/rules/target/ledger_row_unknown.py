"""MC506."""

from collections.abc import Iterator

from migcheck.drizzle.standing import Stray
from migcheck.facts.target.judged import TargetFacts
from migcheck.finding import Location, Violation
from migcheck.rule import Trait, rule


@rule("MC506", Trait.BY_LEDGER)
def ledger_row_unknown(facts: TargetFacts) -> Iterator[Violation]:
    """Every row of the ledger is a migration that this repository knows.

    ## Why it matters
    A row that no revision has a file for was applied from somewhere else: another branch that was never pushed,
    another repository, another application. What it changed cannot be rehearsed, so nothing proves that the next
    migration fits.

    ## How to fix
    Find the file with this SHA-256 and bring it into the folder, or point the URL at the right database. Where the
    branch exists, fetch it. Two applications in one database need a ledger each: `migrations.table` in drizzle.config.
    """
    for stray in facts.standings.strays if not facts.other_layout else ():
        if stray.kind is Stray.UNKNOWN and (stray.row.created_at is not None or stray.row.name is not None):
            yield Violation(
                Location(facts.folder.path),
                f"row {stray.row.id} of {facts.target.ledger.name} on {facts.target.name} is not a migration of this "
                "repository",
                evidence=str(stray.row),
            )
