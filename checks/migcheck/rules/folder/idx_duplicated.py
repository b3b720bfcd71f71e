"""MC105."""

from collections.abc import Iterator

from migcheck.drizzle.journal import Entry
from migcheck.facts.folder import FolderFacts
from migcheck.finding import Violation
from migcheck.rule import rule


@rule("MC105")
def idx_duplicated(facts: FolderFacts) -> Iterator[Violation]:
    """No two entries of the journal have the same idx.

    ## Why it matters
    Two branches generated a migration each and were merged. With one idx they have one snapshot file, so one
    snapshot overwrote the other, and the next `drizzle-kit generate` repeats or forgets what the lost one did.

    ## How to fix
    Delete the later migration (file, entry), put back the journal and the snapshots of the branch that made the other
    one, and run `drizzle-kit generate` again; what was written by hand goes into `drizzle-kit generate --custom`.

    ## Once it has landed
    Leave both: Drizzle's migrator never reads an `idx`. Read what the next `drizzle-kit generate` writes before you
    commit it: it may repeat what one of them did.
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
            landed=entry.tag in facts.landed,
        )
