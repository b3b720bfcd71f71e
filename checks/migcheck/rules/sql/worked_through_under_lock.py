"""MC327."""

from collections.abc import Iterator

from migcheck.facts.sql.held_meanwhile import held_meanwhile
from migcheck.facts.sql.judged import Big, SqlFacts
from migcheck.facts.sql.observation import Seen, WorkedThrough
from migcheck.facts.sql.row_counts import RowsWritten
from migcheck.finding import Severity, Violation
from migcheck.rule import rule
from migcheck.wording import listed

_FIX = (
    "Deploy what locks the table first, and this behind it: fill a column in portions, outside of the migrations; "
    "find some rows by an index."
)


@rule("MC327")
def worked_through_under_lock(facts: SqlFacts) -> Iterator[Violation]:
    """A new migration goes through all rows of a large table, and an earlier statement keeps everybody else out.

    ## Why it matters
    Almost every ALTER TABLE takes ACCESS EXCLUSIVE, and so does LOCK TABLE. For its own sake that takes no time, but it
    is held until the transaction ends, and Drizzle runs everything pending in one. An UPDATE of every row behind it, or
    a copy of them, takes minutes on a large table, and all that time every query of it waits.

    That reading the table from its beginning was begun, behind the statement that locked it, was seen when the
    upgrade was rehearsed. Where its rows are gone through to be written, that is an error; what only reads may have
    enough with the first row, and warns: so it is where the server's plan of a statement finds the rows that it writes
    by an index, and reads the table for something else. With rows that were made up the server counted as well: where
    as many were updated as there were (MC334 says when), behind such a lock, it warns too.

    It is told of a table that is known to be large (`big_tables`, `big_rows`, `big_size` under [sql]), once for each
    migration and table, and of no other: on a small one that is how a column is filled. Of what locks and what reads in
    one piece nobody knows which came first, and it is not told. Offline only an UPDATE without WHERE is.

    The table that nobody can use need not be the one that is gone through: one large table that is altered, and behind
    it another that is read from its beginning by one statement, as its plan says, by a DO block or CALL, or by VALIDATE
    CONSTRAINT. That warns, where both are known to be large; where the second keeps others out as well, MC333 tells of
    both.

    ## How to fix
    Deploy what locks the table first, or let each migration have a transaction of its own (`transaction = "each"` under
    [[folder]]). Then fill a column, a few thousand rows at a time, outside of the migrations, or in a migration that is
    deployed by itself; and SET NOT NULL in a later deploy, as MC306 says. What looks for some rows needs an index to
    find them by.
    """
    worst: dict[tuple[str, str], Seen] = {}
    for seen, _ in facts.of(WorkedThrough):
        key = seen.migration, seen.table
        worst[key] = seen if key not in worst or (seen.written and not worst[key].written) else worst[key]
    counted: dict[tuple[str, str], RowsWritten] = {}
    for each in facts.rows.written if facts.rows is not None else ():
        if each.locked and each.updates_all:
            counted.setdefault((each.migration, each.table), each)
    for key, seen in worst.items():
        size, does = facts.how_large(seen.table), "goes through all of" if seen.written else "begins to read all of"
        if isinstance(size, Big) and (seen.written or key not in counted):
            severity = Severity.ERROR if seen.written else Severity.WARNING
            yield facts.violation(seen, _does(does, seen.table, size), _FIX, severity=severity, meant=True)
    for other in held_meanwhile(facts):
        does = "goes through all of" if other.seen.written else "begins to read all of"
        violation = facts.violation(
            other.seen,
            f"{does} {other.seen.table}, and nobody can use {listed(other.held)} meanwhile: an earlier statement "
            f"locked {'that' if len(other.held) == 1 else 'those'}",
            f"Deploy what locks {listed(other.held)} by itself, before this or behind it.",
            severity=Severity.WARNING,
        )
        yield violation.with_evidence(*other.told)
    for key, each in counted.items():
        size = facts.how_large(each.table)
        if isinstance(size, Big) and not (key in worst and worst[key].written):
            does, how = _does("updates every row of", each.table, size), f"it {each.told} that were made up"
            yield facts.refuses(each, does, _FIX, severity=Severity.WARNING, evidence=[how])


def _does(does: str, table: str, size: Big) -> str:
    return f"{does} {table}, and nobody can use it meanwhile: an earlier statement locked it; {size.told}"
