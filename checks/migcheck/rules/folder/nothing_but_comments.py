"""MC125."""

import re
from collections.abc import Iterator

from migcheck.drizzle.text import CUSTOM, INTROSPECTED, has_statement, text_on_custom_line
from migcheck.facts.folder import FolderFacts
from migcheck.finding import Location, Violation
from migcheck.regex import regex
from migcheck.rule import rule

_ON_PURPOSE = regex(rb"\bno[- ]?op\b|\bintentional(?:ly)?\b|\bdeliberate(?:ly)?\b|\bon purpose\b", re.IGNORECASE)
_LINE = rb"^[ \t]*(?:--+|/?\*+)?[ \t]*"
_OBJECT = rb"(?:table|index|unique|type|view|materialized|schema|function|policy|trigger|extension|sequence)\b"
_LEFT_OUT = regex(
    rb"\b(?:todo|fixme)\b|\bnot (?:an? )?(?:no[- ]?op|intentional|deliberate|on purpose)"
    rb"|%b(?:alter|create|drop)\s+%b"
    rb"|%b(?:[^:\n]*:[ \t]*)?(?:alter|create|drop|insert|delete|truncate|update|grant|revoke)\b[^\n]*"
    rb"(?:;|statement-breakpoint|\"[^\"\n]+\")" % (_LINE, _OBJECT, _LINE),
    re.IGNORECASE | re.MULTILINE,
)


@rule("MC125")
def nothing_but_comments(facts: FolderFacts) -> Iterator[Violation]:
    """Every migration has a statement.

    ## Why it matters
    Drizzle records a file of comments as applied. Whatever it was meant to do is never done, and cannot be added later:
    the file has landed.

    ## How to fix
    Write the SQL into the file, or remove the migration. One that is empty on purpose says so with `SELECT 1;`,
    or in its comment: "no-op", "intentionally", "deliberately" or "on purpose", where no SQL is commented out.

    What `drizzle-kit pull` writes is all comment on purpose: it stands for a schema that exists.

    ## Once it has landed
    Leave it: it is recorded as applied, and what is written into it now would never run. Write what it was meant to do
    as a new migration.
    """
    for file in facts.texts:
        if has_statement(file.sql) or text_on_custom_line(file.sql) or _is_meant(file.sql):
            continue
        untouched = file.sql.strip() == CUSTOM
        yield Violation(
            Location(file.path, 1),
            f"{file.tag} {_what(file.sql, untouched=untouched)}",
            migration=file.tag,
            landed=facts.has_landed(file),
        )


def _is_meant(sql: bytes) -> bool:
    # SQL in a comment is left out, whatever else the comment says.
    return sql.startswith(INTROSPECTED) or bool(_ON_PURPOSE.search(sql) and not _LEFT_OUT.search(sql))


def _what(sql: bytes, *, untouched: bool) -> str:
    if untouched:
        return "is a custom migration that nobody has written yet"
    return "has nothing but comments" if sql.strip() else "is empty"
