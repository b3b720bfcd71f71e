"""MC335."""

from collections.abc import Iterator

from migcheck.facts.sql.judged import Big, SqlFacts, in_full
from migcheck.facts.sql.locked import EVERYBODY
from migcheck.facts.sql.observation import Deleted, IndexBuilt, IndexDropped, Seen, WorkedThrough
from migcheck.finding import Severity, Violation
from migcheck.rule import rule

# What others need no such lock for.
_WEAKER = (IndexDropped, IndexBuilt, Deleted, WorkedThrough)


@rule("MC335")
def index_dropped_under_lock(facts: SqlFacts) -> Iterator[Violation]:
    """An index of a large table is dropped under a lock that nobody else can use the table with.

    ## Why it matters
    DROP INDEX takes no time, but it waits until every query of the table that runs has ended, and whoever comes
    meanwhile waits behind it; then it holds the table until the transaction ends. DROP INDEX CONCURRENTLY hinders
    nobody.

    It only warns, and only of a table that is known to be large (`big_tables`, `big_rows`, `big_size` under [sql]). An
    index that goes with its constraint, its column or its table is none, nor is one of a partitioned table:
    CONCURRENTLY takes none of these. Nor is it where an earlier statement took the table from everybody, or the
    migration does something else to it that does, as far as that shows, such as adding or dropping a column.
    Offline it is not told.

    ## How to fix
    Say `DROP INDEX CONCURRENTLY IF EXISTS …` in a migration of its own, and in migcheck.toml

    ```toml
    [[migration]]
    tag = "0007_drop_by_name"
    transaction = "none"
    ```

    `migcheck apply` then runs it outside of a transaction, which Drizzle's own migrator cannot. Where that deploys,
    drop it so by hand first, and have the migration say `DROP INDEX IF EXISTS …`, which then finds nothing to drop.
    """
    told = set[tuple[str, str]]()
    for seen, change in facts.of(IndexDropped):
        size = facts.how_large(seen.table)
        known = (seen.migration, seen.table) in told or not _is_for_it_alone(seen, facts)
        if seen.lock == EVERYBODY and isinstance(size, Big) and not known:
            told.add((seen.migration, seen.table))
            yield facts.violation(
                seen,
                f"drops the index {change.index} of {in_full(seen)}, and nobody can use that meanwhile; {size.told}",
                'Say DROP INDEX CONCURRENTLY IF EXISTS in a migration of its own, with `transaction = "none"` for it '
                "under [[migration]]; `migcheck apply` then runs it. Where Drizzle's own migrator deploys, which "
                "cannot: drop it so by hand before, let the migration say IF EXISTS alone, and waive this.",
                severity=Severity.WARNING,
            )


def _is_for_it_alone(seen: Seen, facts: SqlFacts) -> bool:
    """Whether nothing else in the migration takes the table from everybody, as far as it shows."""
    others = (each for each in facts.seen if (each.migration, each.table) == (seen.migration, seen.table))
    return all(isinstance(each.change, _WEAKER) or each.lock != EVERYBODY for each in others)
