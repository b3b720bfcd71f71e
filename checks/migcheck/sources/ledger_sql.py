"""SQL that writes rows to a ledger: in the strings of source code, and in scripts."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from migcheck.drizzle.ledger import LedgerName
from migcheck.sources.module import Module
from migcheck.sources.syntax import line_of
from migcheck.sources.values import text_with_gaps

_VERB = r"(?P<verb>(?:insert\s+into|update|delete\s+from|merge\s+into|truncate(?:\s+table)?)(?:\s+only)?)"
_NAME = r"(?:\"(?:[^\"]|\"\")+\"|\w+|\0)"
_WRITE = re.compile(rf"\b{_VERB}\s+(?:(?P<schema>{_NAME})\s*\.\s*)?(?P<table>{_NAME})", re.IGNORECASE)
# A comment that is never closed takes the rest, so that reading stays linear.
_COMMENT = re.compile(r"--[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_MADE = re.compile(
    rf"\b(?:create\s+table(?:\s+if\s+not\s+exists)?|copy)\s+(?:(?P<schema>{_NAME})\s*\.\s*)?(?P<table>{_NAME})",
    re.IGNORECASE,
)
_GAP = "\0"
_SHOWN = 120
_MOST = 50
# Databases that a program carries with it: their ledgers are nobody's production.
_EMBEDDED = re.compile(
    r"@electric-sql/pglite|drizzle-orm/(?:pglite|(?:\w+-)*sqlite(?:-\w+)*|libsql|d1|sql-js)(?:/.*)?|better-sqlite3|bun:sqlite|"
    r"expo-sqlite|@libsql/.*"
)


@dataclass(frozen=True, slots=True)
class LedgerWrite:
    """A statement that writes to the ledger. `verb` is how it begins, in capitals: INSERT INTO.

    `sql` is how it goes on, on one line and perhaps cut: the same statement is the same wherever it stands.
    """

    path: str
    line: int
    verb: str
    sql: str


def writes_of_code(module: Module, ledger: LedgerName) -> Iterator[LedgerWrite]:
    """The writes in strings and templates of a source file, each where its string begins."""
    if any(_EMBEDDED.fullmatch(each) for each in module.loads):
        return
    for node in module.texts:
        first = line_of(node)
        for write in _writes(module.path, text_with_gaps(node, module, _GAP), ledger):
            yield replace(write, line=first + write.line - 1)


def writes_of_script(path: str, content: bytes, ledger: LedgerName) -> Iterator[LedgerWrite]:
    """The writes of a SQL script. A dump, which makes the ledger's table itself, is a copy of a database and none."""
    text = _without_comments(content.decode("utf-8", "replace"))
    if not any(_is(ledger, found) for found in _MADE.finditer(text)):
        yield from _writes(path, text, ledger)


def _writes(path: str, text: str, ledger: LedgerName) -> Iterator[LedgerWrite]:
    for found in islice((each for each in _WRITE.finditer(text) if _is(ledger, each)), _MOST):
        verb = " ".join(found["verb"].upper().split())
        sql = " ".join(text[found.start() : found.start() + _SHOWN].replace(_GAP, "…").split())
        yield LedgerWrite(path, text.count("\n", 0, found.start()) + 1, verb, sql)


def _is(ledger: LedgerName, found: "re.Match[str]") -> bool:
    """Whether the table that was found is the ledger. A schema that is not said, or not plain to see, may be its."""
    schema, table = _unquoted(found["schema"] or ""), _unquoted(found["table"])
    return table == ledger.table and schema in ("", _GAP, ledger.schema)


def _unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def _without_comments(text: str) -> str:
    """`text` with its comments blanked out; lines stay where they are."""
    return _COMMENT.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
