"""MC507."""

from collections.abc import Iterator

from migcheck.drizzle.standing import State
from migcheck.facts.target import TargetFacts
from migcheck.finding import Location, Violation
from migcheck.rule import rule


@rule("MC507")
def applied_migration_edited(facts: TargetFacts) -> Iterator[Violation]:
    """What the target has applied is what the folder holds.

    ## Why it matters
    Drizzle never compares the hash: the edit will not reach this database, while every new one is built with it. Where
    not the file but its `when` or name was changed, Drizzle runs the migration a second time.

    ## How to fix
    Put the file and its journal entry back as they were applied, and bring the change as a new migration:
    `drizzle-kit generate --custom`.
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
        )
