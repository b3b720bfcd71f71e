"""Where a column changes between `timestamp` and `timestamptz`: whether its rows are written anew hangs on a setting.

Source: `TimestampTimestampTzRequiresRewrite` in timestamp.c: not where the session's TimeZone never has an offset.
"""

from collections.abc import Iterable, Iterator

from migcheck.drizzle.folder import Migration
from migcheck.facts.sql.observation import Rezoned, Seen
from migcheck.regex import regex

_OWN_NAMES = ("uct", "universal", "zulu", "greenwich", "utc", "gmt", "gmt0", "gmt+0", "gmt-0")
_WITHOUT_OFFSET = frozenset({*_OWN_NAMES, *(f"etc/{each}" for each in _OWN_NAMES), "<+00>-00"})
_SET = regex(
    r"(?is)(?:\bset\s+(?:(?:local|session)\s+)?time\s*zone\s*(?:to\s+|=\s*)?|\bset_config\s*\(\s*'timezone'\s*,\s*)"
    r"'?(?P<zone>[\w/+-]+)"
)
"""`SET LOCAL TIME ZONE 'UTC'`, `SET timezone = 'UTC'`, and the function that does the same."""


def is_without_offset(zone: str) -> bool:
    """Whether a `timestamp` is the same `timestamptz` there, at every time."""
    return zone.lower() in _WITHOUT_OFFSET


def as_set(seen: Iterable[Seen], new: Iterable[Migration]) -> Iterator[Seen]:
    """What was `seen`, but for columns of which the migration itself says before that they are of UTC."""
    texts = {each.tag: each.sql.decode(errors="replace").splitlines() for each in new}
    for each in seen:
        before = "\n".join(texts.get(each.migration, [])[: each.at.line])
        zones = [found["zone"] for found in _SET.finditer(before)]
        if not (isinstance(each.change, Rezoned) and zones and (zones[-1] == "0" or is_without_offset(zones[-1]))):
            yield each
