"""MC508."""

from collections.abc import Iterator

from migcheck.drizzle.folder import Folder, Migration
from migcheck.drizzle.journal import Journal
from migcheck.drizzle.standing import State
from migcheck.facts.target import TargetFacts
from migcheck.finding import Location, Violation
from migcheck.rule import rule


@rule("MC508")
def entry_will_be_skipped(facts: TargetFacts) -> Iterator[Violation]:
    """Every migration of the folder is applied or due.

    ## Why it matters
    Drizzle runs only what has a `when` above the greatest `created_at` of the ledger. This one is below it and has no
    row: no deploy will ever run it on this database, and every deploy will call itself successful.

    ## How to fix
    Where it has not landed yet, set its `when` to the ledger's newest `created_at` plus 1, or delete it (file,
    snapshot, entry) and run `drizzle-kit generate` again on top of base; what was written by hand goes into
    `drizzle-kit generate --custom`. Where the database has what it makes, and only its row was lost, write the row
    again (`migcheck explain rollback row-missing`). Else bring what it does as a new migration that can run where it
    already did.
    """
    for each in facts.standings.of(State.SKIPPED):
        yield Violation(
            _entry(facts.folder, each.migration),
            f"{each.migration.tag} will never run on {facts.target.name}",
            migration=each.migration.tag,
            evidence=f"when {each.migration.when}, newest created_at of the ledger {facts.target.ledger.mark}",
        )


def _entry(folder: Folder, migration: Migration) -> Location:
    journal = folder.journal
    if isinstance(journal, Journal):
        for entry in journal.entries:
            if entry.tag == migration.tag:
                return Location(journal.path, entry.line)
    return Location(migration.path)
