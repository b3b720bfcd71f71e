"""MC103."""

from collections.abc import Iterator

from migcheck.drizzle.journal import NO_IDX, Journal
from migcheck.facts.folder import FolderFacts
from migcheck.finding import Location, Violation
from migcheck.rule import Trait, rule

_OF_THE_LAST = (
    "Give the next migration (file, snapshot, entry) its number by hand: drizzle-kit cannot count on from this one."
)


@rule("MC103", Trait.UNREADABLE, asks_nothing=True)
def entry_malformed(facts: FolderFacts) -> Iterator[Violation]:
    """Every row of the journal is an entry: a `tag` that can name a file, a `when` in whole milliseconds, an `idx`.

    ## Why it matters
    Without a tag Drizzle looks for `undefined.sql` and ends. Without a `when` that is a number it compares with
    nothing: the migration is skipped in silence, or written to the ledger with a time that makes all others run again.
    The next `drizzle-kit generate` counts on from the last `idx`.

    ## How to fix
    Restore the row as drizzle-kit wrote it: `{"idx": 3, "version": "7", "when": 1700000000000, "tag": "0003_name",
    "breakpoints": true}`.

    A journal in which no row has an `idx` was written by hand, and nothing is said of it.

    ## Once it has landed
    Leave it: an `idx` alone is missing, and Drizzle's migrator never reads it. Where it is the last entry, drizzle-kit
    cannot count on: give the next migration (file, snapshot, entry) its number by hand.
    """
    if not isinstance(facts.folder.journal, Journal):
        return
    for row in facts.folder.journal.malformed:
        yield Violation(
            Location(facts.folder.journal.path, row.line),
            f"row {row.position + 1} of the journal is not an entry: {row.problem}",
            migration=row.tag,
        )
    counted = any(entry.idx is not None for entry in facts.entries)
    for entry in facts.entries:
        if entry.idx_problem and (counted or entry.idx_problem != NO_IDX):
            yield Violation(
                facts.at(entry),
                f"row {entry.position + 1} of the journal is not an entry: {entry.idx_problem}",
                migration=entry.tag,
                landed=entry.tag in facts.landed,
                fix=_OF_THE_LAST if entry.tag in facts.landed and entry is facts.entries[-1] else "",
            )
