"""MC503."""

from collections.abc import Iterator

from migcheck.drizzle.folder import Layout
from migcheck.facts.target.judged import TargetFacts
from migcheck.finding import Location, Violation
from migcheck.rule import Trait, rule


@rule("MC503", Trait.BY_LEDGER, Trait.NO_START)
def ledger_of_another_layout(facts: TargetFacts) -> Iterator[Violation]:
    """The ledger has the columns of the folder's layout.

    ## Why it matters
    Drizzle 1.0 keeps the name of each migration in the ledger and decides by it what is pending; 0.x knows no names.
    A row that 0.x writes into a ledger of 1.0 has none, so 1.0 would run that migration again. A ledger of 0.x gets
    its names from the first run of the 1.0 migrator, which alone can match old rows with new folders.

    ## How to fix
    Deploy this folder with the Drizzle that the ledger belongs to. After `drizzle-kit up`, let the migrator of 1.0 run
    once on the database: it adds the columns.
    """
    if not facts.other_layout:
        return
    told = (
        "was upgraded to Drizzle 1.0, the folder is of 0.x"
        if facts.folder.layout is Layout.JOURNAL
        else "is of Drizzle 0.x, the folder is of 1.0"
    )
    yield Violation(Location(facts.folder.path), f"{facts.target.ledger.name} on {facts.target.name} {told}")
