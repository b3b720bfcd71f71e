"""MC303."""

from collections.abc import Iterator

from migcheck.facts.observation import Deleted, Emptied
from migcheck.facts.sql import SqlFacts, called
from migcheck.finding import Violation
from migcheck.rule import rule


@rule("MC303")
def table_emptied(facts: SqlFacts) -> Iterator[Violation]:
    """A new migration empties a table that was there: TRUNCATE, or DELETE without a condition.

    ## Why it matters
    Every row is gone for good, in each database that the migration is deployed to. What CASCADE takes along is emptied
    as well, and told here table by table for TRUNCATE. A partition that is emptied by its name is judged as a table.

    TRUNCATE was seen to happen when the upgrade was rehearsed, wherever it stands. DELETE is told by its words, where
    it ran: a statement without WHERE and USING that stands alone, not in a function, a `DO` block or behind WITH. Where
    something new read the rows before, they may be kept and put back, and it is not told. Which rows one with a
    condition takes is not judged. Of a table without a row on the target it says nothing.

    ## How to fix
    Delete what has to go by a condition, or empty the table by hand where that is wanted. Reference data is brought up
    to date by `INSERT … ON CONFLICT … DO UPDATE`, and what has gone from it is deleted by name. Where every database
    has to lose these rows, waive this with the reason.
    """
    for seen, _ in (*facts.of(Emptied), *facts.of(Deleted)):
        yield facts.violation(
            seen,
            f"empties {called(seen)}: every row of it is gone",
            "Delete by a condition what has to go, or do it by hand where that is wanted.",
            code="MC303",
        )
