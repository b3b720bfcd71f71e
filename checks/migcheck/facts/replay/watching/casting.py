"""How a statement gives a column another type, and whether it does no more than cast each value. No I/O."""

import re
from collections.abc import Iterator

from msgspec import Struct

from migcheck.facts.replay.watching.placing import speaks_of
from migcheck.facts.sql.types import called
from migcheck.regex import regex
from migcheck.sql_names import NAME, NAMED, bare

_WORD = r"(?!(?:using|collate)\b)[a-z]+"
# `"public"."status"`, `character varying(10)`, `timestamp(3) with time zone`, `numeric(6, 2)[]`.
_TYPE = (
    rf"{NAMED}(?:\s+{_WORD}){{0,3}}(?:\s*\(\s*\d+(?:\s*,\s*-?\d+)?\s*\))?"
    rf"(?:\s+{_WORD}){{0,3}}(?:\s*\[\d*\])*"
)
# The column may be said to be of its table.
_OF_TABLE = rf"(?:{NAME}\s*\.\s*){{0,2}}"
_WRITTEN_OUT = regex(rf"\bcast\s*\(\s*(?P<of>{_OF_TABLE}{NAME})\s+as\s+(?P<to>{_TYPE})\s*\)", re.IGNORECASE)
# What cuts or rounds as a cast to the type does. The server's casts round as its `round` does.
_CUT = regex(
    rf"\b(?:left\s*\(\s*(?P<of>{_OF_TABLE}{NAME})\s*,|substr(?:ing)?\s*\(\s*(?P<from>{_OF_TABLE}{NAME})"
    r"\s*(?:,\s*1\s*,|from\s+1\s+for\b))\s*(?P<most>\d+)\s*\)"
    r"(?:\s*::\s*(?:varchar|character\s+varying)(?:\s*\(\s*(?P=most)\s*\))?)?",
    re.IGNORECASE,
)
_ROUNDED = regex(
    r"(?P<typed>\btype\s+(?P<to>(?:numeric|decimal)\s*\(\s*\d+\s*,\s*(?P<places>\d+)\s*\)|(?:small|big)?int(?:eger)?)"
    rf"\s+using\s+\(?\s*)round\s*\(\s*(?P<of>{_OF_TABLE}{NAME})(?(places)\s*,\s*(?P=places))\s*\)(?:\s*::\s*(?P=to))?",
    re.IGNORECASE,
)
# Of a text, which is the same by any.
_COLLATED = rf"(?:\s+collate\s+{NAMED})?"
_CAST = rf"{_OF_TABLE}(?P<of>{NAME}|\(\s*{NAME}\s*\))(?P<text>\s*::\s*text(?:\s*\[\s*\])?)?\s*::\s*(?P<to>{_TYPE})"
_RETYPED = regex(
    rf"\balter\s+(?:column\s+)?(?P<column>{NAME})\s+(?:set\s+data\s+)?type\s+(?P<type>{_TYPE}){_COLLATED}"
    rf"(?P<using>\s+using\s+(?P<open>\()?\s*{_CAST}{_COLLATED}(?(open)\s*\)))?(?P<end>\s*(?:[,;]|\Z))?",
    re.IGNORECASE,
)
_USING = regex(r"\busing\b", re.IGNORECASE)
_OF_CATALOG = regex(r'^"?pg_catalog"?\s*\.\s*', re.IGNORECASE)
OF_ANY_LENGTH = regex(r"text|character varying(?:\(\d+\))?")
"""The types of text, as the server writes them."""


class Retyped(Struct, frozen=True):
    """The column that gets another type, as it is called by then; `to_text`: that is text, and takes any value.

    `plain`: its values are cast to that type, by `using` or without one, and nothing else is done to them. `by_text`:
    `using` makes them text before. `unread`: they are made of something else, for its USING does not name the column.
    """

    column: str
    plain: bool
    using: bool
    to_text: bool
    by_text: bool
    unread: bool = False


def retyped_in(statement: str) -> Iterator[Retyped]:
    """Each column that the statement gives a type."""
    text = _shortened(statement)
    for each in _RETYPED.finditer(text):
        using, column = each["using"] is not None, bare(each["column"])
        plain = _is_cast(each) if using else each["end"] is not None
        unread = not plain and _is_unread(text[each.end("type") :], column)
        yield Retyped(column, plain, using, _type(each["type"]) == "text", each["text"] is not None, unread)


def _is_unread(rest: str, column: str) -> bool:
    """Whether it is by a USING that the column gets its type, and nothing from there on has the column's name."""
    return _USING.match(rest.lstrip()) is not None and not speaks_of(rest, column)


def is_plain(statement: str) -> bool:
    """Whether each value is made one of the new type by nothing but a cast."""
    return _USING.search(without_casts(statement)) is None


def without_casts(text: str) -> str:
    """The text without what casts a column to the type that it gets; all of it where one gets two: a cast may cut."""
    columns = [each.column for each in retyped_in(text)]
    if len(columns) > len(set(columns)):
        return text
    return _RETYPED.sub(
        lambda each: str((each["end"] or "") if each["using"] and _is_cast(each) else each[0]), _shortened(text)
    )


def _shortened(text: str) -> str:
    """The text with `a::t` for `CAST(a AS t)`, and for what does the same as a cast: `left(a, 9)`, `round(a, 2)`."""
    text = _CUT.sub(lambda each: f"{each['of'] or each['from']}::varchar({each['most']})", text)
    return _WRITTEN_OUT.sub(r"\g<of>::\g<to>", _ROUNDED.sub(r"\g<typed>\g<of>::\g<to>", text))


def _is_cast(found: re.Match[str]) -> bool:
    """Whether it is of the same column, and to the same type: by way of another it may take more, or cut."""
    same = bare(found["of"].strip("() \t\r\n")) == bare(found["column"])
    one, other = _type(found["type"]), _type(found["to"])
    if "." not in one or "." not in other:
        one, other = one.rpartition(".")[2], other.rpartition(".")[2]
    # What is text of any length is then refused where it is too long, as it is without a USING.
    whole = other in {"text", "character varying"} and OF_ANY_LENGTH.fullmatch(one) is not None
    return same and (one == other or whole) and found["end"] is not None


def _type(text: str) -> str:
    """The type, written in one way."""
    text = _OF_CATALOG.sub("", text)
    if "." not in text:
        return called(text)
    return re.sub(r"\s*([.,()\[\]])\s*", r"\1", " ".join(text.lower().replace('"', "").split()))
