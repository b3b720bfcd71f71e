"""MC112."""

from collections.abc import Iterator

from migcheck.drizzle.folder import CONFLICT
from migcheck.drizzle.journal import BrokenJournal, Journal, again_on
from migcheck.drizzle.snapshot import BrokenSnapshot
from migcheck.facts.folder import FolderFacts
from migcheck.finding import Location, Violation
from migcheck.rule import rule


@rule("MC112")
def snapshot_malformed(facts: FolderFacts) -> Iterator[Violation]:
    """Every snapshot can be read.

    ## Why it matters
    drizzle-kit reads all of them before it generates anything. One that is not JSON ends it; one without its keys makes
    it compare with something else, and it still ends with success.

    ## How to fix
    Restore the snapshot from git; after a merge, take one side's and generate the other side's migration again.

    ## Once it has landed
    Restore it from a revision before it broke (`git log -- FILE`): no database reads a snapshot, so this is no edit of
    what landed, and until then `drizzle-kit generate` ends at it.
    """
    for snapshot in facts.folder.snapshots:
        if isinstance(snapshot, BrokenSnapshot):
            yield Violation(
                Location(snapshot.path, snapshot.line),
                f"the snapshot {snapshot.problem}",
                fix=_fix(facts, snapshot),
                landed=facts.has_landed(snapshot),
            )


def _fix(facts: FolderFacts, snapshot: BrokenSnapshot) -> str:
    if CONFLICT not in snapshot.problem:
        return ""
    journal = facts.folder.journal
    if isinstance(journal, Journal | BrokenJournal):
        return f"{again_on(journal.path)} Then `git add` them."
    return "Settle it, then `git add` it."
