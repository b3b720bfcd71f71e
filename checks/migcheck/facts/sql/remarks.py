"""What was seen and is no finding: it is shown to whoever wants to see everything."""

from collections.abc import Iterator

from migcheck.facts.sql.judged import Small, SqlFacts, UnknownSize
from migcheck.facts.sql.locked import WEAK, whole
from migcheck.facts.sql.observation import (
    DomainChecked,
    IndexBuilt,
    LeftNotValid,
    PartitionChecked,
    Reindexed,
    RestChecked,
    Rewritten,
    Seen,
    Validated,
    WorkedThrough,
)
from migcheck.finding import Location

_READS_ALL = (Rewritten, Validated, DomainChecked, IndexBuilt, Reindexed, PartitionChecked, RestChecked, WorkedThrough)


def remarks(facts: SqlFacts) -> Iterator[str]:
    """A line for each statement that read or wrote all of a small table while others waited, or that wrote rows.

    And one for each constraint that is left NOT VALID, and for each transaction that keeps others from reading or
    writing several tables.
    """
    told: dict[tuple[Location, str, str], Seen] = {}
    for each in facts.seen:
        if isinstance(each.change, _READS_ALL) and each.lock not in WEAK:
            key = each.at, each.statement, each.table
            # Who writes all of it anew builds its indexes and checks it on the way.
            told[key] = told.get(key, each) if not isinstance(each.change, Rewritten) else each
    yield from dict.fromkeys(filter(None, (_told(facts, each) for each in told.values())))
    for seen, left in facts.of(LeftNotValid):
        kind = "foreign key" if left.foreign else "check"
        yield f"{seen.at}: the {kind} {left.constraint} of {seen.table} is left NOT VALID: {seen.statement}"
    for chain in facts.chains():
        tables = {whole(each.table, facts.partitions) for each in chain}
        if len(tables) > 1:
            yield f"one transaction locks {len(tables)} tables: {'; '.join(each.told for each in chain)}"
    for rows in facts.rows.all_written if facts.rows is not None else ():
        where = f"with the rows of {rows.seed}" if rows.seed else "with rows that were made up"
        yield f"{rows.at}: {rows.told}, {where}: {rows.statement}"


def _told(facts: SqlFacts, seen: Seen) -> str:
    locked = f"{seen.at}: {seen.lock} on {seen.table} while all of it is {_done(seen)}"
    match facts.how_large(seen.table):
        case Small(told):
            return f"{locked}; {told}: {seen.statement}"
        # Of the others a rule tells.
        case UnknownSize(reason) if isinstance(seen.change, WorkedThrough):
            return f"{locked}; its size is not known, as {reason}: {seen.statement}"
        case _:
            return ""


def _done(seen: Seen) -> str:
    match seen.change:
        case Rewritten():
            return "written anew"
        case WorkedThrough() if seen.written:
            return "gone through, and written"
        case _:
            return "read"
