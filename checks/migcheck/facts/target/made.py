"""What the lines of a rehearsed change say is made or altered, and what keys point to. Pure."""

import re
from collections.abc import Collection, Iterable

from msgspec import Struct

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.pieces import decode
from migcheck.regex import regex

_KINDS = "table|foreign table|enum|domain|range|composite type|sequence|view|materialized view|index"
_NAME = r'"(?:[^"]|"")*"|[^".\s(:,]+'
_FULL = rf"(?:{_NAME})\.(?:{_NAME})"
_MADE = regex(rf"\+ (?P<kind>{_KINDS}) (?P<schema>{_NAME})\.(?P<name>{_NAME})(?=\s|$)")
_KEY = regex(rf"\+ constraint .* FOREIGN KEY \(.*\) REFERENCES (?P<full>{_FULL})\(")
_WITHIN = (
    "attribute|column|(?:domain )?constraint|policy|rule|trigger"
    "|comment on (?:table|column|view|materialized view|sequence|type|index"
    rf"|(?:constraint|policy) (?:{_NAME}) on)"
)
_ALTERED = regex(rf"(?:[-+~] (?:table|{_WITHIN})|[-~] (?:{_KINDS})) (?P<full>{_FULL})(?=[\s.:]|$)")
_CHILD = regex(rf"\+ table {_FULL} (?:unlogged )?(?:partition of|inherits) (?P<parents>{_FULL}(?:, {_FULL})*)(?=\s|$)")
_ROUTINE = regex(rf"[-+~] (?:comment on )?(?:function|procedure|aggregate) (?P<full>{_FULL}\([^)]*\))(?=[\s:]|$)")
_INHERITS = regex(rf"~ table {_FULL}: (?:.* -> |\+ )inherits (?P<full>{_FULL})$")
_INDEXED = regex(rf"\+ index .*? ON (?:ONLY )?(?P<full>{_FULL}) USING ")
_STATISTICS = regex(rf"\+ statistics .* FROM (?P<full>{_FULL})$")


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


def named_in(migrations: Iterable[Migration], made: Collection[Made]) -> list[Made]:
    """Those of `made` whose names stand in `migrations`: what a function makes, it may make with its owner's rights."""
    # Mostly there is none to look for, and the files may be large.
    text = "\n".join(decode(each.sql).lower() for each in migrations) if made else ""
    # A quote in a name is written twice there as well.
    return [each for each in made if each.name.strip('"').lower() in text]


def referenced_in(change: Iterable[str]) -> list[str]:
    """The `schema.name` of each table that a new foreign key points to, likewise."""
    return [found["full"] for found in filter(None, map(_KEY.match, change))]


def altered_in(change: Iterable[str]) -> frozenset[str]:
    """The `schema.name` of each relation and type that is there before, and is gone or otherwise.

    So is one that has another column, constraint, index, policy, trigger, rule, comment, partition, child or
    statistics, and each routine, as `schema.name(types)`, that is made, gone or otherwise.
    """
    lines = tuple(change)
    patterns = (_ALTERED, _ROUTINE, _INHERITS, _INDEXED, _STATISTICS)
    found = filter(None, (pattern.match(each) for each in lines for pattern in patterns))
    parents = (name for each in filter(None, map(_CHILD.match, lines)) for name in re.findall(_FULL, each["parents"]))
    return frozenset({*(each["full"] for each in found), *parents}) - {each.full for each in made_in(lines)}
