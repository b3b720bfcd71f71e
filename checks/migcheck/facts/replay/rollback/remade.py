"""Columns whose values a new type changed: with a rollback the old type comes back, and they do not. No I/O."""

from collections.abc import Iterator, Sequence

from migcheck.drizzle.folder import Migration
from migcheck.facts.replay.watching.casting import is_plain
from migcheck.facts.replay.watching.placing import stated
from migcheck.facts.replay.watching.retyped import Altered, retyped_of
from migcheck.facts.sql.lossy import loss
from migcheck.facts.sql.observation import Rewritten, Seen
from migcheck.facts.sql.retype import Retype
from migcheck.regex import regex
from migcheck.sql_names import bare

_LENGTH = regex(r"(?:character varying|character)\(\d+\)")


def values_changed(migration: Migration, seen: Sequence[Seen]) -> Iterator[str]:
    """A line for people for each column of old that `migration` was `seen` to give a type, and may have changed."""
    for each in seen:
        match each.change:
            case Rewritten(retyped=retyped) if retyped:
                altered = [
                    one for said in stated(migration) for one in retyped_of(said) if one.table == bare(each.table)
                ]
                for found in retyped:
                    by = [one for one in altered if one.retyped.column == found.column]
                    if cause := _cause(by, found):
                        yield f"the type of column {each.table}.{found.column} ({cause} may have changed its values)"
            case _:
                pass


def _cause(by: Sequence[Altered], found: Retype) -> str:
    """What may have changed values; empty where each is still told by what it is now."""
    if any(_remakes(each, found.now) for each in by):
        return "USING"
    lost = loss(found.was, found.now)
    return lost.how if lost and not lost.said else ""


def _remakes(altered: Altered, now: str) -> bool:
    """Whether USING does more than read the value as one of the new type."""
    if altered.retyped.plain:
        # A cast in so many words cuts what is too long (PostgreSQL's manual, 8.3).
        return altered.retyped.using and _LENGTH.fullmatch(now) is not None
    return not is_plain(altered.by.text)
