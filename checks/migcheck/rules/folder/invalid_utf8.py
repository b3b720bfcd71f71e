"""MC121."""

import codecs
from collections.abc import Iterator

from migcheck.drizzle.text import line_at, not_utf8_at
from migcheck.facts.folder import FolderFacts
from migcheck.finding import Location, Violation
from migcheck.rule import rule


@rule("MC121")
def invalid_utf8(facts: FolderFacts) -> Iterator[Violation]:
    """Every file is UTF-8.

    ## Why it matters
    Drizzle reads each file as UTF-8 and replaces invalid bytes with U+FFFD. The server gets other text than the file
    has, and stores it.

    ## How to fix
    Save the file as UTF-8.

    ## Once it has landed
    Leave it: to save it anew now would be an edit that no database gets. Put right in a new migration what was stored
    with U+FFFD in it.
    """
    for file in facts.read_files:
        at = not_utf8_at(file.sql)
        if at is None:
            continue
        utf16 = file.sql.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        yield Violation(
            Location(file.path, line_at(file.sql, at)),
            f"{file.tag} is {'UTF-16' if utf16 else 'not UTF-8'}",
            migration=file.tag,
            evidence=f"byte {at} is 0x{file.sql[at]:02x}",
            landed=facts.has_landed(file),
        )
