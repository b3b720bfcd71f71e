"""MC329."""

from collections.abc import Iterator

from migcheck.facts.sql.judged import SqlFacts
from migcheck.facts.sql.observation import End, TransactionEnded
from migcheck.finding import Severity, Violation
from migcheck.rule import rule

_DOES = {
    End.KEPT: "ends the transaction that it runs in: where something fails behind that, what ran of it before "
    "stays, without its row in the ledger",
    End.UNDONE: "rolls back the transaction that it runs in: what it did there is undone, as are the migrations before "
    "it with their rows, and its own row is written all the same",
    End.SET_ASIDE: "sets the transaction that it runs in aside: what ran there is not done, and its locks stay, until "
    "somebody says COMMIT PREPARED",
}
_BEHIND = "behind it nobody looks until the end: no lock is seen there"


@rule("MC329")
def transaction_ended_inside(facts: SqlFacts) -> Iterator[Violation]:
    """A new migration ends the transaction that it runs in, by a COMMIT or a ROLLBACK of its own.

    ## Why it matters
    Drizzle runs everything pending in one transaction, so that a deploy which fails leaves nothing behind. With a
    COMMIT, END or COMMIT AND CHAIN in a migration, what ran until there stays. What is behind it runs for itself, piece
    by piece, unless it chains or begins another transaction. Where that fails, half of the migration is there without
    its row in the ledger: the next deploy begins it anew, and fails at what is there already.

    ROLLBACK and ABORT undo what ran until there, other migrations of the same deploy with their rows too. The row of
    the migration that says so is written behind it all the same, as though it had run, and Drizzle never runs again
    what is older than that. PREPARE TRANSACTION leaves it
    all to somebody who says COMMIT PREPARED, and its locks with it.

    Nobody looks on behind such an end, nor in its piece. What shows in the end is told all the same; where there is
    Squawk (the extra `squawk`), the SQL is read for what does not: a table that is emptied, and which lock it takes.
    Without it, the rules about large tables (MC307 to MC309) tell nothing there, and MC327 never does.
    SAVEPOINT and ROLLBACK TO end nothing, and BEGIN within a transaction does nothing but warn: they are no finding.
    Nor is anything in a migration that runs outside of a transaction.

    ## How to fix
    Delete it: whoever runs the migrations ends the transaction. What must run outside of one goes into a migration of
    its own, and in migcheck.toml

    ```toml
    [[migration]]
    tag = "0007_by_name"
    transaction = "none"
    ```
    """
    for seen, change in facts.of(TransactionEnded):
        found = facts.violation(
            seen,
            _DOES[change.end],
            "Delete it: whoever runs the migrations ends the transaction. What must run outside of one goes into a "
            'migration of its own, with `transaction = "none"` for it under [[migration]].',
            severity=Severity.WARNING,
        )
        yield found.with_evidence(_BEHIND)
