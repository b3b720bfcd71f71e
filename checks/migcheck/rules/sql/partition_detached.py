"""MC326."""

from collections.abc import Iterator

from migcheck.facts.observation import PartitionDetached
from migcheck.facts.sql import SqlFacts
from migcheck.finding import Severity, Violation
from migcheck.rule import rule

_EVERYBODY = "ACCESS EXCLUSIVE"


@rule("MC326")
def partition_detached(facts: SqlFacts) -> Iterator[Violation]:
    """A new migration detaches a partition: whoever asks the table that it was of does not find its rows any more.

    ## Why it matters
    The rows are kept, in a table of their own that no query of Drizzle's names: to the code they are gone. `DETACH
    PARTITION` without CONCURRENTLY takes ACCESS EXCLUSIVE on the table itself, so nobody can use any of its partitions
    until the transaction ends.

    It only warns: that is how old rows are put away. No finding is one that is detached CONCURRENTLY, a partition that
    is new, one that is attached again by what is new, and one without a row on the target. One that is dropped behind
    it is told by MC301.

    ## How to fix
    Where they are meant to go, say `DETACH PARTITION … CONCURRENTLY`, in a migration outside of a transaction:

    ```toml
    [[migration]]
    tag = "0007_by_name"
    transaction = "none"
    ```

    It hinders nobody, and cannot be where there is a default partition.
    """
    for seen, _ in facts.of(PartitionDetached):
        # Without a lock it was CONCURRENTLY, or nobody could see how.
        if seen.lock == _EVERYBODY:
            yield facts.violation(
                seen,
                f"detaches {seen.table} from {seen.of}: who asks {seen.of} finds its rows no more, and nobody can use "
                "that meanwhile",
                "Where that is meant, DETACH it CONCURRENTLY in a migration of its own, with `transaction = "
                '"none"` for it under [[migration]].',
                severity=Severity.WARNING,
            )
