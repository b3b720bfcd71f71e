"""The statements that give columns another type, and what a column may lose by that. No I/O."""

import re
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from migcheck.facts.replay.watching.casting import Retyped, retyped_in
from migcheck.facts.replay.watching.placing import Stated
from migcheck.facts.sql.lossy import EVERY, Lessened, Loss, loss
from migcheck.facts.sql.observation import Change, Rewritten
from migcheck.postgres.running.statements import without_comments
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


def as_written(
    change: Change,
    by: Iterable[Stated],
    tables: tuple[Table, Table, Table | None],
    earlier: Iterable[Stated] = (),
) -> Change:
    """The same, made `by` one of these statements, which say what is lost of the columns that got another type.

    `tables` is what there was first, before and after it; `earlier` what the migration has said before.
    """
    first, before, after = tables
    if not isinstance(change, Rewritten) or not change.retyped or after is None:
        return change
    made = [each for statement in by for each in retyped_of(statement)]
    # What comes before is read for each such change: of others nobody asks for it.
    texts = any(_is_text_since(number, first, before) for number in before.columns)
    made_before = [each for statement in (earlier if texts else ()) for each in retyped_of(statement)]
    return replace(change, lessened=tuple(_lessened(made, made_before, first, before, after)))


def _is_text_since(number: int, first: Table, before: Table) -> bool:
    was = first.columns.get(number)
    return was is not None and was.type != "text" and before.columns[number].type == "text"


def _lessened(
    altered: Sequence[Altered], earlier: Sequence[Altered], first: Table, before: Table, after: Table
) -> Iterator[Lessened]:
    for number in sorted(before.columns.keys() & first.columns.keys() & after.columns.keys()):
        ways = [(altered, before)]
        made_text = any(each.is_of(before, before, number) and each.retyped.to_text for each in earlier)
        if made_text and _is_text_since(number, first, before):
            # By then it is text, which keeps all of what it was.
            was = replace(before.columns[number], type=first.columns[number].type)
            ways.append(([*earlier, *altered], replace(before, columns={**before.columns, number: was})))
        if lost := next(filter(None, (lost_by(of, was, after, number) for of, was in ways)), None):
            yield Lessened(first.columns[number].name, after.columns[number].type, lost.what, every=lost is EVERY)


def lost_by(altered: Iterable[Altered], was: Table, now: Table, number: int) -> Loss | None:
    """What the column loses, where it may be `altered` by these; None where that is nothing.

    Of a USING that does more than cast nobody knows what it keeps: nothing is told of it, save where it does not name
    the column. Where nobody can read what gave the column its type, as in a function, it may lose what it does by any
    cast.
    """
    named = [each for each in altered if each.table in {"", *names_of(was, now)} and each.is_of(was, now, number)]
    by = [each.retyped for each in named if each.table] or [each.retyped for each in named]
    if any(each.unread for each in by):
        return EVERY
    lost = loss(was.columns[number].type, now.columns[number].type)
    if lost is None:
        return None
    said = not by or any(each.using and not each.to_text for each in by)
    return lost if all(each.plain for each in by) and (said or not lost.said) else None


def names_of(was: Table, now: Table) -> set[str]:
    """What the table is called without its schema, before and behind what is new."""
    return {bare(was.name), bare(now.name)}
