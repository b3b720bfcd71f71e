"""Whether statements may keep rows that they read, so that what empties the table takes nothing from anybody.

A lock only says that a table was read: a view, a foreign key, a count and a right read it as well, and keep no row.
By the words of what ran, so of a function only that it is called.
"""

from collections.abc import Collection, Sequence
from enum import IntEnum, auto
from itertools import pairwise, takewhile

from msgspec import Struct

from migcheck.facts.replay.watching.placing import names_in
from migcheck.finding import Location
from migcheck.postgres.running.statements import outside, spans, tokens
from migcheck.postgres.sql_calls import calls_others
from migcheck.regex import regex
from migcheck.sql_names import unquoted

HIDES = frozenset({"call", "do", "execute"})
"""How statements begin that do what their words need not say."""
_MAY_KEEP = HIDES | {"copy", "create", "explain", "insert", "merge", "refresh", "select", "update", "with"}
_WRITES = frozenset({"call", "copy", "create", "execute", "insert", "merge", "refresh"})
_COPIES = frozenset({"create", "insert"})
_OF_ROWS = frozenset({"insert", "into", "merge"})
_QUERY = regex(r"(?i)\b(?:select|table)\b")
_BESIDE_TABLES = frozenset({".", "as", "lateral", "only"})
_BEHIND_TABLES = frozenset({"(", ",", "cross", "full", "inner", "join", "left", "natural", "on", "right", "using"})
_ENDS = frozenset({"except", "group", "having", "intersect", "limit", "order", "union", "where", "window"})
"""What the list of tables of a query ends at."""
_LITERALS = frozenset({"default", "false", "null", "true"})


class Keeps(IntEnum):
    """What may be kept of the rows: nothing, values of some in columns of another table, a part of each, or rows."""

    NOTHING = auto()
    VALUES = auto()
    PARTS = auto()
    ROWS = auto()


class Kept(Struct, frozen=True):
    """What may have kept rows of a table, and how much of them, where it begins."""

    keeps: Keeps
    at: Location


def keeps(text: str, columns: Collection[str] | None = None, derived: Collection[str] = ()) -> Keeps:
    """How much of a table with these `columns`, if they are known, the statements in `text` may keep that read it.

    Those of them that are `derived` are computed of the others.
    """
    found = Keeps.NOTHING
    for start, end in spans(text):
        statement = text[start:end]
        first = next(tokens(statement), "").lower()
        # Most statements are none, and one may be very long.
        if first in _MAY_KEEP:
            kept = _keeps(first, statement, columns)
            if kept is Keeps.ROWS and first in _COPIES and columns and _leaves_out(statement, {*columns} - {*derived}):
                kept = Keeps.PARTS
            found = max(found, kept)
        if found is Keeps.ROWS:
            break
    return found


def _keeps(first: str, statement: str, columns: Collection[str] | None) -> Keeps:
    calls = calls_others(statement)
    if first == "insert" and not (calls or _QUERY.search(statement)):
        # It may have as many values as a file has bytes.
        return Keeps.NOTHING
    words, values = list(tokens(statement)), False
    said = {each.lower() for each in words}
    match first:
        case "create":
            rows = _is_filled([each.lower() for each in words])
        case "do":
            inside = set(names_in(statement))
            rows, values = calls or not inside.isdisjoint(_WRITES), "update" in inside
        case "insert":
            rows = calls or not said.isdisjoint({"select", "table"})
        case "select" | "with" | "explain":
            rows, values = calls or not said.isdisjoint(_OF_ROWS), "update" in said
        case "update":
            rows, values = calls, _sets_any(words, columns)
        case _:
            rows = True
    return Keeps.ROWS if rows else Keeps.VALUES if values else Keeps.NOTHING


def _is_filled(words: Sequence[str]) -> bool:
    """Whether a table or a materialized view is created AS what a query gives."""
    made = {"table", "materialized"}.intersection(words[1:4])
    end = [each for each in words if each != ";"][-2:]
    return bool(made) and any(word == "as" for _, word in outside(words)) and end != ["no", "data"]


def _leaves_out(statement: str, columns: Collection[str]) -> bool:
    """Whether a query names some of these columns and not all, nor a whole row by `*` or by what stands for one.

    What it puts into a temporary table is to be put back, as far as somebody wants it.
    """
    words = list(tokens(statement))
    lower = [each.lower() for each in words]
    if calls_others(statement) or not {"*", "temp", "temporary"}.isdisjoint(lower) or "select" not in lower:
        return False
    begin, froms = lower.index("select"), [at for at, each in enumerate(lower) if each == "from"]
    # There may be no FROM, but always an end.
    ends = zip(froms, [*froms[1:], len(lower)], strict=False)
    tables = (takewhile(lambda each: each not in _ENDS, lower[at:end]) for at, end in ends)
    rows = {row for some in tables for row in _rows_of([each for each in some if each not in {"(", ")"}])}
    within = rows | _BESIDE_TABLES | {"from", "join"}
    whole = any(
        each in rows and before not in within and behind != "."
        for before, each, behind in zip(lower[begin:], lower[begin + 1 :], [*lower[begin + 2 :], ""], strict=False)
    )
    return not whole and not set(columns).issubset(map(unquoted, words[begin:]))


def _sets_any(words: Sequence[str], columns: Collection[str] | None) -> bool:
    """Whether an UPDATE sets something to a value of one of these columns, or of any, where they are not known.

    Or to a whole row, for which the name or the alias of its table stands. What a SELECT in FROM calls its values,
    nobody knows.
    """
    lower = [each.lower() for each in words]
    start = lower.index("set") + 1 if "set" in lower else len(lower)
    top = dict(outside(lower[start:]))
    end = start + next((at for at, each in top.items() if each in {"from", "where"}), len(lower))
    last = start + next((at for at, each in top.items() if each == "where"), len(lower))
    others = lower[end:last]
    rows, known, value = _rows_of(others), None if ("(", "select") in pairwise(others) else columns, False
    for at in range(start, min(end, len(lower))):
        if top.get(at - start) in {"=", ","}:
            value = lower[at] == "="
        elif value and lower[at] not in _LITERALS:
            alone = "." not in {lower[at - 1], *lower[at + 1 : at + 2]}
            whole = (alone and lower[at] in rows) or lower[at + 1 : at + 3] == [".", "*"]
            if whole or _is_one(words[at], known):
                return True
    return False


def _rows_of(others: Sequence[str]) -> set[str]:
    """The names and aliases of tables in what stands from FROM on: each stands for a row."""
    found = set[str]()
    for begin in (at + 1 for at, each in outside(others) if each in {"from", ",", "join"}):
        named = [*takewhile(lambda each: each not in _BEHIND_TABLES, others[begin:]), ""]
        found.update(one for one, other in pairwise(named) if other != "." and one not in _BESIDE_TABLES)
    return found


def _is_one(word: str, columns: Collection[str] | None) -> bool:
    named = word[0] == '"' or word[0].isidentifier()
    return named and (columns is None or unquoted(word) in columns)
