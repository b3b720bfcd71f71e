"""MC125."""

from collections.abc import Iterator

from migcheck.drizzle.text import CUSTOM, INTROSPECTED, has_statement, text_on_custom_line
from migcheck.facts.folder import FolderFacts
from migcheck.finding import Location, Violation
from migcheck.rule import rule


@rule("MC125")
def nothing_but_comments(facts: FolderFacts) -> Iterator[Violation]:
    """Every migration has a statement.

    ## Why it matters
    Drizzle records a file of comments as applied. Whatever it was meant to do is never done, and cannot be added later:
    the file has landed.

    ## How to fix
    Write the SQL into the file, or remove the migration. One that is empty on purpose says so with `SELECT 1;`.

    What `drizzle-kit pull` writes is all comment on purpose: it stands for a schema that exists.

    ## Once it has landed
    Leave it: it is recorded as applied, and what is written into it now would never run. Write what it was meant to do
    as a new migration.
    """
    for file in facts.texts:
        if file.sql.startswith(INTROSPECTED) or has_statement(file.sql) or text_on_custom_line(file.sql):
            continue
        untouched = file.sql.strip() == CUSTOM
        yield Violation(
            Location(file.path, 1),
            f"{file.tag} {_what(file.sql, untouched=untouched)}",
            migration=file.tag,
            landed=facts.has_landed(file),
        )


def _what(sql: bytes, *, untouched: bool) -> str:
    if untouched:
        return "is a custom migration that nobody has written yet"
    return "has nothing but comments" if sql.strip() else "is empty"
