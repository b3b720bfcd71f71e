"""MC315."""

from collections.abc import Iterator

from migcheck.facts.sql.judged import SqlFacts
from migcheck.facts.sql.left_behind import TriggerDisabled
from migcheck.finding import Severity, Violation
from migcheck.rule import rule
from migcheck.sql_names import quoted


@rule("MC315")
def trigger_disabled(facts: SqlFacts) -> Iterator[Violation]:
    """A new migration leaves a trigger disabled that fired before.

    ## Why it matters
    Who fills or mends many rows switches triggers off for that, and forgets to switch them on again. Nothing fails:
    what the trigger did, an audit, a sum, `updated_at`, is not done any more, and the rows that it misses are found
    months later.

    It only warns: a trigger may be switched off before it is dropped. One that is new, or that was disabled before, is
    no finding, nor is one of a table without a row on the target.

    ## How to fix
    Switch it on again in the same migration, behind what it was in the way of: `ALTER TABLE … ENABLE TRIGGER …`. Where
    it is to go, drop it.
    """
    for seen, change in facts.of(TriggerDisabled):
        again = f"ALTER TABLE {seen.table} ENABLE TRIGGER {quoted(change.trigger)}"
        yield facts.violation(
            seen,
            f"leaves the trigger {change.trigger} of {seen.table} disabled: what it did is not done any more",
            f"End with `{again}`, or drop it where it is to go.",
            severity=Severity.WARNING,
        )
