"""Which new migration made it so: what was found when all had run, looked for in what they say."""

from collections.abc import Iterator, Sequence
from itertools import chain

from msgspec import Struct

from migcheck.drizzle.folder import Migration
from migcheck.facts.replay.watching.locating import Words
from migcheck.facts.replay.watching.placing import ROW_VERBS, Stated, stated
from migcheck.finding import Location
from migcheck.postgres.running.alone import only_statement
from migcheck.postgres.running.failure import shorten

# In characters, of definitions alone: what is behind that is guessed at less well.
_MOST_TEXT = 4 * 1024 * 1024


class Blamed(Struct, frozen=True):
    """A migration, where the statement begins that speaks of it, and that; no line and no statement where none does.

    `others` are the tags of those that may have done it as well, for all that is known.
    """

    migration: str
    at: Location
    statement: str
    others: tuple[str, ...]


class Signs(Struct, frozen=True):
    """What a statement that did it may say: the words of one of `doing` say that it did, those of `naming` what to.

    What has the words of one of `undoing` may have taken that back, for another to do it again without a word. `only`
    what locked the table can have done it.
    """

    doing: Sequence[Words] = ()
    naming: Sequence[Words] = ()
    undoing: Sequence[Words] = ()
    only: bool = False


def blame(new: Sequence[Migration], said: Sequence[Stated], suspects: Sequence[str], signs: Signs) -> Blamed:
    """The first statement with the first of the `signs` that any has, of the `suspects` (tags) before all others.

    A guess, as `place` is: where none has, the first of `suspects`, or the last that is new.
    """
    near = [each for each in said if each.migration in suspects]
    only = signs.only and bool(suspects)
    among = near if only else [*near, *(each for each in said if each.migration not in suspects)]
    did = list(_with(signs.doing, among))
    found = next(chain(did, _with(signs.naming, among)), None)
    of = next((each for each in new if each.tag in suspects), new[-1])
    by = of.tag if found is None else found.migration
    if did and next(_with(signs.undoing, among), None) is None:
        may = [each.migration for each in did]
    elif only:
        may = [*suspects]
    else:
        may = [each.tag for each in new]
    others = tuple(each for each in dict.fromkeys(may) if each != by)
    if found is None:
        alone = only_statement(of) if len(new) == 1 else None
        at = Location(of.path, None if alone is None else alone.line)
        return Blamed(by, at, "" if alone is None else shorten(alone.text.strip()), others)
    return Blamed(by, found.at, shorten(found.text), others)


def defining(new: Sequence[Migration]) -> Iterator[Stated]:
    """Every statement that defines something, until they are very long; what reads or writes rows does not."""
    left = _MOST_TEXT
    for migration in new:
        for each in stated(migration):
            if not each.folded.startswith(ROW_VERBS):
                left -= len(each.text)
                if left < 0:
                    return
                yield each


def _with(choices: Sequence[Words], said: Sequence[Stated]) -> Iterator[Stated]:
    return (each for words in choices for each in said if each.says(*words))
