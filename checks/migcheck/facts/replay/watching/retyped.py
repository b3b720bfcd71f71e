"""The statements that give columns another type, and what a column may lose by that. No I/O."""

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from migcheck.facts.lossy import Loss, loss
from migcheck.facts.replay.watching.casting import Retyped, retyped_in
from migcheck.facts.replay.watching.placing import Stated
from migcheck.postgres.statements import without_comments
from migcheck.postgres.table import Table
from migcheck.regex import regex
from migcheck.sql_names import NAMED, bare

_ALTERED = regex(rf"alter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?(?P<table>{NAMED})", re.IGNORECASE)


class Altered(Struct, frozen=True):
    """A statement that gives a column of `table`, called so without its schema, another type.

    `table` is empty where it is no ALTER TABLE: in a block it may be skipped, or its error caught.
    """

    by: Stated
    table: str
    retyped: Retyped

    def is_of(self, was: Table, now: Table, number: int) -> bool:
        """Whether it is of a column that is called so, before it or behind it."""
        return self.retyped.column in {was.columns[number].name, now.columns[number].name}


def retyped_of(statement: Stated) -> Iterator[Altered]:
    """Each column that it gives a type."""
    text = without_comments(statement.text)
    found = _ALTERED.match(text)
    table = bare(found["table"]) if found else ""
    yield from (Altered(statement, table, retyped) for retyped in retyped_in(text))


def lost_by(altered: Iterable[Altered], was: Table, now: Table, number: int) -> Loss | None:
    """What the column loses, where it may be `altered` by these; None where that is nothing.

    Of a USING that does more than cast nobody knows what it keeps: nothing is told of it. Where nobody can read what
    gave the column its type, as in a function, it may lose what it does by any cast.
    """
    lost = loss(was.columns[number].type, now.columns[number].type)
    if lost is None:
        return None
    named = [each for each in altered if each.table in {"", *names_of(was, now)} and each.is_of(was, now, number)]
    by = [each.retyped for each in named if each.table] or [each.retyped for each in named]
    said = not by or any(each.using and not each.to_text for each in by)
    return lost if all(each.plain for each in by) and (said or not lost.said) else None


def names_of(was: Table, now: Table) -> set[str]:
    """What the table is called without its schema, before and behind what is new."""
    return {bare(was.name), bare(now.name)}
