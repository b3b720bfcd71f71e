"""Which table of before a statement means by a name, what wrote to it by then, and what of it is unique. No I/O."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from msgspec import Struct

from migcheck.facts.replay.watching.writing import ALL, Write
from migcheck.facts.replay.with_rows.reaching import order_of, placed
from migcheck.facts.replay.with_rows.suspicion import Change
from migcheck.finding import Location
from migcheck.postgres.table import Index, Table
from migcheck.regex import regex
from migcheck.sql_names import NAME, NAMED, bare

_NAMES = regex(NAME)
# What has a name for a while shows nowhere behind that, and a temporary table never does.
_GIVES_A_NAME = regex(
    rf"\b(?:create\s+(?:\w+\s+){{0,4}}?(?:table|view)\s+(?:if\s+not\s+exists\s+)?|rename\s+to\s+)(?P<name>{NAMED})",
    re.IGNORECASE,
)


class Called(Struct, frozen=True, dict=True):
    """What became of the tables. `names` are those of all tables and views by oid, before what is new and behind it."""

    change: Change
    names: Sequence[Mapping[int, str]]

    def table(self, written: str) -> Table | None:
        """The table that is called so, as it was, where nothing else is or was."""
        path = _path(written)
        called = self._so.get(path[-1], ())
        found = {oid for oid, each in called if each[-len(path) :] == path and path[-1] not in self._given}
        oid = found.pop() if len(found) == 1 else None
        return self.change.before.get(oid) if oid is not None and oid in self.change.after else None

    def unique_of(self, table: Table) -> Iterator[Index]:
        """Its unique indexes that are there before and behind: one that was dropped and made again let others in."""
        now = self.change.after[table.oid].indexes
        kept = (each for oid, each in table.indexes.items() if oid in now and now[oid].name == each.name)
        return (each for each in kept if each.unique)

    def writes(self, table: Table, at: Location) -> Sequence[Write]:
        """What may have written rows of it by then, the piece that `at` is in included."""
        order = order_of(self.change.new)
        writes = (each for each in self.change.writes if each.table in {table.name, ALL})
        return [each for each in writes if placed(each.at, order) <= placed(at, order)]

    @cached_property
    def _so(self) -> Mapping[str, Sequence[tuple[int, Sequence[str]]]]:
        """Tables and views, and their paths, by their names without a schema."""
        called: dict[str, list[tuple[int, Sequence[str]]]] = {}
        for oid, name in (item for names in self.names for item in names.items()):
            path = _path(name)
            called.setdefault(path[-1], []).append((oid, path))
        return called

    @cached_property
    def _given(self) -> frozenset[str]:
        """The names, without a schema, that what is new gives to a table or a view."""
        texts = (piece.text for migration in self.change.new for piece in migration.pieces)
        return frozenset(_path(each["name"])[-1] for text in texts for each in _GIVES_A_NAME.finditer(text))


def _path(name: str) -> list[str]:
    return [bare(each) for each in _NAMES.findall(name)]
