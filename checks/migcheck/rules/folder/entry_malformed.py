"""MC103."""

from collections.abc import Iterator

from migcheck.drizzle.journal import Journal
from migcheck.facts.folder import FolderFacts
from migcheck.finding import Location, Violation
from migcheck.rule import rule


@rule("MC103")
def entry_malformed(facts: FolderFacts) -> Iterator[Violation]:
    """Every row of the journal is an entry: a `tag` that can be a file's name, and a `when` in whole milliseconds.

    ## Why it blocks
    Without a tag Drizzle looks for `undefined.sql` and ends. Without a `when` that is a number it compares with
    nothing: the migration is skipped in silence, or written to the ledger with a time that makes all others run again.

    ## How to fix
    Restore the row as drizzle-kit wrote it: `{"idx": 3, "version": "7", "when": 1700000000000, "tag": "0003_name",
    "breakpoints": true}`.
    """
    if not isinstance(facts.folder.journal, Journal):
        return
    for row in facts.folder.journal.malformed:
        yield Violation(
            Location(facts.folder.journal.path, row.line),
            f"row {row.position + 1} of the journal is not an entry: {row.problem}",
            migration=row.tag,
        )
