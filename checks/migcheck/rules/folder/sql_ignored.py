"""MC140."""

from collections.abc import Iterator

from migcheck.facts.folder import FolderFacts
from migcheck.finding import Location, Violation
from migcheck.rule import rule


@rule("MC140")
def sql_ignored(facts: FolderFacts) -> Iterator[Violation]:
    """Git ignores no migration.

    ## Why it matters
    The file is here and nowhere else: the journal that names it is committed, the file is not, and every other
    machine's deploy ends with `No file ... found`.

    ## How to fix
    Take the pattern (often `*.sql`) out of .gitignore, or add `!drizzle/**/*.sql` on a line below it, and commit
    the file.
    """
    for file in facts.read_files:
        if file.path in facts.ignored:
            yield Violation(Location(file.path), f"git ignores {file.tag}", migration=file.tag)
