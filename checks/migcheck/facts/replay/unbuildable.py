"""A base that no server builds."""

import re
from collections.abc import Iterable, Sequence
from itertools import takewhile

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.ledger import LedgerName
from migcheck.drizzle.pieces import decode
from migcheck.errors import UndecidableError
from migcheck.facts.rehearsal import made_for_the_ledger
from migcheck.facts.replay.lacking import ONCE_LANDED
from migcheck.postgres.running.failure import SqlFailure
from migcheck.regex import regex
from migcheck.wording import listed

_ABSENT = regex(r'(?:relation|type|function) "?(?P<name>[^"().\s]+)"?(?=\(|\s).*does not exist')
# What CREATE makes in a schema, or on a table of that.
_IN_A_SCHEMA = r'\bcreate\s[^;(]{{0,200}}?\s"?(?P<schema>[\w$]+)"?\s*\.\s*"?{name}"?(?![\w$]|\s*\.)'
_ON_EMPTY = "what has landed cannot be built on an empty database"
_MAY_BE_EDITED = "an edit of a landed file that cannot run only warns, once the whole folder runs"


class UnbuildableBaseError(UndecidableError):
    """What is applied cannot be built on scratch, so no upgrade can be rehearsed."""

    def __init__(
        self,
        failure: SqlFailure,
        built: Iterable[Migration] = (),
        passed_over: Sequence[Migration] = (),
        schema: str = LedgerName().schema,
    ) -> None:
        """Keep the failure: scratch may lack what it needs.

        `built` is what was to be built, in its order; `passed_over` what a ledger has no row of and Drizzle never runs.
        `schema` is that of the ledger.
        """
        if failure.sqlstate == "25001":
            what, remedy = _ON_EMPTY, _no_transaction(failure)
        elif told := made_for_the_ledger(failure, schema):
            what, remedy = _ON_EMPTY, f"{told}: {_MAY_BE_EDITED}"
        elif passed_over:
            tags = listed([each.tag for each in passed_over])
            what, remedy = f"what the ledger has, without {tags}, cannot be built", _of_rows(tags)
        else:
            what, remedy = _ON_EMPTY, f"{_elsewhere(failure, built)}{_fixing(failure)}"
        super().__init__(f"{failure.place}: {what}: {failure.said}", remedy=remedy)
        self.failure = failure


def _of_rows(tags: str) -> str:
    """A deploy passed over them, or their rows are lost: the file that fails for it is not at fault."""
    return (
        f"do what MC508 says of {tags} (`migcheck explain rollback row-missing` where only the row is lost); or "
        "rehearse on a copy of the target: `--start-from target`"
    )


def _fixing(failure: SqlFailure) -> str:
    return (
        f"fix {failure.migration} and, in the same change, whatever then fails after it ({_MAY_BE_EDITED}); or restart "
        "the folder as one migration that has the greatest `when` that had landed; or, where production has what "
        f"scratch lacks, bring that in a prelude.sql{ONCE_LANDED}; or, with the target at hand, rehearse on a copy of "
        "it: `--start-from target`"
    )


def _elsewhere(failure: SqlFailure, built: Iterable[Migration]) -> str:
    """What leads to the schema in which an earlier migration made what is missing; empty where none did."""
    found = _ABSENT.search(failure.message) if failure.sqlstate in {"42P01", "42704", "42883"} else None
    if found is None:
        return ""
    made = re.compile(_IN_A_SCHEMA.format(name=re.escape(found["name"])), re.IGNORECASE)
    earlier = takewhile(lambda each: each.tag != failure.migration, built)
    schema = next((told["schema"] for each in earlier if (told := made.search(decode(each.sql)))), "public")
    # A name that has to be quoted is nobody's search_path.
    if schema == "public" or not schema.islower():
        return ""
    return (
        f"{schema}.{found['name']} was made before it: where production's search_path leads there, set "
        f'`search_path = "{schema}, public"` under [scratch] in migcheck.toml; else '
    )


def _no_transaction(failure: SqlFailure) -> str:
    """No server and no prelude helps against this one."""
    concurrently = "concurrently" in failure.statement.lower()
    how = "drop the word CONCURRENTLY (it builds the same index)" if concurrently else "take the statement out"
    return (
        "Drizzle runs every migration in a transaction, and there this statement cannot run. Where it ran outside of "
        f'one, say so in migcheck.toml: [[migration]] with tag = "{failure.migration}" and transaction = "none". Else, '
        f"in {failure.path}, {how} and, in the same change, fix whatever then fails after it ({_MAY_BE_EDITED})"
    )
