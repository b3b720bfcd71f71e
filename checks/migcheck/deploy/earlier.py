"""What was so already, by an earlier run of a plan, of a migration outside of a transaction, or else: no news. Pure."""

from collections.abc import Callable, Mapping, Sequence

from migcheck.clearance import Clearance
from migcheck.postgres.catalogue import Catalogue, Key, difference, head, stands


def change_of(clearance: Clearance, before: Catalogue, after: Catalogue, *, resumed: bool) -> tuple[str, ...]:
    """How `after` differs from `before`, with what an earlier run may have made, mended or dropped before that.

    `resumed`: such a run left the first steps of the plan. So may an attempt have done with part of a migration outside
    of a transaction.
    """
    if resumed or clearance.outside:
        return _behind(clearance.catalogue_change, before, after)
    return difference(before, after)


def there_before(lines: Sequence[str], before: Catalogue, after: Catalogue) -> frozenset[str]:
    """Those of `lines` by which a thing is made that was there already, just so: IF NOT EXISTS passed it over."""
    kept = {head(key): key for key, parts in after.things.items() if before.things.get(key) == parts}
    found = zip(lines, map(_finder(kept), lines), strict=True)
    return frozenset(line for line, key in found if key is not None and line[:1] == "+" and _stands(line, key, after))


def _behind(change: tuple[str, ...], before: Catalogue, after: Catalogue) -> tuple[str, ...]:
    """What was there before that earlier run nobody has seen: `before` was read behind it.

    So a line of the whole `change` is seen where the thing is now as the line says, whichever run made it so; and of a
    thing that is as all its lines say, no other line is told: a step of an earlier run may have made the column
    that a later one changes.
    """
    key_of = _finder({head(key): key for each in (before, after) for key in each.things})
    lines: dict[Key | None, list[str]] = {}
    for line in change:
        lines.setdefault(key_of(line), []).append(line)
    seen, settled = list[str](), set[Key]()
    for key, told in lines.items():
        stand = [line for line in told if _stands(line, key, after)]
        seen += stand
        if key is not None and stand == told:
            settled.add(key)
    return (*seen, *difference(_without(before, settled), _without(after, settled)))


def _stands(line: str, key: Key | None, after: Catalogue) -> bool:
    """Whether a thing is now as `line` says. Where neither catalogue has one that it names (None), it is gone."""
    return line.startswith("-") if key is None else stands(line, key, after.things.get(key))


def _without(catalogue: Catalogue, keys: set[Key]) -> Catalogue:
    return Catalogue({key: parts for key, parts in catalogue.things.items() if key not in keys})


def _finder(named: Mapping[str, Key]) -> Callable[[str], Key | None]:
    """What finds the thing that a line tells of, by how its lines begin; None where there is no such thing."""
    longest = max(map(len, named), default=0)

    def find(line: str) -> Key | None:
        told = line[2 : 2 + longest + 1]
        ends = (at for at in range(len(told), 0, -1) if at == len(told) or told[at] in " :")
        return next((named[told[:at]] for at in ends if told[:at] in named), None)

    return find
