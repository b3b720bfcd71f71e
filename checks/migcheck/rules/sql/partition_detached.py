"""MC326."""

from collections.abc import Iterator

from migcheck.facts.sql.judged import SqlFacts
from migcheck.facts.sql.locked import EVERYBODY
from migcheck.facts.sql.observation import PartitionDetached
from migcheck.finding import Severity, Violation
from migcheck.rule import rule


@rule("MC326")
def partition_detached(facts: SqlFacts) -> Iterator[Violation]:
    """A new migration detaches a partition: whoever asks the table that it was of does not find its rows any more.

    ## Why it matters
    The rows are kept, in a table of their own that no query of Drizzle's names: to the code they are gone. `DETACH
    PARTITION` without CONCURRENTLY takes ACCESS EXCLUSIVE on the table that it is of and on the partition, so nobody
    can ask either until the transaction ends.

    It only warns: that is how old rows are put away. No finding is one that is detached CONCURRENTLY, a partition that
    is new, one that is attached again by what is new, and one without a row on the target. One that is dropped behind
    it is told by MC301.

    ## How to fix
    Where they are meant to go, waive this with the reason. Alone in its deploy it takes a moment.

    Where nobody may wait for that moment, `ALTER TABLE … DETACH PARTITION … CONCURRENTLY` hinders nobody. It cannot be
    in a transaction, nor where there is a default partition, and what is detached cannot be detached twice: so MC405 is
    to be waived as well. Should the deploy be cut between the statement and its row, `migcheck explain rollback
    schema-without-row` says how to go on.

    ```toml
    [[migration]]
    tag = "0001_new"
    transaction = "none"

    [[waiver]]
    code = "MC405"
    migration = "0001_new"
    reason = "DETACH CONCURRENTLY has no form that runs twice"
    until = 2099-12-31
    ```
    """
    for seen, _ in facts.of(PartitionDetached):
        # Without a lock it was CONCURRENTLY, or nobody could see how.
        if seen.lock == EVERYBODY:
            yield facts.violation(
                seen,
                f"detaches {seen.table} from {seen.of}: who asks {seen.of} finds its rows no more, and nobody can use "
                "that meanwhile",
                "Where that is meant, waive it. Where nobody may wait either, DETACH it CONCURRENTLY, alone and "
                "outside of a transaction: `migcheck explain MC326` has the configuration for that.",
                severity=Severity.WARNING,
            )
