"""MC307."""

from collections.abc import Iterator

from migcheck.facts.observation import Rewritten
from migcheck.facts.sql import SqlFacts, kept_out
from migcheck.finding import Violation
from migcheck.rule import rule


@rule("MC307")
def table_rewritten(facts: SqlFacts) -> Iterator[Violation]:
    """A new migration has every row of a table written anew, while nobody else can use the table.

    ## Why it matters
    Another type (`integer` to `bigint`) or a default that is another for each row (`gen_random_uuid()`, `serial`) makes
    the server write the whole table and all of its indexes once more. Meanwhile it holds ACCESS EXCLUSIVE: every query
    of the table waits. A million rows take seconds, a hundred million the better part of an hour. A value that cannot
    be cast ends it.

    That the table was rewritten was seen when the upgrade was rehearsed; how long that takes is a matter of its size.
    It is an error for a table that is known to be large (`big_tables`, `big_rows`, `big_size` under [sql]), a warning
    where nobody knows, and nothing for a small one.

    ## How to fix
    Add a new column beside the old one, without a default; write both; copy the old values a few thousand rows at a
    time, outside of the migrations; read the new one; drop the old one. Each is a deploy of its own.

    Where the site may stand still for that long, waive this with the reason.
    """
    for seen, change, severity, why in facts.blocking(Rewritten):
        yield facts.violation(
            seen,
            f"rewrites all of {seen.table}, and {kept_out(seen)}: {change.why}; {why}",
            "Add a new column, copy the values in portions outside of the migrations, and drop the old one in a "
            "later deploy.",
            severity=severity,
            code="MC307",
        )
