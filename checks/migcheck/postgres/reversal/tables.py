"""Tables, from their parts in the catalogue (`queries/tables.sql`), and what is switched on and off on them."""

import re
from collections.abc import Iterator, Sequence

from migcheck.postgres.catalogue import Catalogue, Key
from migcheck.postgres.reversal.columns import declared
from migcheck.postgres.reversal.step import Phase, Step, step
from migcheck.regex import regex

_SWITCHES = {
    "row level security": ("ENABLE ROW LEVEL SECURITY", "DISABLE ROW LEVEL SECURITY"),
    "forced row level security": ("FORCE ROW LEVEL SECURITY", "NO FORCE ROW LEVEL SECURITY"),
    "unlogged": ("SET UNLOGGED", "SET LOGGED"),
    "replica identity full": ("REPLICA IDENTITY FULL", "REPLICA IDENTITY DEFAULT"),
    "replica identity nothing": ("REPLICA IDENTITY NOTHING", "REPLICA IDENTITY DEFAULT"),
}
_PARTITION = "partition of "
_NAME = r'(?:"(?:[^"]|"")+"|[^". ]+)'
_BOUND = regex(rf"(?P<whole>{_NAME}(?:\.{_NAME})?) (?P<bound>FOR VALUES .+|DEFAULT)", re.DOTALL)


def whole_of(told: Sequence[str]) -> str:
    """What it is a partition of, as `schema.table`; empty where it is none."""
    found = _BOUND.fullmatch(_part(told))
    return "" if found is None else found["whole"]


def created(catalogue: Catalogue, key: Key) -> Iterator[Step]:
    """CREATE TABLE with its columns, and its switches. Constraints and indexes are things of their own."""
    told = catalogue.things[key]
    if part := _part(told):
        yield step(Phase.CHANGE, f"CREATE TABLE {key.identity} PARTITION OF {part}")
    else:
        order = catalogue.things.get(Key(key.identity, "column order"), ())
        columns = [Key(f"{key.identity}.{name}", "column") for name in order]
        listed = ",\n".join(f"\t{declared(catalogue, each)}" for each in columns)
        by = "".join(f" {each}" for each in told if each.startswith(("partition by ", "inherits ")))
        yield step(Phase.MAKE, f"CREATE TABLE {key.identity} (\n{listed}\n){by}")
    yield from _switched(key, (), told)


def dropped(key: Key) -> Step:
    """DROP TABLE."""
    return step(Phase.DROP, f"DROP TABLE {key.identity}")


def changed(key: Key, now: Sequence[str], then: Sequence[str]) -> Iterator[Step]:
    """What it is a partition of, and its switches."""
    part, was = _part(now), _part(then)
    if part != was and (found := _BOUND.fullmatch(part)):
        yield step(Phase.TAKE_OFF, f"ALTER TABLE {found['whole']} DETACH PARTITION {key.identity}")
    if part != was and (found := _BOUND.fullmatch(was)):
        # Its constraints and indexes are those of the whole again: one by one they are not to be had.
        yield step(Phase.DROP, f"ALTER TABLE {found['whole']} ATTACH PARTITION {key.identity} {found['bound']}")
    yield from _switched(key, now, then)


def _switched(key: Key, now: Sequence[str], then: Sequence[str]) -> Iterator[Step]:
    """The switches that are on `then` and not `now`, and the other way round."""
    for words, (on, off) in _SWITCHES.items():
        if (words in now) != (words in then):
            yield step(Phase.FINISH, f"ALTER TABLE {key.identity} {on if words in then else off}")


def _part(told: Sequence[str]) -> str:
    """The table that it is a partition of, and its bound; empty where it is none."""
    return next((each.removeprefix(_PARTITION) for each in told if each.startswith(_PARTITION)), "")
