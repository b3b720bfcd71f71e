"""MC333."""

from collections.abc import Iterator, Mapping, Sequence

from migcheck.facts.sql.judged import Big, SqlFacts
from migcheck.facts.sql.locked import EVERYBODY, Locked, whole
from migcheck.finding import Severity, Violation
from migcheck.rule import rule
from migcheck.wording import listed


@rule("MC333")
def large_tables_locked_together(facts: SqlFacts) -> Iterator[Violation]:
    """New migrations lock several large tables in one transaction.

    ## Why it matters
    A lock is held until the transaction ends, and Drizzle runs everything pending in one. While it waits for the second
    table, behind whoever uses that, nobody can use the first; and an application that needs both in another order waits
    for the migration as that waits for it, a deadlock, which the server ends by refusing one of the two.

    Which statement took which lock was seen when the upgrade was rehearsed. It only warns, and only of tables that are
    known to be large (`big_tables`, `big_rows`, `big_size` under [sql]): two or more, at least one of them taken
    from everybody (ACCESS EXCLUSIVE), by two statements, or all of them by one, as a foreign key that is dropped does.
    A new table's foreign keys to large ones alone are none. Partitions are counted with their table. With `--verbose`
    the report shows the locks of each transaction that takes two tables or more. Offline it is not told.

    ## How to fix
    Deploy what locks each of them by itself, so that no transaction holds two: a migration a deploy, or a transaction a
    migration where the project's own runner or `migcheck apply` deploys (`transaction = "each"` under [[folder]]). What
    has to be one transaction locks them in the order in which the application does. What one statement locks, such as
    a foreign key that is dropped, cannot be parted: deploy it when little runs, and waive this with that reason.
    """
    sizes = _large(facts)
    for chain in facts.chains():
        large = [(each, size) for each in chain if (size := sizes.get(_taken(each, facts))) is not None]
        tables = list(dict.fromkeys(whole(each.table, facts.partitions) for each, _ in large))
        if len(tables) > 1 and _holds_up([each for each, _ in large]):
            yield facts.refuses(
                next(each for each, _ in large if whole(each.table, facts.partitions) == tables[-1]),
                f"locks {listed(tables)} in one transaction: who waits for one of these large tables holds up all who "
                "need another",
                "Deploy what locks each of them by itself. What one statement locks, such as a foreign key that is "
                "dropped, deploy when little runs, and waive this with that reason.",
                severity=Severity.WARNING,
                evidence=[f"{each.told}; {size.told}" for each, size in large],
            )


def _large(facts: SqlFacts) -> Mapping[tuple[int, str, str], Big]:
    """What is large of a table and its partitions, by what they were taken by."""
    found: dict[tuple[int, str, str], Big] = {}
    for each in facts.locked:
        if isinstance(size := facts.how_large(each.table), Big):
            found.setdefault(_taken(each, facts), size)
    return found


def _taken(locked: Locked, facts: SqlFacts) -> tuple[int, str, str]:
    """The transaction, its lock, and the table that was taken or which that is a partition of."""
    return locked.transaction, locked.lock, whole(locked.table, facts.partitions)


def _holds_up(large: Sequence[Locked]) -> bool:
    """Of several statements, whether one takes a table from everybody; of one statement, whether it takes all so.

    A column with its foreign key locks two, and one of them less.
    """
    alone = [each.lock for each in large].count(EVERYBODY)
    one_statement = len({(each.at, each.statement) for each in large}) == 1
    return alone == len(large) if one_statement else alone > 0
