"""MC112."""

from collections.abc import Iterator

from migcheck.drizzle.snapshot import BrokenSnapshot
from migcheck.facts.folder import FolderFacts
from migcheck.finding import Location, Violation
from migcheck.rule import rule


@rule("MC112")
def snapshot_malformed(facts: FolderFacts) -> Iterator[Violation]:
    """Every snapshot can be read.

    ## Why it blocks
    drizzle-kit reads all of them before it generates anything. One that is not JSON ends it; one without its keys makes
    it compare with something else, and it still ends with success.

    ## How to fix
    Restore the snapshot from git; after a merge, take one side's and generate the other side's migration again.
    """
    for snapshot in facts.folder.snapshots:
        if isinstance(snapshot, BrokenSnapshot):
            yield Violation(
                Location(snapshot.path, snapshot.line),
                f"the snapshot {snapshot.problem}",
                severity=facts.of_snapshot(snapshot),
            )
