"""MC111."""

from collections.abc import Iterator

from migcheck.facts.folder import FolderFacts
from migcheck.finding import Location, Violation
from migcheck.rule import rule


@rule("MC111")
def snapshot_orphaned(facts: FolderFacts) -> Iterator[Violation]:
    """Every snapshot belongs to a migration.

    ## Why it matters
    drizzle-kit takes the last snapshot by name for the state of the schema, whatever the journal says. One that belongs
    to no migration makes it believe in changes that no database has.

    ## How to fix
    Delete the snapshot, or restore the journal entry it belongs to.

    ## Once it has landed
    Delete it, unless the `prevId` of a later snapshot is its `id`: no database reads a snapshot, so this is no edit of
    what landed.
    """
    for snapshot in facts.orphans:
        yield Violation(
            Location(snapshot.path),
            f"no migration begins with {snapshot.prefix}_, so this snapshot belongs to none",
            landed=facts.has_landed(snapshot),
        )
