"""MC330."""

from collections.abc import Iterator

from migcheck.facts.sql import SqlFacts
from migcheck.finding import Severity, Violation
from migcheck.rule import rule


@rule("MC330")
def opinion_asked_for(facts: SqlFacts) -> Iterator[Violation]:
    """A new migration is not in the style that the project asks for.

    ## Why it matters
    Whether an `integer` is too small, or `varchar(n)` worth its trouble, is an opinion, and drizzle-kit writes what
    the schema says. So none is told unless it is asked for: `opinions` under [sql] names rules of Squawk's, which reads
    what this change adds and nothing that has landed. It only warns.

    ## How to fix
    Change the column in `schema.ts` and generate the migration again, before it lands.
    """
    for each in facts.opinions:
        yield Violation(
            each.at,
            f"{each.migration}: {each.says}",
            migration=each.migration,
            severity=Severity.WARNING,
            fix=each.helps,
            evidence=f"Squawk's {each.name}, which `opinions` under [sql] asks for",
        )
