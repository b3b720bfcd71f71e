"""What would change rows that are there and of which nothing says that it ran before: a copy has no rows. Pure."""

import re
from collections.abc import Iterable, Sequence

from migcheck.drizzle.folder import Migration
from migcheck.finding import Location
from migcheck.postgres.running.alone import statements_of
from migcheck.postgres.running.statements import tokens
from migcheck.regex import regex
from migcheck.sql_names import NAME, bare, names_at

# Not what a key does ON UPDATE, what a trigger or a policy is of, or what a SELECT locks.
_WRITES = regex(
    r'(?<!\bfor\s)(?<!\bon\s)\bupdate\s+(?!(?:on|or|of)\b)[\w"]'
    r"|\b(?:insert\s+into|delete\s+from|truncate|merge\s+into)\b|^copy\s+[^(\s]+\s[^;]*?\bfrom\b",
    re.IGNORECASE,
)
# What is set to the greatest that is there gives no key twice.
_SET = r"(?:(?!\bsetval\b)[^;])*?"
_SETS_BACK = regex(
    rf"\bsetval\s*\((?!{_SET}\bmax\s*\(){_SET},[+(\s]*\d|\balter\s+sequence\s[^;]{{0,200}}?\srestart\b"
    rf"|\balter\s+table\s[^;]{{0,200}}?\balter\s+(?:column\s+)?{NAME}\s+(?:set\s[^;,]{{0,200}}?\s)?restart\b",
    re.IGNORECASE,
)
_WORD = regex(r"\w+")
# Functions of the server's own that change no row.
_CHANGE_NONE = regex(
    r"array_agg|cast|coalesce|count|current_setting|exists|greatest|max|min|nextval|now|set_config|setval|string_agg|sum"
    r"|to_regclass|unnest|version|generate_series|pg_\w*"
)


def first_over_rows(migrations: Iterable[Migration], there: Iterable[str]) -> tuple[Migration, Location] | None:
    """The first statement that may change rows of what is `there`, as `schema.name`, or set a sequence of it back."""
    names = frozenset(bare(each).lower() for each in there)
    for migration in migrations if names else ():
        for statement in statements_of(migration):
            words = list(tokens(statement.text))
            text = " ".join(words)
            # What is defined is not run, and a word of several is no name that is looked for here.
            runs = words and words[0].lower() != "create"
            writes = runs and (_WRITES.search(text) or _SETS_BACK.search(text))
            if (writes and not names.isdisjoint(_WORD.findall(text.lower()))) or _calls(words):
                return migration, Location(migration.path, statement.line)
    return None


def _calls(words: Sequence[str]) -> bool:
    """Whether it calls a procedure, or selects from a function or what one returns, which may change any row."""
    lower = [each.lower() for each in words]
    if lower[:1] != ["select"]:
        return lower[:1] == ["call"]
    found = (names_at(words, at) for at in (1, *(n for n, each in enumerate(lower, 1) if each == "from")))
    called = (names[-1] for names, behind in found if names and lower[behind : behind + 1] == ["("])
    return not all(map(_CHANGE_NONE.fullmatch, called))
