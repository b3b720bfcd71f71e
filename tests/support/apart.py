"""Several cases in one rehearsal: each is a migration of its own, on tables of its own, so what is told names it.

apart(3, "create table users (id int)", "truncate users")   # "create table c3_users (id int)", "truncate c3_users"
as_alone("public.c3_users")                                 # "public.users"
"""

import re

_MADE = re.compile(
    r"""\bcreate\s+(?:or\s+replace\s+|unique\s+|materialized\s+)*
        (?:table|type|domain|function|procedure|sequence|schema|view|index|trigger)\s+
        (?:concurrently\s+)?(?:if\s+not\s+exists\s+)?(?!on\b|pg_temp\b)(?:"?public"?\.)?"?(?P<made>\w+)
        |\brename\s+to\s+(?P<renamed>\w+)|\bconstraint\s+(?!if\b)"?(?P<held>\w+)""",
    re.IGNORECASE | re.VERBOSE,
)
_PREFIX = re.compile(r"\bc\d+_")


def made(text: str) -> set[str]:
    """The names that `text` gives to what it makes or renames."""
    return {name for found in _MADE.finditer(text) for name in found.groups() if name}


def apart(number: int, *texts: str) -> tuple[str, ...]:
    """`texts` of case `number`: whatever one of them makes, or gives a name, has a prefix in all of them."""
    names = {name for text in texts for name in made(text)}
    if not names:
        return texts
    # With the names of its keys, which the server makes of it.
    pattern = re.compile(rf"\b({'|'.join(sorted(names))})(?=\b|_pkey\b|_\w+_key\b)")
    return tuple(pattern.sub(rf"c{number}_\1", text) for text in texts)


def as_alone(told: str) -> str:
    """What is told of a case, with the names that it has where it is the only one."""
    return _PREFIX.sub("", told)
