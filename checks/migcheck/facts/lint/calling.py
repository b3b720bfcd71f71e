"""Which functions SQL calls, by its words."""

from migcheck.facts.lint.functions import BUILT_IN, WORDS
from migcheck.regex import regex

# A name is tried from its beginning alone: what is no call may be as long as a file.
_CALL = regex(
    r"(?i)(?:\b(?P<of>into|table|exists|references|on|index|conflict|as)\s+)?(?<![\w.\"])(?P<name>[\w.\"]+)\s*\("
)

# Comments and strings, but for a body that is written as one.
_SAID = regex(r"(?is)--[^\n]*|/\*.*?\*/|(?<!\bas\s)(?<!\bdo\s)'[^']*'")


def calls_others(text: str) -> bool:
    """Whether it calls what is not the server's own, as far as one can tell."""
    calls = _CALL.finditer(_SAID.sub(" ", text))
    found = (each["name"].replace('"', "").lower() for each in calls if each["of"] is None)
    return any(each not in WORDS and not is_built_in(tuple(each.split("."))) for each in found)


def is_built_in(path: tuple[str, ...]) -> bool:
    """Whether the function that is called so is the server's own, and reads no table."""
    return bool(path) and path[-1] in BUILT_IN and (len(path) == 1 or path[-2] == "pg_catalog")
