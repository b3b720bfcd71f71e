"""MC311."""

from collections.abc import Iterator

from migcheck.facts.sql.judged import SqlFacts
from migcheck.facts.sql.observation import RefusedInTransaction
from migcheck.finding import Violation
from migcheck.rule import rule


@rule("MC311")
def refused_in_a_transaction(facts: SqlFacts) -> Iterator[Violation]:
    """A new migration has a statement that the server refuses in a transaction, and it runs in one.

    ## Why it matters
    Drizzle runs everything pending in one transaction, and CREATE INDEX CONCURRENTLY, VACUUM and their like refuse to
    run there (25001): the deploy fails. Of several in one migration the first is told.

    This is read out of the SQL, where nothing is rehearsed; a rehearsal ends there, and says so by MC401. Behind a
    COMMIT of the migration's own it is no finding.

    ## How to fix
    Put it into a migration of its own, and in migcheck.toml

    ```toml
    [[migration]]
    tag = "0007_by_name"
    transaction = "none"
    ```

    Drizzle's own migrator cannot run such a file; `migcheck apply` does.
    """
    told = set[str]()
    for seen, change in facts.of(RefusedInTransaction):
        if seen.migration in told:
            continue
        told.add(seen.migration)
        yield facts.violation(
            seen,
            f"has {change.what}, which the server refuses in a transaction: the deploy fails (25001)",
            'Put it into a migration of its own, with `transaction = "none"` for it under [[migration]]; `migcheck '
            "apply` then runs it.",
        )
