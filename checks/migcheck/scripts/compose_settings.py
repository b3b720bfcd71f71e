"""Which compose files the environment of a call names.

Facts: docs.docker.com "Pre-defined environment variables": COMPOSE_FILE, whose paths COMPOSE_PATH_SEPARATOR separates,
or else `:`; a `.env` gives way to the environment, both to `-f`. "Env file": quotes, and comments behind a blank.
"""

import re
from collections.abc import Mapping

from migcheck.regex import regex

FILE, SEPARATOR = "COMPOSE_FILE", "COMPOSE_PATH_SEPARATOR"
SETTINGS = (FILE, SEPARATOR)
"""The variables."""
_LINE = regex(
    rb"^[ \t]{0,50}(?:export[ \t]{1,50})?(?P<name>COMPOSE_FILE|COMPOSE_PATH_SEPARATOR)[ \t]{0,50}=[ \t]{0,50}"
    rb"(?:\"(?P<double>[^\"\n]{0,2000})\"|'(?P<single>[^'\n]{0,2000})'|(?P<plain>[^\s#'\"][^\s]{0,2000})?)",
    re.MULTILINE,
)
_LONGEST = 4_000
_MOST = 50


def files_of(settings: Mapping[str, str]) -> tuple[str, ...]:
    """The files that the variables of a call name; none where they name none."""
    told = settings.get(FILE, "")[:_LONGEST]
    return tuple(filter(None, told.split(settings.get(SEPARATOR) or ":")))[:_MOST]


def files_named_in(content: bytes) -> tuple[str, ...]:
    """The files that a `.env` names; none where it names none."""
    found = (
        {each["name"].decode(): _value(each) for each in _LINE.finditer(content)} if FILE.encode() in content else {}
    )
    return files_of(found)


def _value(found: re.Match[bytes]) -> str:
    value: bytes = found["double"] or found["single"] or found["plain"] or b""
    return value.decode("utf-8", "replace")
