"""MC105."""

from collections.abc import Iterator

from migcheck.drizzle.journal import Entry
from migcheck.facts.folder import FolderFacts
from migcheck.finding import Violation
from migcheck.rule import rule


@rule("MC105")
def idx_duplicated(facts: FolderFacts) -> Iterator[Violation]:
    """No two entries of the journal have the same idx.

    ## Why it blocks
    Two branches generated a migration each and were merged. With one idx they have one snapshot file, so one
    snapshot overwrote the other, and the next `drizzle-kit generate` repeats or forgets what the lost one did.

    ## How to fix
    Take the migration of this branch out (`drizzle-kit drop`), merge the other branch, and generate it again.
    """
    first: dict[int, Entry] = {}
    for entry in facts.entries:
        if entry.idx is None:
            continue
        one = first.setdefault(entry.idx, entry)
        if one is entry or one.tag == entry.tag:
            continue
        if (one.tag in facts.landed) != (entry.tag in facts.landed):
            continue  # One landed and one is new: history tells it, with how the two came together.
        yield Violation(
            facts.at(entry),
            f"{one.tag} and {entry.tag} have the same idx {entry.idx}",
            migration=entry.tag,
            severity=facts.of_entry(entry.tag),
        )
