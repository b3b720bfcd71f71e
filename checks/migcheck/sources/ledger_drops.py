"""SQL that takes a ledger away, table or schema, and leaves what its migrations made."""

import re
from collections.abc import Iterator
from functools import lru_cache

from migcheck.drizzle.ledger import LedgerName
from migcheck.regex import regex
from migcheck.sources.ledger_sql import LedgerWrite, folded, makes_ledger, shown_from, without_texts

_NAME = r"(?:\"[^\"]{1,200}\"|\w{1,200})"
_ONE = regex(rf"(?:(?P<schema>{_NAME})\s*\.\s*)?(?P<name>{_NAME})")
_NAMES = rf"{_NAME}(?:\s*\.\s*{_NAME})?(?:\s*,\s*{_NAME}(?:\s*\.\s*{_NAME})?){{0,50}}"
_DROP = regex(
    rf"\b(?P<verb>drop\s+(?P<kind>schema|table))\s+(?:if\s+exists\s+)?(?!if\b)(?P<names>{_NAMES})",
    re.IGNORECASE | re.ASCII,
)
_DROPS_ALL = regex(r"\bdrop(?:db\b|\s+(?:database|owned)\b)|\bexecute\b[^;]{0,100}\bdrop\b", re.IGNORECASE)


def drops_in(path: str, text: str, ledger: LedgerName, script: str) -> Iterator[LedgerWrite]:
    """Where `text`, which is SQL, drops the ledger, its table or its schema.

    `script` is all that is run with it. One that drops other things as well is a reset: what the rows told of goes
    with them. So is a text that makes the ledger's table anew.
    """
    if makes_ledger(text, ledger) or _is_reset(script, ledger):
        return
    for found in _DROP.finditer(without_texts(text)):
        if any(_is_its(name, found["kind"], ledger) for name in _names(found)):
            verb = " ".join(found["verb"].upper().split())
            yield LedgerWrite(path, text.count("\n", 0, found.start()) + 1, verb, shown_from(text, found.start()))


@lru_cache(maxsize=16)
def _is_reset(script: str, ledger: LedgerName) -> bool:
    # Asked of a whole script for each command of it. In a shell's double quotes, and in JSON, a quote has a backslash.
    told = script.replace("\\", "")
    dropped = ((name, each["kind"]) for each in _DROP.finditer(told) for name in _names(each))
    return _DROPS_ALL.search(told) is not None or not all(_is_its(name, kind, ledger) for name, kind in dropped)


def _names(found: "re.Match[str]") -> Iterator[LedgerName]:
    for each in _ONE.finditer(found["names"]):
        yield LedgerName(folded(each["schema"] or ""), folded(each["name"]))


def _is_its(name: LedgerName, kind: str, ledger: LedgerName) -> bool:
    if kind.lower() == "schema":
        return name == LedgerName("", ledger.schema)
    return name.table == ledger.table and name.schema in ("", ledger.schema)
