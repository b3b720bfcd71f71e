"""Names as the catalogue writes them: parts with a dot between, each quoted where it has to be."""

import re

from migcheck.regex import regex

_PART = regex(r'(?:"(?:[^"]|"")*"|[^."(]+)(?:\(.*\))?', re.DOTALL)


def parts_of(identity: str) -> list[str]:
    """`public`, `users` and `"e mail"` of `public.users."e mail"`, as they stand."""
    return _PART.findall(identity)


def parent_of(identity: str) -> str:
    """`public.users` of `public.users.email`."""
    return ".".join(parts_of(identity)[:-1])


def last_of(identity: str) -> str:
    """`email` of `public.users.email`."""
    return parts_of(identity)[-1]
