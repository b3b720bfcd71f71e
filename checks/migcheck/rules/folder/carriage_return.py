"""MC123."""

from collections.abc import Iterator

from migcheck.drizzle.text import line_at
from migcheck.facts.folder import FolderFacts
from migcheck.finding import Location, Violation
from migcheck.rule import rule


@rule("MC123")
def carriage_return(facts: FolderFacts) -> Iterator[Violation]:
    """No file holds a carriage return.

    ## Why it matters
    Drizzle stores the hash of the bytes it reads. With CRLF in the file, git may give one machine other bytes than
    another, so the ledger holds a hash that nobody can find again; and the CRs end up in functions and strings.

    ## How to fix
    Save the file with LF line ends, and put `*.sql text eol=lf` into .gitattributes.

    ## Once it has landed
    Leave it: its hash is that of these bytes, and to save it with LF now would be an edit that no database gets.
    `*.sql -text` in .gitattributes gives every machine the same bytes.
    """
    for file in facts.texts:
        at = file.sql.find(b"\r")
        if at >= 0:
            crlf = file.sql.count(b"\r\n") == file.sql.count(b"\r")
            yield Violation(
                Location(file.path, line_at(file.sql, at)),
                f"{file.tag} has {'CRLF line ends' if crlf else 'a carriage return'}",
                migration=file.tag,
                landed=facts.has_landed(file),
            )
