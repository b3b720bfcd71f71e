"""The server's own types: what each is called, and which of them are of numbers or of text. Pure.

Source: PostgreSQL's manual, 8 "Data Types".
"""

import re
from functools import lru_cache

from migcheck.regex import regex

WHOLE_BITS = {"smallint": 15, "integer": 31, "bigint": 63}
"""How many bits the types of whole numbers have beside the sign."""
NUMBER = regex(
    r"(?P<kind>smallint|integer|bigint|numeric|real|double precision)(?:\((?P<digits>\d+),(?P<scale>-?\d+)\))?"
)
"""A type of numbers, as the server writes it."""
TEXT = regex(r"text|(?:character varying|character)(?:\((?P<most>\d+)\))?")
"""A type of text, likewise."""
_CALLED = {
    "int": "integer",
    "int4": "integer",
    "int8": "bigint",
    "int2": "smallint",
    "serial": "integer",
    "serial4": "integer",
    "bigserial": "bigint",
    "serial8": "bigint",
    "smallserial": "smallint",
    "serial2": "smallint",
    "bool": "boolean",
    "float4": "real",
    "float8": "double precision",
    "float": "double precision",
    "decimal": "numeric",
    "dec": "numeric",
    "varchar": "character varying",
    "char varying": "character varying",
    "char": "character",
    "bpchar": "character",
    "varbit": "bit varying",
    "timestamptz": "timestamp with time zone",
    "timestamp": "timestamp without time zone",
    "timetz": "time with time zone",
    "time": "time without time zone",
}
_TYPE = regex(
    r"(?P<name>[^(\[]+?) *(?:\((?P<size>[^)]*)\))?(?P<zone> with(?:out)? time zone)?(?P<array>(?: *\[\d*\])*)"
)
BUILT_IN = frozenset(_CALLED.values()) | frozenset(
    re.findall(
        r"\w+",
        """
        bit box bytea cidr circle date inet interval json jsonb jsonpath line lseg macaddr macaddr8 money name oid path
        point polygon text tsquery tsvector uuid xml int4range int8range numrange tsrange tstzrange daterange
        int4multirange int8multirange nummultirange tsmultirange tstzmultirange datemultirange
        """,
    )
)
"""Types that nobody can change, as they are `called`, without a size."""


# A snapshot has thousands of columns, of a dozen types.
@lru_cache(maxsize=1024)
def called(written: str) -> str:
    """What the server calls the type that is `written`, as far as one can tell without it; in small letters."""
    plain = " ".join(written.replace('"', "").lower().split())
    found = _TYPE.fullmatch(plain.removeprefix("public.").removeprefix("pg_catalog."))
    if found is None:
        return plain
    name = _CALLED.get(found["name"] + (found["zone"] or ""), found["name"] + (found["zone"] or ""))
    size = "" if found["size"] is None else "(" + found["size"].replace(" ", "") + ")"
    # The size of a time stands before its zone.
    first, with_, rest = name.partition(" with")
    return f"{first}{size}{with_}{rest}" + ("[]" if found["array"].strip() else "")
