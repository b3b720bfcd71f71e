"""MC131."""

from collections.abc import Iterator

from migcheck.drizzle.text import INTROSPECTED, line_at, markers_in_quotes
from migcheck.facts.folder import FolderFacts
from migcheck.finding import Location, Violation
from migcheck.rule import Trait, rule

_PULLED = (
    "`drizzle-kit pull` wrote it of a database that has all this. Take its `/*` and `*/` out, so that it builds new "
    "ones, and let `migcheck baseline` record it in those that have it."
)


@rule("MC131", Trait.NEVER_RUNS)
def breakpoint_in_quotes(facts: FolderFacts) -> Iterator[Violation]:
    """No breakpoint stands inside a string, a quoted name, a dollar-quoted body or a block comment.

    ## Why it matters
    Drizzle splits there all the same: it looks for the marker and for nothing else. Both halves are sent with a quote
    that never ends, and Postgres refuses them.

    ## How to fix
    Move the marker to after the end of the statement, or take it out.

    The file of `drizzle-kit pull` is one block comment with markers in it, which no database runs. Without the comment
    it builds new databases, and `migcheck baseline` records it in those that have all this already.

    ## Once it has landed
    Leave it if any database ran it: to change it then would be an edit that no database gets. A file that the server
    refuses ran nowhere; put it right, and a rehearsal that finds base stuck at this file lets the repair pass.
    """
    for file in facts.texts:
        for spot in markers_in_quotes(file.sql):
            yield Violation(
                Location(file.path, line_at(file.sql, spot.at)),
                f"{file.tag} has a breakpoint inside {spot.what}: Drizzle splits there",
                migration=file.tag,
                fix=_PULLED if file.sql.startswith(INTROSPECTED) else "",
                landed=facts.has_landed(file),
            )
            # One is enough to say what is wrong; a file full of them would drown the rest.
            break
