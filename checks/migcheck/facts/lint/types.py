"""Types of columns: which may be domains, and whether rows are written anew where one takes the place of another.

Source: PostgreSQL's manual, ALTER TABLE's "Notes"; `ATColumnChangeRequiresRewrite` in tablecmds.c, and
what makes nothing of a cast to a wider type (`varchar_support`, `numeric_support`, `TemporalSimplify`).
"""

import re

from migcheck.drizzle.schema import SERIALS
from migcheck.facts.sql.types import BUILT_IN, called

# Beside the server's own, those of extensions that Drizzle has columns for, or that are told apart here.
_WITHOUT_DEFAULT = BUILT_IN | frozenset(
    {"citext", "hstore", "ltree", "vector", "halfvec", "sparsevec", "geometry", "geography"}
)
_TEXTS = frozenset({"text", "character varying", "citext"})
"""They are stored alike, and none of them is checked without a length."""
_TIMES = {"timestamp without time zone", "timestamp with time zone"}
_SIZED_ALIKE = frozenset({"time without time zone", "time with time zone", "interval"})
_MOST_DIGITS = 6


def is_serial(written: str) -> bool:
    """Whether it is an integer with a sequence."""
    return written.strip('"').lower() in SERIALS


def may_be_domain(called_: str) -> bool:
    """Whether a type as it is `called` may be a domain, which may have a default. An array of one has none."""
    name = re.sub(r"\([^)]*\)", "", called_)
    return not called_.endswith("[]") and name not in _WITHOUT_DEFAULT and not name.startswith("interval ")


def shown(written: str) -> str:
    """The same for people, to whom the server names the schema of what is not its own."""
    own = written.replace('"', "").lower().startswith("public.")
    return f"public.{called(written)}" if own else called(written)


def writes_anew(old: str, new: str) -> bool:
    """Whether every row is written anew where a column of type `old` becomes `new`, both as they are `called`."""
    if old == new:
        return False
    (before, had), (after, has) = _parts(old), _parts(new)
    if before in _TEXTS and after in _TEXTS:
        return bool(has) and not (had and before == after and has[0] >= had[0])
    if before == after and before in ("numeric", "bit varying"):
        return bool(has) and not (len(had) == len(has) and has[0] >= had[0] and has[1:] == had[1:])
    if {before, after} <= _TIMES or (before == after and before in _SIZED_ALIKE):
        # Without a shift only where the session is in UTC, as on scratch. What has become the other of the two has no
        # size any more, so that one is asked of each row.
        return bool(has) and has[0] < (had[0] if had and before == after else _MOST_DIGITS)
    return (before, after) != ("cidr", "inet")


def _parts(called_: str) -> tuple[str, tuple[int, ...]]:
    """The name of a type without its size, and the size."""
    found = re.search(r"\((\d+(?:,-?\d+)*)\)", called_)
    if found is None:
        return called_, ()
    size = tuple(int(each[:9]) for each in found[1].split(","))
    return called_.replace(found[0], ""), size
