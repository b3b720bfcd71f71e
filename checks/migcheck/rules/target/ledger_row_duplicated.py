"""MC505."""

from collections.abc import Iterator

from migcheck.drizzle.ledger import LedgerRow
from migcheck.drizzle.standing import surplus_rows
from migcheck.facts.target.judged import TargetFacts
from migcheck.finding import Location, Violation
from migcheck.rule import Trait, rule


@rule("MC505", Trait.BY_LEDGER)
def ledger_row_duplicated(facts: TargetFacts) -> Iterator[Violation]:
    """No migration is recorded twice, and no two rows have one place.

    ## Why it matters
    Drizzle takes no lock. Two deploys at the same moment can both run a migration, and both record it: its data
    statements have then run twice, which nothing else will ever tell.

    ## How to fix
    See whether the migration's effects are there twice and repair them, then delete the row with the greater id. Let
    one process deploy; `migcheck apply` holds a lock. Where two migrations have one `created_at`, somebody wrote it:
    set that of each row to the `when` of its entry in the journal.
    """
    for earlier, row in surplus_rows(facts.folder, facts.target.ledger):
        yield Violation(
            Location(facts.folder.path),
            f"rows {earlier.id} and {row.id} of {facts.target.ledger.name} on {facts.target.name} "
            f"{_told(earlier, row)}",
            migration=next((each.tag for each in facts.folder.migrations if each.hash == row.hash), None),
            evidence=f"{earlier}\n{row}",
        )


def _told(one: LedgerRow, other: LedgerRow) -> str:
    if one.hash != other.hash and one.created_at == other.created_at:
        return f"have one created_at, {one.created_at}, which cannot be that of both"
    return "record one migration twice"
