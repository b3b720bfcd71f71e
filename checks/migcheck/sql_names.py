"""Names as SQL writes them, and as the server gives them back.

Source: PostgreSQL's manual, "Lexical Structure" and "SQL Key Words" (17), and `quote_identifier` in its
ruleutils.c, which `format('%I')` calls.
"""

import re
from collections.abc import Sequence

from migcheck.regex import regex

# Every keyword that is not unreserved.
_KEYWORDS = frozenset(
    re.findall(
        r"\w+",
        """
        all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both
        case cast char character check coalesce collate collation column concurrently constraint create cross
        current_catalog current_date current_role current_schema current_time current_timestamp current_user dec
        decimal default deferrable desc distinct do else end except exists extract false fetch float for foreign
        freeze from full grant greatest group grouping having ilike in initially inner inout int integer intersect
        interval into is isnull join json json_array json_arrayagg json_exists json_object json_objectagg json_query
        json_scalar json_serialize json_table json_value lateral leading least left like limit localtime
        localtimestamp merge_action national natural nchar none normalize not notnull null nullif numeric offset on
        only or order out outer overlaps overlay placing position precision primary real references returning right
        row select session_user setof similar smallint some substring symmetric system_user table tablesample then
        time timestamp to trailing treat trim true union unique user using values varchar variadic verbose when
        where window with xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi
        xmlroot xmlserialize xmltable
        """,
    )
)
NAME = r'(?:"(?:[^"]|"")+"|[\w$]+)'
"""A name, quoted or not."""
NAMED = rf"{NAME}(?:\s*\.\s*{NAME})?"
"""A name, perhaps behind that of its schema."""
_NAMES = regex(NAME)
_PLAIN = regex(r"[a-z_][a-z0-9_]*")
LONGEST = 63
"""Bytes of a name that the server keeps (NAMEDATALEN - 1)."""


def unquoted(written: str) -> str | None:
    """The name that is meant by an identifier as it is written; None for `U&"…"`, which nobody writes."""
    if written[:1] == '"':
        name = written[1:-1].replace('""', '"')
    elif "&" in written:
        return None
    else:
        name = "".join(each.lower() if each.isascii() else each for each in written)
    return name.encode()[:LONGEST].decode(errors="ignore")


def bare(written: str) -> str:
    """The last of several names with dots between them, as the catalogue has it: a table's without its schema."""
    found = _NAMES.findall(written)
    return (found and unquoted(found[-1])) or ""


def names_at(words: Sequence[str], at: int = 0) -> tuple[tuple[str, ...], int]:
    """The names with dots between them that tokens have from there on, as is meant, and where what follows begins.

    None where no name is there, or one is written as `U&"…"`.
    """
    end = at + 1
    while words[end : end + 1] == ["."]:
        end += 2
    written = words[at:end:2]
    if words[end : end + 1] == ["&"] or not all(map(_NAMES.fullmatch, written)):
        return (), end
    return tuple(filter(None, map(unquoted, written))), end


def quoted(name: str) -> str:
    """The name as the server writes it, in quotes only where it needs them."""
    return name if _PLAIN.fullmatch(name) and name not in _KEYWORDS else quoted_always(name)


def quoted_always(name: str) -> str:
    """The name in quotes, whether it needs them or not."""
    return '"' + name.replace('"', '""') + '"'


def full_name(schema: str, name: str) -> str:
    """`schema.table`, as facts call a table."""
    return f"{quoted(schema)}.{quoted(name)}"
