"""MC141."""

from collections.abc import Iterator

from migcheck.facts.folder import FolderFacts
from migcheck.finding import Location, Violation
from migcheck.rule import rule


@rule("MC141")
def layouts_mixed(facts: FolderFacts) -> Iterator[Violation]:
    """The folder has one layout: a journal, or a folder for each migration.

    ## Why it matters
    Drizzle 1.0 refuses a folder that has a journal. Drizzle 0.x reads the journal and never sees the folders, so it
    reports success and runs none of them. `drizzle-kit check` 0.31 on a folder of 1.0 writes such a journal, empty.

    ## How to fix
    Delete meta/ where the project is on Drizzle 1.0; else take the 1.0 folders out and generate them with 0.x.
    """
    if facts.folder.mixed:
        yield Violation(
            Location(facts.folder.path),
            "the folder holds both a journal (Drizzle 0.x) and folders with a migration.sql (Drizzle 1.0)",
        )
