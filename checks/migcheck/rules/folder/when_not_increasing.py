"""MC106."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from migcheck.drizzle.journal import Entry, Journal
from migcheck.facts.folder import FolderFacts
from migcheck.finding import Violation
from migcheck.rule import rule
from migcheck.wording import listed


@rule("MC106")
def when_not_increasing(facts: FolderFacts) -> Iterator[Violation]:
    """The `when` of every entry is greater than all before it.

    ## Why it matters
    Drizzle remembers the greatest `when` it ran and runs what is strictly greater. An entry that is not greater than
    one before it runs on an empty database and is skipped, in silence, on every database that has the one before it.

    ## How to fix
    Set the entry's `when` to the greatest before it plus one, as long as it was not applied anywhere.

    ## Once it has landed
    Leave the `when`: to change it now could run migrations again. But a database that had the entry before it when this
    one came has skipped it, and what it makes may be missing there: `migcheck status` on that database then says `will
    be skipped`. Make it there by a new migration that does nothing elsewhere (`create table if not exists`).
    """
    for (one, landed), late in groupby(_late(facts), key=lambda each: (each[0], each[2])):
        entries = [each[1] for each in late]
        yield Violation(
            facts.at(entries[0]),
            f"the `when` of {listed([each.tag for each in entries])} is not greater than that of {one.tag} before it",
            migration=entries[0].tag,
            evidence=f"{entries[0].when} is not greater than {one.when}",
            landed=landed,
        )


def _late(facts: FolderFacts) -> Iterator[tuple[Entry, Entry, bool]]:
    """Each entry that is not greater than all before it: the greatest of those, the entry, and whether it has landed.

    What this change put out of order among what landed is the history's to tell, and so is what is new but not above
    all that landed: there it is told with what production will do.
    """
    journal = facts.before.journal if facts.before is not None else None
    old = {entry.tag for _, entry in _disorder(journal.entries if isinstance(journal, Journal) else ())}
    last_landed = max((each.position for each in facts.entries if each.tag in facts.landed), default=-1)
    for greatest, entry in _disorder(facts.entries):
        if greatest.tag not in facts.landed and greatest.position < last_landed:
            continue  # Something new stands before what landed.
        landed = entry.tag in facts.landed
        if landed:
            by_history = entry.tag not in old
        else:
            by_history = facts.landed_mark is not None and entry.when <= facts.landed_mark
        if not by_history:
            yield greatest, entry, landed


def _disorder(entries: Iterable[Entry]) -> Iterator[tuple[Entry, Entry]]:
    greatest: Entry | None = None
    for entry in entries:
        if greatest is not None and entry.when <= greatest.when:
            yield greatest, entry
        else:
            greatest = entry
