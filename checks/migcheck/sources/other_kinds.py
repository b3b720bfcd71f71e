"""Whether a source file works on another kind of database than Postgres, or on one of this machine.

Facts: knexjs.org "Configuration options" (names of drivers), sqlite.org "PRAGMA".
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import TYPE_CHECKING

from migcheck.regex import regex
from migcheck.scripts.databases import is_local_url
from migcheck.sources.kinds import NAMED, TEXTS
from migcheck.sources.module import Module
from migcheck.sources.syntax import text_of
from migcheck.sources.values import text_with_gaps

if TYPE_CHECKING:
    from tree_sitter import Node

_LONGEST = 60
_MOST, _MOST_BELOW = 500, 50
_DRIVER = regex(
    r"(?:better-)?sqlite3?|libsql|mysql2?|mariadb|mssql|tedious|oracledb?|mongodb|clickhouse|expo-sqlite|(?:bun|node):sqlite"
)
_MODULE = regex(rf"(?:{_DRIVER.pattern}|@libsql/[\w-]+)(?:/.*)?")
_ADDRESS = regex(
    r"(?:jdbc:)?(?:libsql|mysqlx?|mysql2|mariadb|mssql|sqlserver|mongodb(?:\+srv)?|clickhouse)://\S*"
    r"|(?:jdbc:)?(?:better-)?sqlite3?:\S*|jdbc:(?:oracle|sqlserver):\S*|oracle(?:db)?://\S*|file:\S*|:memory:"
    r"|PRAGMA \w.*"
)
_LOGS = regex(
    r"(?:[\w$]+\.)*(?:console|log|logger|print)(?:\.\w+)?|(?:[\w$]+\.)+(?:log|info|debug|warn|error)", re.ASCII
)
_MOST_TEXTS = 2_000


def is_of_another_kind(module: Module) -> bool:
    """Whether a file loads a driver of another kind of database, or gives it as a kind, or names an address of one.

    What it only logs says nothing. An address on this machine is that of another database as well.
    """
    if any(_MODULE.fullmatch(each) for each in module.loads):
        return True
    logged = _Logged(module)
    kinds = (text for node in module.kinds[:_MOST] for text in _texts_below(node, module))
    if any(_DRIVER.fullmatch(_plain(each, module)) and not logged.holds(each) for each in kinds):
        return True
    texts = ((each, _plain(each, module)) for each in module.texts[:_MOST_TEXTS])
    return any((_ADDRESS.fullmatch(text) or is_local_url(text)) and not logged.holds(each) for each, text in texts)


class _Logged:
    """What the calls of a file log, by where it stands."""

    def __init__(self, module: Module) -> None:
        calls = (each for each in module.calls if len(each.callee) < _LONGEST and _LOGS.fullmatch(each.callee))
        ranges = sorted((node.start_byte, node.end_byte) for call in calls for node in call.arguments)
        self._begins = [begin for begin, _ in ranges]
        self._ends = list(accumulate((end for _, end in ranges), max))

    def holds(self, node: "Node") -> bool:
        """Whether `node` stands in what is logged."""
        at = bisect_right(self._begins, node.start_byte)
        return at > 0 and self._ends[at - 1] > node.start_byte


def _texts_below(node: "Node", module: Module) -> "Iterator[Node]":
    """The texts that a value may be: `x ? "pg" : "sqlite3"`, and those of a constant that it names."""
    left, seen = [node], set[str]()
    for _ in range(_MOST_BELOW):
        if not left:
            return
        each = left.pop()
        if each.type in TEXTS:
            yield each
        elif each.type in ("identifier", NAMED):
            name = text_of(each)
            if name in module.constants and name not in seen:
                seen.add(name)
                left.append(module.constants[name])
        elif each.type not in ("object", "call_expression", "arrow_function", "function_expression"):
            left += each.named_children[:_MOST_BELOW]


def _plain(node: "Node", module: Module) -> str:
    """A text without quotes: with the constants that it names, and without what only running puts into it."""
    return text_with_gaps(node, module, "")
