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
    Take the pattern out of the file that has it; `git check-ignore -v --no-index FILE` names that and the line. Where
    the pattern is `*.sql`, `!drizzle/**/*.sql` on a line below it does as well; a directory that is ignored cannot be
    opened again. Then commit the file.
    """
    for file in facts.read_files:
        if file.path in facts.ignored:
            yield Violation(Location(file.path), f"git ignores {file.tag}", migration=file.tag)
