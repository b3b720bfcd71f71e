"""MC102."""

from collections.abc import Iterator

from migcheck.drizzle.journal import Journal
from migcheck.drizzle.names import file_of, prefix_of
from migcheck.facts.folder import FolderFacts
from migcheck.finding import Location, Severity, Violation
from migcheck.rule import rule

_ROLLBACK = ".down"


@rule("MC102")
def file_without_entry(facts: FolderFacts) -> Iterator[Violation]:
    """Every SQL file of the folder has its entry in the journal.

    ## Why it blocks
    Drizzle never lists the directory. A file that no entry names is never run, on any database, and nothing says so.
    It is what a merge leaves behind when one side's entry was lost.

    ## How to fix
    Add its entry to the journal with `drizzle-kit generate --custom` and move the SQL there, or delete the file.

    A file that was there before this change, or that is not named like a migration (`seed.sql`), warns. The rollback of
    a migration (`0007_orders.down.sql` beside `0007_orders.sql`) needs no entry.
    """
    if not isinstance(facts.folder.journal, Journal):
        return
    # A row that is there and malformed has a finding of its own.
    malformed = (each.tag for each in facts.folder.journal.malformed if each.tag is not None)
    named = {file_of(tag) for tag in (*(each.tag for each in facts.entries), *malformed)}
    for file in facts.folder.files:
        up = file.tag.removesuffix(_ROLLBACK)
        if f"{file.tag}.sql" in named or (up != file.tag and f"{up}.sql" in named):
            continue
        # Whoever removed a landed entry is told so by the history, and an ignored file never lands.
        if file.tag in facts.landed or file.path in facts.ignored:
            continue
        old = file.tag in facts.old_names or not prefix_of(file.tag).isdigit()
        yield Violation(
            Location(file.path),
            f"no entry of the journal names {file.tag}: Drizzle will never run it",
            migration=file.tag,
            severity=Severity.WARNING if old else Severity.ERROR,
        )
