"""MC124."""

from collections.abc import Iterator

from migcheck.drizzle import text
from migcheck.facts.folder import FolderFacts
from migcheck.finding import Location, Severity, Violation
from migcheck.rule import Trait, rule


@rule("MC124", Trait.NEVER_RUNS)
def conflict_markers(facts: FolderFacts) -> Iterator[Violation]:
    """No file holds the markers of a merge conflict.

    ## Why it matters
    The merge was committed half done: Postgres refuses the markers, and what stands between them is two versions of one
    migration.

    ## How to fix
    Resolve the conflict in the file.

    A marker without its counterpart warns: it may be text inside a string; anywhere else the server refuses it.

    ## Once it has landed
    Leave it if any database ran it: to change it then would be an edit that no database gets. A file that the server
    refuses ran nowhere; put it right, and a rehearsal that finds base stuck at this file lets the repair pass.
    """
    for file in facts.texts:
        found = text.conflict_markers(file.sql)
        if found:
            paired = len({each.what[:1] for each in found}) > 1
            yield Violation(
                Location(file.path, text.line_at(file.sql, found[0].at)),
                f"{file.tag} holds the markers of a merge conflict",
                migration=file.tag,
                evidence=found[0].what.strip(),
                severity=Severity.ERROR if paired else Severity.WARNING,
                landed=facts.has_landed(file),
            )
