"""What an earlier attempt changed already of a migration outside of a transaction: rehearsed, and no news. Pure."""

from collections.abc import Iterator

from migcheck.clearance import Clearance
from migcheck.postgres.catalogue import Catalogue, Key, difference

_EMPTY = Catalogue({})


def change_of(clearance: Clearance, before: Catalogue, after: Catalogue) -> tuple[str, ...]:
    """How `after` differs from `before`, with what an earlier attempt may have made, mended or dropped before that."""
    if not clearance.outside:
        return difference(before, after)
    made = {line for line in clearance.catalogue_change if line.startswith("+ ")}
    began = {key: parts for key, parts in before.things.items() if not made.intersection(_lines(after, key))}
    return (*difference(Catalogue(began), after), *_dropped(clearance, before))


def _lines(of: Catalogue, key: Key) -> tuple[str, ...]:
    """The lines of one thing, as of one that has come; none where it is not there."""
    return difference(_EMPTY, Catalogue({key: of.things[key]})) if key in of.things else ()


def _dropped(clearance: Clearance, before: Catalogue) -> Iterator[str]:
    """What the rehearsal saw go, and what was gone."""
    there = set(difference(before, _EMPTY))
    return (line for line in clearance.catalogue_change if line.startswith("- ") and line not in there)
