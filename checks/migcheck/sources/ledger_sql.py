"""SQL that writes rows to a ledger: in the strings of source code, and in scripts."""

import re
from collections.abc import Iterator
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from migcheck.drizzle.ledger import LedgerName
from migcheck.drizzle.pieces import BREAKPOINT
from migcheck.regex import regex
from migcheck.sources.module import Module
from migcheck.typescript.syntax import line_of
from migcheck.typescript.values import text_with_gaps

_VERB = r"(?P<verb>(?:insert\s+into|update|delete\s+from|merge\s+into|truncate(?:\s+table)?)(?:\s+only)?)"
_NAME = r"(?:\"(?:[^\"]|\"\")+\"|\w+|\0)"
# What a statement may stand behind: in a script, in a `with`, in a function. Prose has the verb anywhere.
_BEGINS = r"(?:\A|[;()$\0]|\b(?:begin|then|else|loop|as|also|instead|explain|analyze)\b)\s*"
_WRITE = regex(rf"{_BEGINS}\b{_VERB}\s+(?:(?P<schema>{_NAME})\s*\.\s*)?(?P<table>{_NAME})", re.IGNORECASE)
# A comment or a text that is never closed takes the rest, so that reading stays linear. psql's own commands begin
# with a backslash. Quoted names are found too, for what looks like either in them.
_ASIDE = regex(
    r"(?P<comment>--[^\n]*|/\*.*?(?:\*/|\Z)|(?m:^\\[^\n]*))|"
    r"(?P<text>\b[eE]'(?:[^'\\]|''|\\.)*(?:'|\Z)|'(?:[^']|'')*(?:'|\Z))|\"[^\"]*\"",
    re.DOTALL,
)
_MADE = regex(
    rf"\b(?:create\s+table(?:\s+if\s+not\s+exists)?|copy)\s+(?:(?P<schema>{_NAME})\s*\.\s*)?(?P<table>{_NAME})",
    re.IGNORECASE,
)
_GAP = "\0"
_SHOWN = 120
_MOST = 50
# Databases that a program carries with it: their ledgers are nobody's production.
_EMBEDDED = regex(
    r"@electric-sql/pglite|drizzle-orm/(?:pglite|(?:\w+-)*sqlite(?:-\w+)*|libsql|d1|sql-js)(?:/.*)?|better-sqlite3|sqlite3|"
    r"(?:bun|node):sqlite|expo-sqlite|sql\.js|@libsql/.*"
)


class LedgerWrite(Struct, frozen=True):
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
    text = content.decode("utf-8", "replace")
    if not makes_ledger(text, ledger):
        yield from _writes(path, text, ledger)


def makes_ledger(text: str, ledger: LedgerName) -> bool:
    """Whether SQL makes the ledger's table itself."""
    return any(_is(ledger, found) for found in _MADE.finditer(without_texts(text)))


def _writes(path: str, text: str, ledger: LedgerName) -> Iterator[LedgerWrite]:
    shown, bare = _without("comment", text=text), without_texts(text)
    for found in islice((each for each in _WRITE.finditer(bare) if _is(ledger, each)), _MOST):
        start = found.start("verb")
        verb = " ".join(found["verb"].upper().split())
        yield LedgerWrite(path, text.count("\n", 0, start) + 1, verb, _shown(shown, start))


def _shown(text: str, start: int) -> str:
    return " ".join(text[start : start + _SHOWN].replace(_GAP, "…").split())


def shown_from(text: str, start: int) -> str:
    """What of the SQL `text` a person sees of a statement that begins at `start`."""
    return _shown(_without("comment", text=text), start)


def without_texts(text: str) -> str:
    """SQL with its comments and texts blanked out; everything else stays where it is."""
    return _without("comment", "text", text=text)


def _is(ledger: LedgerName, found: "re.Match[str]") -> bool:
    """Whether the table that was found is the ledger. A schema that is not said, or not plain to see, may be its."""
    schema, table = folded(found["schema"] or ""), folded(found["table"])
    return table == ledger.table and schema in ("", _GAP, ledger.schema)


def folded(name: str) -> str:
    """A name of SQL as Postgres has it: without its quotes, or in small letters where it has none."""
    return name[1:-1].replace('""', '"') if name.startswith('"') else name.lower()


def _without(*kinds: str, text: str) -> str:
    """`text` with what is of one of `kinds` blanked out; everything else stays where it is."""
    return _ASIDE.sub(lambda found: _blank(found[0]) if found.lastgroup in kinds else found[0], text)


def _blank(aside: str) -> str:
    blank = re.sub(r"[^\n]", " ", aside)
    return f";{blank[1:]}" if aside.startswith(BREAKPOINT) else blank
