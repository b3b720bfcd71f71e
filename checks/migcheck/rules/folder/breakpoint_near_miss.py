"""MC130."""

from collections.abc import Iterator

from migcheck.drizzle.pieces import BREAKPOINT
from migcheck.drizzle.text import line_at, near_misses
from migcheck.facts.folder import FolderFacts
from migcheck.finding import Location, Severity, Violation
from migcheck.rule import rule


@rule("MC130")
def breakpoint_near_miss(facts: FolderFacts) -> Iterator[Violation]:
    """Every comment that looks like a breakpoint is one.

    ## Why it matters
    Drizzle splits on `--> statement-breakpoint` to the letter and takes anything else for a comment, so
    what was meant as two pieces is sent as one. Most SQL runs the same way, so this only warns; drivers that allow
    one statement fail.

    ## How to fix
    Write `--> statement-breakpoint`, in small letters and with one space.
    """
    for file in facts.texts:
        spots = list(near_misses(file.sql))
        if spots:
            times = "" if len(spots) == 1 else f", {len(spots)} times"
            yield Violation(
                Location(file.path, line_at(file.sql, spots[0].at)),
                f"{file.tag} has a comment that is nearly `{BREAKPOINT}`{times}",
                migration=file.tag,
                evidence=spots[0].what,
                severity=Severity.WARNING,
                landed=facts.has_landed(file),
            )
