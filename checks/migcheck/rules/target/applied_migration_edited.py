"""MC507."""

from collections.abc import Iterator

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.ledger import LedgerRow
from migcheck.drizzle.standing import State
from migcheck.facts.history.not_in_base import not_in_base
from migcheck.facts.target.judged import TargetFacts
from migcheck.finding import Location, Violation
from migcheck.rule import Trait, rule
from migcheck.wording import undone_there

_PUT_BACK = (
    "Put the file and its journal entry back as they were applied, and bring the change as a new migration: "
    "`drizzle-kit generate --custom`."
)


@rule("MC507", Trait.BY_LEDGER)
def applied_migration_edited(facts: TargetFacts) -> Iterator[Violation]:
    """What the target has applied is what the folder holds.

    ## Why it matters
    Drizzle never compares the hash: the edit will not reach this database, while every new one is built with it. Where
    not the file but its `when` or name was changed, Drizzle runs the migration a second time.

    ## How to fix
    Put the file and its journal entry back as they were applied, and bring the change as a new migration:
    `drizzle-kit generate --custom`.

    What has not landed may have run on a database of one's own before it was made anew, as behind a merge. There, undo
    what was applied and delete its row, or build that database anew: the folder is right as it is.
    """
    for each in facts.standings.of(State.EDITED) if not facts.other_layout else ():
        row = each.row
        if row is not None and row.created_at is None and row.name is None:
            continue  # Drizzle runs it again for want of a time: that has a rule of its own.
        yield Violation(
            Location(each.migration.path),
            f"{each.migration.tag} on {facts.target.name}: {each.note}",
            migration=each.migration.tag,
            evidence="" if row is None else f"{row}\nfolder: hash {each.migration.hash}, when {each.migration.when}",
            fix="" if row is None else _way_out(facts, row, _put_back(each.migration, row)),
        )


def _put_back(migration: Migration, row: LedgerRow) -> str:
    """How the folder has again what `row` records: of the same SQL, what it was called or when it was made."""
    if row.hash != migration.hash:
        return _PUT_BACK
    if row.name is not None:
        return f"The file is as it was applied: give it its name back, {row.name}."
    return f"The file is as it was applied: put its journal entry back, with `when` {row.created_at}."


def _way_out(facts: TargetFacts, row: LedgerRow, put_back: str) -> str:
    """What to do: to `put_back`, and what else where the database ran what base does not have."""
    if not_in_base(facts.history, row) is None:
        return put_back
    there = undone_there(f"what row {row.id} of {facts.target.ledger.name} did")
    return f"{put_back} Or, as base does not have it, where no other database ran it: {there}"
