"""Which statements set a sequence to a number that the file has: what it gives may be given twice. Pure."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from migcheck.postgres.running.statements import EXECUTES, blocks_in, outside, tokens
from migcheck.regex import regex
from migcheck.sql_names import NAME

_EXECUTES = regex(EXECUTES, re.IGNORECASE)
_RUN = frozenset({"alter", "do", "select", "with"})
# What is set to the greatest that is there gives none twice.
_SET = r"(?:(?!\bsetval\b)[^;])*?"
_SETS = regex(rf"\bsetval\s*\((?!{_SET}\bmax\s*\(){_SET},[+(\s]*\d", re.IGNORECASE)
_RESTARTS = regex(
    r"\balter\s+sequence\s[^;]{0,200}?\srestart\b"
    rf"|\balter\s+table\s[^;]{{0,200}}?\balter\s+(?:column\s+|(?!column\b)){NAME}\s+"
    r"(?:set\s+(?!data\b|default\b)[^;,]{0,200}?\s)?restart\b",
    re.IGNORECASE,
)
_NUMBER = regex(r"'\s*([+-]?\d+)\s*'")


def sets_back(words: Sequence[str], text: str) -> bool:
    """Whether the statement of these `words`, joined in `text`, does so where it is run."""
    if "".join(words[:1]).lower() not in _RUN:
        return False
    if _EXECUTES.search(text):
        # What it runs may be put together of any of its strings.
        return any(each.search(text) for each in (_SETS, _RESTARTS))
    code = [word for block in blocks_in(words) for word in tokens(block)]
    told = [_without_string(each) for each in code or words]
    return _RESTARTS.search(" ".join(told)) is not None or any(map(_SETS.search, _calls(told)))


def _without_string(word: str) -> str:
    """`word`; of a string only a number, which the server takes for one."""
    if number := _NUMBER.fullmatch(word):
        return number[1]
    is_string = word[-1:] == "'" or (word[:1] == "$" and len(word) > 1)
    return "''" if is_string else word


def _calls(words: Sequence[str]) -> Iterator[str]:
    """Each call of setval up to where it ends, or the next one begins."""
    starts = (at for at, each in enumerate(words) if each.lower() == "setval")
    for at, end in pairwise((*starts, len(words))):
        call = words[at:end]
        close = next((n for n, _ in outside(call) if n), len(call))
        yield " ".join(call[: close + 1])
