"""Whether something new may have filled a column that has come: no lock says which columns an UPDATE sets."""

from collections.abc import Iterator

from msgspec import Struct, field
from msgspec.structs import replace

from migcheck.facts.replay.watching.locks import WRITES
from migcheck.facts.replay.watching.looking import Look, Sent
from migcheck.facts.replay.watching.placing import names_in
from migcheck.facts.replay.watching.writing import defines, events_of
from migcheck.facts.sql.observation import ColumnDropped, Seen
from migcheck.postgres.running.statements import DEFINES, spans, tokens
from migcheck.postgres.sql_calls import calls_others
from migcheck.regex import regex

_CODE = regex(r"(?i)\b(?:function|procedure|trigger)\b")
_HIDES = frozenset({"call", "execute"})


class _Update(Struct, frozen=True):
    """What may have updated rows of these tables, and outside of a transaction of any."""

    sent: Sent
    tables: frozenset[int]


class Updates(Struct):
    """What may have updated rows so far, and the code that something new defines, which they may run."""

    _updates: list[_Update] = field(default_factory=list)
    _code: list[str] = field(default_factory=list)

    def note(self, look: Look) -> None:
        """What a part has done."""
        part = look.sent.part
        if "create" in part.words and _CODE.search(part.piece.text):
            self._code.append(part.piece.text)
        if not defines(part) and "update" in events_of(part):
            tables = frozenset(oid for oid, modes in look.held.items() if WRITES in modes)
            self._updates.append(_Update(look.sent, tables))

    def may_fill(self, oid: int, column: str, since: Sent | None = None) -> bool:
        """Whether an UPDATE of the table, since then or with it, speaks of `column`, or runs what does or may."""
        found = [each for each in self._updates if since is None or not _is_before(each.sent, since)]
        texts = [each.sent.part.piece.text for each in found if oid in each.tables or not each.sent.within]
        hidden = any(each.sent.part.words & _HIDES for each in found) or any(map(calls_others, texts))
        return bool(texts) and (hidden or any(column.casefold() in names_in(each) for each in self._said(texts)))

    def copied(self, oid: int, seen: Seen) -> Seen:
        """The same of that table: of a column that is dropped `written` only where something speaks of it."""
        # Rows that were kept may have come back by an INSERT.
        if seen.read or not (seen.written and isinstance(seen.change, ColumnDropped)):
            return seen
        return replace(seen, written=self.may_fill(oid, seen.change.column))

    def _said(self, texts: list[str]) -> Iterator[str]:
        for text in texts:
            # What renames it in the same piece speaks of it as well.
            told = (text[start:end] for start, end in spans(text))
            yield from (each for each in told if next(tokens(each)).lower() not in DEFINES)
        yield from self._code


def _is_before(one: Sent, other: Sent) -> bool:
    return (one.batch, one.number) < (other.batch, other.number)
