"""MC310."""

from collections.abc import Iterator

from migcheck.facts.sql.judged import SqlFacts
from migcheck.facts.sql.observation import RowSecurityOff
from migcheck.finding import Severity, Violation
from migcheck.rule import rule


@rule("MC310")
def row_security_off(facts: SqlFacts) -> Iterator[Violation]:
    """A new migration switches row level security off for a table that had it.

    ## Why it matters
    From then on every role that may read the table reads all of its rows. On Supabase and Neon, where browsers ask the
    database through an API, that may be everybody. drizzle-kit writes it wherever the last policy of a table is gone
    from the schema and `.enableRLS()` is not there.

    It only warns: a table that no such role can reach is as safe without. Of a table without a row on the target it
    says nothing.

    ## How to fix
    Where it was not meant, keep it on: `pgTable(…).enableRLS()`, with or without a policy.
    """
    for seen, _ in facts.of(RowSecurityOff):
        yield facts.violation(
            seen,
            f"switches row level security off for {seen.table}: who may read it reads every row",
            "Where it was not meant, keep it on: `pgTable(…).enableRLS()`, with or without a policy.",
            severity=Severity.WARNING,
        )
