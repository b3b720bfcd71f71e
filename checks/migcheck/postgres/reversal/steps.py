"""What would turn one catalogue into another: steps to try, the likeliest order first."""

from collections import Counter
from collections.abc import Iterator

from migcheck.postgres.catalogue import Catalogue, Key
from migcheck.postgres.reversal import columns, tables, things, types
from migcheck.postgres.reversal.step import Step, parent_of, parts_of
from migcheck.postgres.reversal.things import FOREIGN


def steps_to(now: Catalogue, then: Catalogue) -> list[Step]:
    """What to try on a database that holds `now`, so that it holds `then`.

    Which of them work, and whether that is all, is for the server to say: a kind that nobody here knows is left out,
    and the order is found by trying again.
    """
    found = [*_gone(now, then), *_missing(now, then), *_otherwise(now, then)]
    return sorted(dict.fromkeys(found), key=lambda each: each.phase)


def _gone(now: Catalogue, then: Catalogue) -> Iterator[Step]:
    """What there is and was not. A part of a table goes with it, save what two new ones hold each other by."""
    over = {key for key in now.things if key not in then.things}
    whole = {key.identity for key in over if key.kind in {"table", "view", "materialized view", "foreign table"}}
    for key in sorted(over):
        if _has_parent(key, whole) and not _holds_another(key, now):
            continue
        match key.kind:
            case "table":
                yield tables.dropped(key)
            case "column":
                yield columns.dropped(key)
            case "enum":
                yield types.dropped(key)
            case _:
                yield from things.dropped(key, now.things[key])


def _missing(now: Catalogue, then: Catalogue) -> Iterator[Step]:
    """What there was and is not. A column of a table that is missing comes with it."""
    lost = {key for key in then.things if key not in now.things}
    whole = {key.identity for key in lost if key.kind in {"table", "view", "materialized view"}}
    # An index that is made before its parts makes them itself, by other names.
    parts = Counter(each for key in lost for each in things.wholes(key, then))
    for key in sorted(lost, key=lambda each: (parts[each], each)):
        told = then.things[key]
        match key.kind:
            case "table":
                yield from tables.created(then, key)
            case "column":
                if parent_of(key.identity) not in whole:
                    yield columns.added(then, key)
            case "enum":
                yield types.created(key, told)
            case _:
                yield from things.created(key, told)


def _otherwise(now: Catalogue, then: Catalogue) -> Iterator[Step]:
    for key in sorted(key for key in now.things if key in then.things and now.things[key] != then.things[key]):
        match key.kind:
            case "table":
                yield from tables.changed(key, now.things[key], then.things[key])
            case "column":
                if Key(parent_of(key.identity), "table") in then.things:
                    yield from columns.changed(key, now.things[key], then)
            case "enum":
                yield types.changed(key, now, then.things[key])
            case _:
                yield from things.changed(key, now.things[key], then.things[key])


def _has_parent(key: Key, whole: set[str]) -> bool:
    parts = parts_of(key.identity)
    return any(".".join(parts[:end]) in whole for end in range(1, len(parts)))


def _holds_another(key: Key, now: Catalogue) -> bool:
    return key.kind == "policy" or (key.kind == "constraint" and now.things[key][0].startswith(FOREIGN))
