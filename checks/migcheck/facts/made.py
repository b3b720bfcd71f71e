"""What the lines of a rehearsed change say is made: relations and types, and what keys point to. Pure."""

from collections.abc import Iterable

from msgspec import Struct

from migcheck.regex import regex

_KINDS = "table|foreign table|enum|domain|range|composite type|sequence|view|materialized view|index"
_NAME = r'"(?:[^"]|"")*"|[^".\s(]+'
_MADE = regex(rf"\+ (?P<kind>{_KINDS}) (?P<schema>{_NAME})\.(?P<name>{_NAME})(?=\s|$)")
_KEY = regex(rf"\+ constraint .* FOREIGN KEY \(.*\) REFERENCES (?P<full>(?:{_NAME})\.(?:{_NAME}))\(")


class Made(Struct, frozen=True):
    """One thing that is made: its kind in the words of the catalogue, and names as the server writes them."""

    kind: str
    schema: str
    name: str

    @property
    def full(self) -> str:
        """`schema.name`."""
        return f"{self.schema}.{self.name}"


def made_in(change: Iterable[str]) -> list[Made]:
    """The relations and types that the lines of `change` say are new."""
    return [Made(*found.groups()) for found in filter(None, map(_MADE.match, change))]


def referenced_in(change: Iterable[str]) -> list[str]:
    """The `schema.name` of each table that a new foreign key points to, likewise."""
    return [found["full"] for found in filter(None, map(_KEY.match, change))]
