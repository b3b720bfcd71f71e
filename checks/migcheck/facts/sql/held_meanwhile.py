"""Which large tables nobody can use while another one is gone through. Pure."""

from collections.abc import Iterator

from msgspec import Struct

from migcheck.facts.sql.judged import Big, SqlFacts
from migcheck.facts.sql.locked import whole
from migcheck.facts.sql.observation import ReadMeanwhile, Seen


class HeldMeanwhile(Struct, frozen=True):
    """All of a large table was `seen` to be read, or written, while earlier statements hold the large tables `held`.

    `told` says how each is known to be large, the one that is read first.
    """

    seen: Seen
    held: tuple[str, ...]
    told: tuple[str, ...]


def held_meanwhile(facts: SqlFacts) -> Iterator[HeldMeanwhile]:
    """Each, once for a migration and table, as it is written where it is; a partition is its table."""
    worst: dict[tuple[str, str], HeldMeanwhile] = {}
    for seen, change in facts.of(ReadMeanwhile):
        size, table = facts.how_large(seen.table), whole(seen.table, facts.partitions)
        sizes = {each: facts.how_large(each) for each in change.held}
        held = {each: of for each, of in sizes.items() if isinstance(of, Big)}
        others = tuple(each for each in held if whole(each, facts.partitions) != table)
        key = seen.migration, table
        worse = key not in worst or (seen.written and not worst[key].seen.written)
        if isinstance(size, Big) and others and worse:
            told = (f"{seen.table}: {size.told}", *(f"{each}: {held[each].told}" for each in others))
            worst[key] = HeldMeanwhile(seen, others, told)
    yield from worst.values()
