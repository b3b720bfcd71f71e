"""MC302."""

from collections.abc import Iterator

from migcheck.facts.sql.judged import SqlFacts
from migcheck.facts.sql.observation import ColumnDropped
from migcheck.finding import Severity, Violation
from migcheck.rule import rule
from migcheck.wording import GENERATE_ANEW

_LATER = "Take it out of the code and deploy that first, then drop it in a later deploy, waived with that reason."


@rule("MC302")
def column_dropped(facts: SqlFacts) -> Iterator[Violation]:
    """A new migration drops a column that was there, and its values with it.

    ## Why it matters
    The values are gone for good. Drizzle names every column of a table in what it selects and inserts, so the code of
    before, which still runs during a deploy, fails on every query of that table, whether it needs the column or not.

    It was seen to happen when the upgrade was rehearsed, without rows or only with some (it warns, where these were
    made up), or offline read: a `DROP TYPE … CASCADE` that takes columns along is told as well. No finding is a column
    that the same change had added, one that has its name again in the end (made anew, and filled or computed), and one
    of a table without a row on the target. Whether base's newest snapshot, which is of the release that runs meanwhile,
    names the column, stands at the finding, and so does that base's code does without it: where no file of base has its
    letters, in any casing, but the migrations, and a script of Drizzle's has its table that puts no text together
    (`${…}`, `+`), and base has no submodule. The values are lost all the same; of a generated column, which has none of
    its own, it then is a warning.

    ## How to fix
    Take the column out of the schema in code and deploy that; then drop it in a later migration, and waive this with
    the reason. A migration that has not landed is deleted for that, and generated again.
    """
    for seen, change in facts.of(ColumnDropped):
        lost = "the code of before asks for it" if change.generated else "its values are gone with it"
        severity, fix = Severity.ERROR, f"{_LATER} {GENERATE_ANEW}"
        table = seen.table
        if seen.of:
            # Of one that still is, none can be.
            table, fix = f"{table}, which was a partition of {seen.of}", "Keep a copy of what may be wanted again."
        if facts.running is not None and facts.running.does_without(seen.table, change.column):
            fix = "Deploy base first, whose code does without it, and waive the loss of its values."
            if change.generated:
                lost, severity = "the code of base does without it", Severity.WARNING
                fix = "Deploy base first, whose code does without it."
        column = f"{change.called}, which was {change.column}," if change.called else change.column
        yield facts.violation(seen, f"drops the column {column} of {table}: {lost}", fix, severity=severity, meant=True)
