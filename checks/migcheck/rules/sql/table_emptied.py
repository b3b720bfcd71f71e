"""MC303."""

from collections.abc import Iterator

from migcheck.facts.observation import Emptied
from migcheck.facts.sql import SqlFacts
from migcheck.finding import Violation
from migcheck.rule import rule


@rule("MC303")
def table_emptied(facts: SqlFacts) -> Iterator[Violation]:
    """A new migration empties a table that was there: TRUNCATE.

    ## Why it matters
    Every row is gone for good, in each database that the migration is deployed to. What CASCADE takes along is emptied
    as well, and told here table by table.

    It was seen to happen when the upgrade was rehearsed. DELETE is not judged: which rows it takes, a rehearsal without
    rows cannot tell.

    ## How to fix
    Delete what has to go by a condition, or empty the table by hand where that is wanted. Where every database has to
    lose these rows, waive this with the reason.
    """
    for seen, _ in facts.of(Emptied):
        yield facts.violation(
            seen,
            f"empties {seen.table}: every row of it is gone",
            "Delete by a condition what has to go, or do it by hand where that is wanted.",
            code="MC303",
        )
