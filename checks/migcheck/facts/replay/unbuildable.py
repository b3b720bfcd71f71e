"""A base that no server builds."""

from migcheck.errors import UndecidableError
from migcheck.facts.replay.lacking import ONCE_LANDED
from migcheck.postgres.failure import SqlFailure

_MAY_BE_EDITED = "an edit of a landed file that cannot run only warns, once the whole folder runs"


class UnbuildableBaseError(UndecidableError):
    """What is applied cannot be built on scratch, so no upgrade can be rehearsed."""

    def __init__(self, failure: SqlFailure) -> None:
        """Keep the failure: scratch may lack what it needs."""
        super().__init__(
            f"{failure.path}:{failure.line}: what has landed cannot be built on an empty database: "
            f"{failure.sqlstate} {failure.message}",
            remedy=_no_transaction(failure)
            if failure.sqlstate == "25001"
            else f"fix {failure.migration} and, in the same change, whatever then fails after it ({_MAY_BE_EDITED}); "
            "or restart the folder as one migration that has the greatest `when` that had landed; or, where production "
            f"has what scratch lacks, bring that in a prelude.sql{ONCE_LANDED}; or, with the target at hand, rehearse "
            "on a copy of it: `--start-from target`",
        )
        self.failure = failure


def _no_transaction(failure: SqlFailure) -> str:
    """No server and no prelude helps against this one."""
    concurrently = "concurrently" in failure.statement.lower()
    how = "drop the word CONCURRENTLY (it builds the same index)" if concurrently else "take the statement out"
    return (
        "Drizzle runs every migration in a transaction, and there this statement cannot run. Where it ran outside of "
        f'one, say so in migcheck.toml: [[migration]] with tag = "{failure.migration}" and transaction = "none". Else, '
        f"in {failure.path}, {how} and, in the same change, fix whatever then fails after it ({_MAY_BE_EDITED})"
    )
