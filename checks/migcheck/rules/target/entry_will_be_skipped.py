"""MC508."""

from collections.abc import Iterator

from migcheck.drizzle.folder import Folder, Migration
from migcheck.drizzle.journal import Journal
from migcheck.drizzle.standing import State
from migcheck.facts.history.not_in_base import not_in_base
from migcheck.facts.target.judged import TargetFacts
from migcheck.finding import Location, Violation
from migcheck.rule import Trait, rule
from migcheck.wording import listed, undone_there


@rule("MC508", Trait.BY_LEDGER)
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
            fix=_way_out(facts, each.migration),
        )


def _way_out(facts: TargetFacts, migration: Migration) -> str:
    """What to do where only rows of what base does not have are in its way; empty where others are as well."""
    history, ledger = facts.history, facts.target.ledger
    if history is None or migration.tag not in history.landed():
        return ""
    newer = [row for row in ledger.rows if row.created_at is not None and row.created_at >= migration.when]
    if not newer or not all(not_in_base(history, row) for row in newer):
        return ""
    rows = f"row{'' if len(newer) == 1 else 's'} {listed([str(row.id) for row in newer])} of {ledger.name}"
    return (
        f"Newer than it is only what base does not have, by {rows}. Where no other database has that, "
        f"{undone_there('what it did')} Else bring what {migration.tag} does as a new migration that can run "
        "where it already did."
    )


def _entry(folder: Folder, migration: Migration) -> Location:
    journal = folder.journal
    if isinstance(journal, Journal):
        for entry in journal.entries:
            if entry.tag == migration.tag:
                return Location(journal.path, entry.line)
    return Location(migration.path)
