"""What was seen of small tables: it is no finding, and shown to whoever wants to see everything."""

from collections.abc import Iterator

from migcheck.facts.observation import (
    IndexBuilt,
    PartitionChecked,
    Reindexed,
    Rewritten,
    Seen,
    Validated,
    WorkedThrough,
)
from migcheck.facts.sql import WEAK, Small, SqlFacts, UnknownSize

_READS_ALL = (Rewritten, Validated, IndexBuilt, Reindexed, PartitionChecked, WorkedThrough)


def remarks(facts: SqlFacts) -> Iterator[str]:
    """A line for each statement that read or wrote all of a small table, while it kept others out."""
    lines = (_told(facts, each) for each in facts.seen if isinstance(each.change, _READS_ALL) and each.lock not in WEAK)
    yield from dict.fromkeys(filter(None, lines))


def _told(facts: SqlFacts, seen: Seen) -> str:
    locked = f"{seen.at}: {seen.lock} on {seen.table} while all of it is read"
    match facts.how_large(seen.table):
        case Small(told):
            return f"{locked}; {told}: {seen.statement}"
        # Of the others a rule tells.
        case UnknownSize(reason) if isinstance(seen.change, WorkedThrough):
            return f"{locked}; its size is not known, as {reason}: {seen.statement}"
        case _:
            return ""
