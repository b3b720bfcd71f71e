"""MC126."""

from collections.abc import Iterator

from migcheck.drizzle.text import text_on_custom_line
from migcheck.facts.folder import FolderFacts
from migcheck.finding import Location, Violation
from migcheck.rule import rule


@rule("MC126")
def sql_on_comment_line(facts: FolderFacts) -> Iterator[Violation]:
    """No SQL stands on the line of drizzle-kit's own comment.

    ## Why it matters
    The file of `drizzle-kit generate --custom` is one comment without a newline at its end. What is appended to it
    (`echo ... >> file.sql`) is part of the comment: Drizzle records the migration and runs none of it.

    ## How to fix
    Put a line break after `put your code below! --`.

    ## Once it has landed
    Leave it: it is recorded as applied, and what is written into it now would never run. Write what it was meant to do
    as a new migration.
    """
    for file in facts.texts:
        if spot := text_on_custom_line(file.sql):
            yield Violation(
                Location(file.path, 1),
                f"{file.tag} has SQL on the line of a comment, where it never runs",
                migration=file.tag,
                evidence=spot.what,
                landed=facts.has_landed(file),
            )
