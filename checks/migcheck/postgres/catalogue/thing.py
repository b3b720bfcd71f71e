"""What a catalogue is made of."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from msgspec import Struct


class Key(NamedTuple):
    """Which thing: its name as SQL would write it (`public.users.email`), and its kind (`column`).

    The name comes first, so that things sorted by key stand with the table they belong to.
    """

    identity: str
    kind: str


class Row(NamedTuple):
    """One thing as the queries give it."""

    kind: str
    identity: str
    parts: list[str]


class Catalogue(Struct, frozen=True):
    """All things of one database, each with its parts: `("integer", "not null", "default 0")`.

    Nothing in it depends on oids, on the database's name or on the owner's: two databases built by the same SQL on
    servers of one major are equal.
    """

    things: Mapping[Key, tuple[str, ...]]

    @classmethod
    def of(cls, rows: Iterable[Row]) -> "Catalogue":
        """Build from rows. A part of several lines (a view, a function) becomes as many parts."""
        return cls({Key(row.identity, row.kind): tuple(_lines(row.parts)) for row in rows})


def _lines(parts: list[str]) -> Iterable[str]:
    if any("\n" in part for part in parts):
        return (line for part in parts for line in part.split("\n"))
    return parts
