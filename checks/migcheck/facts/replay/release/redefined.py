"""Which tables and views something new may have changed for who asks them: by two readings of the catalogue."""

from collections.abc import Iterator

from msgspec import Struct

from migcheck.postgres.catalogue.thing import Catalogue, Key

# What nobody's statement depends on, wherever it stands.
_NEVER = frozenset({"comment", "grant", "policy", "publication", "sequence"})


class Redefined(Struct, frozen=True):
    """`names` are those of what has changed and of what that is part of; `others`: of no table, such as a type."""

    names: frozenset[str]
    others: bool

    def touches(self, name: str) -> bool:
        """Whether what is called `name`, as `schema.table`, may be another for who asks it."""
        return self.others or name in self.names


def redefined(before: Catalogue, after: Catalogue) -> Redefined:
    """What has changed between the two. What came to be breaks nothing, unless it is part of what was there."""
    was, now = before.things, after.things
    changed = [key for key in was.keys() | now.keys() if was.get(key) != now.get(key) and key.kind not in _NEVER]
    tables = {key.identity for key in was if key.kind in {"table", "view", "materialized view", "foreign table"}}
    names = frozenset(name for key in changed for name in _around(key))
    return Redefined(names, any(key in was and tables.isdisjoint(_around(key)) for key in changed))


def _around(key: Key) -> Iterator[str]:
    yield key.identity
    for at, mark in enumerate(key.identity):
        if mark == ".":
            yield key.identity[:at]
