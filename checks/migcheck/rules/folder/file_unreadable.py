"""MC109."""

from collections.abc import Iterator

from migcheck.drizzle.folder import CONFLICT, UnreadableFile
from migcheck.facts.folder import FolderFacts
from migcheck.finding import Location, Severity, Violation
from migcheck.rule import Trait, rule


@rule("MC109", Trait.UNREADABLE)
def file_unreadable(facts: FolderFacts) -> Iterator[Violation]:
    """Everything named like a migration is a file that can be read.

    ## Why it matters
    Drizzle says of a file that it cannot read that there is none, and ends. What was not read was not checked either.

    ## How to fix
    Make it a regular file with permission to read it, or remove it.

    Where no entry names it, Drizzle never comes near it, and the finding warns.
    """
    for file in facts.folder.unreadable:
        if isinstance(file, UnreadableFile):
            yield Violation(
                Location(file.path),
                f"{file.tag} cannot be read: {file.problem}",
                migration=file.tag,
                fix="Settle it, then `git add` it." if file.problem == CONFLICT else "",
                severity=Severity.ERROR if facts.reads(file.tag) else Severity.WARNING,
            )
