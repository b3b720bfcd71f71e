"""How to have the size of a table known."""

from migcheck.facts.observation import Seen
from migcheck.facts.sizes import Unsized
from migcheck.facts.sql import SqlFacts, UnknownSize


def how_to_know(facts: SqlFacts, seen: Seen) -> str:
    """What ends a fix where nobody knows how large the table is and no target was asked; else nothing."""
    unknown = isinstance(facts.sizes, Unsized) and isinstance(facts.how_large(seen.table), UnknownSize)
    told = " How large the table is, the target (`DATABASE_URL`) or `big_tables` under [sql] tells."
    return told if unknown else ""
