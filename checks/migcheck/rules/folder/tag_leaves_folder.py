"""MC108."""

from collections.abc import Iterator

from migcheck.drizzle.folder import LinkOut
from migcheck.drizzle.names import leaves_folder
from migcheck.facts.folder import FolderFacts
from migcheck.finding import Location, Severity, Violation
from migcheck.rule import Trait, rule


@rule("MC108", Trait.UNREADABLE)
def tag_leaves_folder(facts: FolderFacts) -> Iterator[Violation]:
    """Every migration's file is inside the folder.

    ## Why it matters
    Drizzle reads whatever path a tag makes. A file outside the folder is not reviewed, not part of what landed and not
    packed with the folder when it is deployed.

    ## How to fix
    Move the file into the folder, and let the tag be its plain name.

    A link that no entry names warns: Drizzle never follows it.
    """
    for entry in facts.entries:
        if leaves_folder(entry.tag):
            yield Violation(
                facts.at(entry),
                f"the tag {entry.tag} leaves the folder",
                migration=entry.tag,
            )
    for file in facts.folder.unreadable:
        if isinstance(file, LinkOut):
            yield Violation(
                Location(file.path),
                f"{file.tag} is a symbolic link that leaves the folder",
                migration=file.tag,
                severity=Severity.ERROR if facts.reads(file.tag) else Severity.WARNING,
            )
