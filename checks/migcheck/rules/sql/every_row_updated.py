"""MC334."""

from collections.abc import Iterator

from migcheck.facts.sql.held_meanwhile import held_meanwhile
from migcheck.facts.sql.judged import Big, SqlFacts
from migcheck.facts.sql.observation import WorkedThrough
from migcheck.finding import Severity, Violation
from migcheck.rule import rule


@rule("MC334")
def every_row_updated(facts: SqlFacts) -> Iterator[Violation]:
    """A new migration updates every row of a large table in one transaction.

    ## Why it matters
    Each row stays locked until the transaction ends, so who writes to one of them waits for all of them; the table and
    its indexes grow by a second version of each row, and nothing is cleaned up meanwhile. On a large table that takes
    minutes, and with Drizzle all that is pending is one transaction.

    The new migrations were tried with rows that were made up, and the server counted: as many rows were updated as the
    table had, four or more. Outside of a transaction a statement is counted as well, with PostgreSQL 15 or newer, but
    no DO and no CALL: these may update portions, each in a transaction of its own. A condition that names a text, a
    number or a time, or asks for rows of a SELECT, may take others on the target, and is none. It only warns, and only
    of a table that is known to be large (`big_tables`, `big_rows`, `big_size` under [sql]). Where MC327 tells of it,
    for an earlier statement took that table or another large one from everybody, this does not. Offline it is not told.
    With `--verbose` the report shows how many rows of each table were updated.

    ## How to fix
    Fill the column a few thousand rows at a time, each portion in a transaction of its own: by a script beside the
    migrations, which can begin anew where it was cut off, and not by a migration. New rows have their value by a
    default, or by the application, from the deploy before.
    """
    told = {(seen.migration, seen.table) for seen, _ in facts.of(WorkedThrough)}
    told |= {(each.seen.migration, each.seen.table) for each in held_meanwhile(facts) if each.seen.written}
    for each in facts.rows.written if facts.rows is not None else ():
        size = facts.how_large(each.table)
        new = not each.locked and (each.migration, each.table) not in told
        if each.updates_all and isinstance(size, Big) and new:
            told.add((each.migration, each.table))
            yield facts.refuses(
                each,
                f"updates every row of {each.table} in one transaction; {size.told}",
                "Fill it in portions, each in a transaction of its own, by a script beside the migrations.",
                severity=Severity.WARNING,
                evidence=[f"it {each.told} that were made up"],
            )
