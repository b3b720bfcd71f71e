"""MC123."""

from collections.abc import Iterator

from migcheck.drizzle.folder import attributes_line
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
    Save the file with LF line ends, and put `drizzle/**/*.sql text eol=lf` (with your folder's path) in .gitattributes.
    Where files of the folder have landed with CR it is `-text` in the place of `text eol=lf`, which would edit them.

    ## Once it has landed
    Leave it: its hash is that of these bytes, and to save it with LF now would be an edit that no database gets.
    `drizzle/**/*.sql -text` in .gitattributes, with your folder's path, gives every machine the same bytes.
    """
    for file in facts.texts:
        at = file.sql.find(b"\r")
        if at >= 0:
            crlf = file.sql.count(b"\r\n") == file.sql.count(b"\r")
            yield Violation(
                Location(file.path, line_at(file.sql, at)),
                f"{file.tag} has {'CRLF line ends' if crlf else 'a carriage return'}",
                migration=file.tag,
                fix="" if facts.has_landed(file) else _fix(facts),
                landed=facts.has_landed(file),
            )


def _fix(facts: FolderFacts) -> str:
    """What a guide says of the same folder: where files have landed with CR, `text` would be an edit of them."""
    landed_with_cr = facts.before is not None and any(b"\r" in each.sql for each in facts.before.files)
    line = attributes_line(facts.folder.path, landed_with_cr=landed_with_cr)
    why = ": files of it have landed with CR, and to turn those into LF now would be an edit" if landed_with_cr else ""
    return f"Save the file with LF line ends, and put `{line}` into .gitattributes{why}."
