"""What the names of migrations say: prefixes, times, order, and whether they stay in the folder.

Source: drizzle-kit 0.31 `prepareMigrationMetadata`; drizzle-orm 1.0.0-rc.5 migrator.js and migrator.utils.js.
"""

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from posixpath import basename, isabs, join, normpath

from migcheck.regex import regex

_TIME = regex(r"(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})", re.ASCII)
_LETTER = regex(r"[^\u0300-\u036f](?P<accents>[\u0300-\u036f]*)")
_PUNCTUATION = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$"
"""In the order of the Unicode collation, all before digits, all before letters."""


def prefix_of(tag: str) -> str:
    """What drizzle-kit names the snapshot by: `0003` (index), 14 digits (timestamp, supabase), seconds (unix), nothing.

    A tag made by hand may have none of these; then it is whatever stands before the first underscore.
    """
    return basename(tag).partition("_")[0]


def file_of(tag: str) -> str:
    """The file of an entry, relative to the folder."""
    return normpath(f"{tag}.sql")


def path_of(folder: str, tag: str) -> str:
    """The file of an entry of the journal in `folder`, relative to what `folder` is relative to."""
    return normpath(join(folder, file_of(tag)))


def leaves_folder(tag: str) -> bool:
    """Whether the file of an entry would be outside the folder, on any system that Drizzle runs on."""
    slashed = tag.replace("\\", "/")
    return isabs(slashed) or normpath(slashed).split("/")[0] == ".."


def time_of(name: str) -> int | None:
    """The `when` in ms of a folder of Drizzle 1.0: its first 14 characters as UTC; None where they are not a time.

    As JavaScript's Date.UTC does, a month 13 or a day 31 too many runs over into what follows.
    """
    found = _TIME.match(name)
    if found is None:
        return None
    year, month, day, hour, minute, second = map(int, found.groups())
    try:
        start = datetime(year + (month - 1) // 12, (month - 1) % 12 + 1, 1, tzinfo=UTC)
        moment = start + timedelta(days=day - 1, hours=hour, minutes=minute, seconds=second)
    except (ValueError, OverflowError):
        return None
    return round(moment.timestamp()) * 1000


def moment(when: int) -> str:
    """A `when` as it stands in the journal, and as a time for people."""
    try:
        return f"{when} ({datetime.fromtimestamp(when // 1000, UTC):%Y-%m-%d %H:%M:%S} UTC)"
    except (ValueError, OverflowError, OSError):
        return str(when)


def by_locale(name: str) -> tuple[object, ...]:
    """A sort key for what JavaScript's `localeCompare` does: punctuation, digits, letters; then accents; then case."""
    plain = unicodedata.normalize("NFD", name.replace("ß", "ss"))
    letters = tuple(_rank(each) for each in plain if not unicodedata.combining(each))
    accents = tuple(found["accents"] for found in _LETTER.finditer(plain))
    return letters, accents, tuple(each.isupper() for each in plain)


def _rank(character: str) -> tuple[int, int, str]:
    if character in _PUNCTUATION:
        return 0, _PUNCTUATION.index(character), ""
    return (1, 0, character) if character.isdigit() else (2, 0, character.lower())
