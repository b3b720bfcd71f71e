"""MC120."""

import codecs
from collections.abc import Iterator

from migcheck.facts.folder import FolderFacts
from migcheck.finding import Location, Violation
from migcheck.rule import Trait, rule


@rule("MC120", Trait.NEVER_RUNS)
def byte_order_mark(facts: FolderFacts) -> Iterator[Violation]:
    """No file begins with a byte order mark.

    ## Why it matters
    Drizzle sends the mark to the server, and Postgres refuses it: `syntax error at or near` something invisible.

    ## How to fix
    Save the file as UTF-8 without a byte order mark.

    ## Once it has landed
    Leave it if any database ran it: to change it then would be an edit that no database gets. A file that the server
    refuses ran nowhere; put it right, and a rehearsal that finds base stuck at this file lets the repair pass.
    """
    for file in facts.texts:
        if file.sql.startswith(codecs.BOM_UTF8):
            yield Violation(
                Location(file.path, 1),
                f"{file.tag} begins with a byte order mark",
                migration=file.tag,
                landed=facts.has_landed(file),
            )
