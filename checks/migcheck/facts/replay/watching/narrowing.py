"""Of which columns an UPDATE, or an ALTER TABLE with a USING, changes the values, where it says so itself. No I/O."""

import re
from collections.abc import Sequence

from msgspec import Struct

from migcheck.postgres.running.joining import SentPiece
from migcheck.postgres.running.statements import items, statement_starts, tokens
from migcheck.regex import regex
from migcheck.sql_names import NAME, bare, names_at

_NAMED = regex(rf"{NAME}\Z")
# Longer ones hold values, and are read word by word.
_LONGEST = 20_000


class Narrow(Struct, frozen=True):
    """A statement changes values in these columns of `table` alone, called so by then; `schema` may be empty.

    Not `alone`: of the tables below it as well.
    """

    schema: str
    table: str
    columns: frozenset[str]
    alone: bool

    def is_of(self, name: str) -> bool:
        """Whether the table called `schema.table` may be meant."""
        schema, *more = (bare(each) for each in re.findall(NAME, name))
        return more == [self.table] and self.schema in {"", schema}


def narrow(part: SentPiece) -> Narrow | None:
    """What the piece says of it; None where it is more than one such statement, or says it in no way that is read."""
    text = part.piece.text
    if len(text) > _LONGEST or part.words not in ({"update"}, {"alter"}) or len(list(statement_starts(text))) != 1:
        return None
    said = [each if each.startswith('"') else each.lower() for each in tokens(text)]
    if "&" in said:
        # A name may be written as U&"…".
        return None
    return _updated(said) if said[0] == "update" else _altered(said)


def _updated(said: Sequence[str]) -> Narrow | None:
    schema, table, at = _table(said, 1)
    at = next((at + begins for begins in range(4) if said[at + begins : at + begins + 1] == ["set"]), 0)
    if not table or not at:
        return None
    listed = items(said[at + 1 :])
    # What is no assignment comes behind them all: what FROM lists.
    found = [_assigned(each) for each in listed]
    named = frozenset(name for names in found for name in names)
    return Narrow(schema, table, named, alone=True) if found and found[0] else None


def _altered(said: Sequence[str]) -> Narrow | None:
    if said[:2] != ["alter", "table"] or "truncate" in said:
        return None
    at = 4 if said[2:4] == ["if", "exists"] else 2
    schema, table, at = _table(said, at)
    found = [_retyped(each) for each in items(said[at:])]
    named = frozenset(name for name in found if name)
    return Narrow(schema, table, named, alone=False) if table and named else None


def _table(said: Sequence[str], at: int) -> tuple[str, str, int]:
    """Schema and name of the table at that place, and where what follows begins; no name where none is read."""
    names, at = names_at(said, at + (said[at : at + 1] == ["only"]))
    # A `*` says what is so already: that tables below are meant as well.
    return "".join(names[-2:-1]), "".join(names[-1:]), at + (said[at : at + 1] == ["*"])


def _assigned(item: Sequence[str]) -> Sequence[str]:
    """The columns of `a = …`, `a[1].b = …` or `(a, b) = …`; none where it is no such."""
    if item[:1] == ["("] and ")" in item:
        end = item.index(")")
        names = [each for each in item[1:end] if each != ","]
        return [bare(each) for each in names if _NAMED.match(each)] if item[end + 1 : end + 2] == ["="] else []
    if item[1:2] not in (["="], ["["], ["."]) or not _NAMED.match(item[0]):
        return []
    return [bare(item[0])]


def _retyped(item: Sequence[str]) -> str:
    """The column that an action gives a type; empty where it is another."""
    if item[:1] != ["alter"]:
        return ""
    at = 2 if item[1:2] == ["column"] else 1
    behind = [*item[at + 1 : at + 4]]
    typed = behind[:1] == ["type"] or behind == ["set", "data", "type"]
    return bare(item[at]) if typed and _NAMED.match(item[at]) else ""
