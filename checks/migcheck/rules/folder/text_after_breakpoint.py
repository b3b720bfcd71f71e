"""MC132."""

from collections.abc import Iterator

from migcheck.drizzle.text import line_at, markers_in_quotes, text_after_markers
from migcheck.facts.folder import FolderFacts
from migcheck.finding import Location, Severity, Violation
from migcheck.rule import rule


@rule("MC132")
def text_after_breakpoint(facts: FolderFacts) -> Iterator[Violation]:
    """Nothing follows a breakpoint on its line.

    ## Why it matters
    The marker looks like a comment to the end of the line, but Drizzle cuts it out and sends what follows as SQL of the
    next piece. A remark there is a syntax error, which the rehearsal tells; a statement there runs. So this only warns.

    ## How to fix
    Put what follows the marker on a line of its own.
    """
    for file in facts.texts:
        spot = next(text_after_markers(file.sql), None)
        if spot and next(markers_in_quotes(file.sql), None) is None:
            yield Violation(
                Location(file.path, line_at(file.sql, spot.at)),
                f"{file.tag} has text after a breakpoint, which Drizzle sends as SQL",
                migration=file.tag,
                evidence=spot.what,
                severity=Severity.WARNING,
                landed=facts.has_landed(file),
            )
