"""Which functions SQL calls, by its words."""

from migcheck.postgres.sql_functions import BUILT_IN, WORDS
from migcheck.regex import regex

# A name is tried from its beginning alone: what is no call may be as long as a file.
_CALL = regex(
    r"""(?ix)
    (?: \b (?P<of> into | table | view | exists | references | on (?=\s+conflict\b) | as | ordinality | tablesample
        | index (?: \s+ (?:concurrently|if\s+not\s+exists) )* (?: \s+ (?!on\b) (?:"[^"]*"|[\w.])+ )? \s+ on (?:\s+only)?
        | function | procedure | using (?=\s+(?:btree|hash|gist|spgist|gin|brin|hnsw|ivfflat)\b)
        | partition\s+by (?=\s+(?:range|list|hash)\b) ) \s+
    | (?P<alias> \) \s* ) )?
    (?<![\w."]) (?P<name> [\w."]+ ) \s* \(
    (?P<query> [^()]* \) \s* as \s+ (?:(?:not\s+)? materialized \s*)?
        (?= \( \s* (?:select|with|values|table|insert|update|delete|merge)\b ) )?
    """
)

# What stands behind its parenthesis is no alias of that.
_DISTINCT = regex(r"(?i)\bdistinct\s+on\s*\([^()]*(?:\([^()]*(?:\([^()]*\)[^()]*)*\)[^()]*)*\)")
# Comments and strings, but for a body that is written as one.
_SAID = regex(r"(?is)--[^\n]*|/\*.*?\*/|(?<!\bas\s)(?<!\bdo\s)'[^']*'")


def calls_others(text: str) -> bool:
    """Whether it calls what is not the server's own, as far as one can tell."""
    # Behind the last end of a comment none begins: each that seems to would be looked for to the end of the text.
    last = text.rfind("*/") + 1
    text = text[:last] + text[last:].replace("/*", "/ ")
    calls = _CALL.finditer(_DISTINCT.sub(r"\g<0>,", _SAID.sub(" ", text)))
    found = (each["name"].replace('"', "").lower() for each in calls if {*each.group("of", "alias", "query")} == {None})
    return any(each not in WORDS and not is_built_in(tuple(each.split("."))) for each in found)


def is_built_in(path: tuple[str, ...]) -> bool:
    """Whether the function that is called so is the server's own, and reads no table."""
    return bool(path) and path[-1] in BUILT_IN and (len(path) == 1 or path[-2] == "pg_catalog")
