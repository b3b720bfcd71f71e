"""MC122."""

from collections.abc import Iterator

from migcheck.drizzle.text import line_at
from migcheck.facts.folder import FolderFacts
from migcheck.finding import Location, Violation
from migcheck.rule import Trait, rule


@rule("MC122", Trait.NEVER_RUNS)
def nul_byte(facts: FolderFacts) -> Iterator[Violation]:
    """No file holds a NUL byte.

    ## Why it matters
    Postgres has no NUL in text. The protocol ends a statement there, so the server runs what stands before it and the
    rest is lost, or it refuses the message.

    ## How to fix
    Remove the NUL; a file full of them was saved as UTF-16 or is not SQL at all.

    ## Once it has landed
    Leave it if any database ran it: to change it then would be an edit that no database gets. A file that the server
    refuses ran nowhere; put it right, and a rehearsal that finds base stuck at this file lets the repair pass.
    """
    for file in facts.texts:
        at = file.sql.find(b"\0")
        if at >= 0:
            yield Violation(
                Location(file.path, line_at(file.sql, at)),
                f"{file.tag} holds a NUL byte",
                migration=file.tag,
                evidence=f"byte {at}",
                landed=facts.has_landed(file),
            )
