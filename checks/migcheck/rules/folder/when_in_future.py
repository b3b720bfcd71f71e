"""MC107."""

from collections.abc import Iterator
from itertools import groupby

from migcheck.drizzle.journal import Entry
from migcheck.facts.folder import FolderFacts
from migcheck.finding import Violation
from migcheck.rule import rule
from migcheck.wording import listed

_DAY = 24 * 60 * 60 * 1000


@rule("MC107")
def when_in_future(facts: FolderFacts) -> Iterator[Violation]:
    """No entry's `when` is more than 24 hours ahead.

    ## Why it matters
    Once an entry from the future is applied, Drizzle skips every migration generated until that time has come, in
    silence and on every database.

    ## How to fix
    Set the entry's `when` to now, in milliseconds.

    Where the greatest `when` that landed is already ahead, the greatest plus one is right.

    ## Once it has landed
    Leave it, for it cannot be taken back. Until its time has come, set the `when` of each new entry to the greatest
    plus one.
    """
    for landed, ahead in groupby(_ahead(facts), key=lambda each: each.tag in facts.landed):
        entries = list(ahead)
        yield Violation(
            facts.at(entries[0]),
            f"the `when` of {listed([each.tag for each in entries])} is {_days(entries[0].when - facts.now)} ahead",
            migration=entries[0].tag,
            evidence=f"when {entries[0].when}, now {facts.now}",
            landed=landed,
        )


def _ahead(facts: FolderFacts) -> Iterator[Entry]:
    mark = facts.landed_mark or 0
    latest = facts.now + _DAY
    # Where base is ahead already, what follows must be ahead too, but no further than a day.
    allowed = latest if mark <= latest else mark + _DAY
    for entry in facts.entries:
        if entry.when > (latest if entry.tag in facts.landed else allowed):
            yield entry


def _days(ms: int) -> str:
    days = max(1, round(ms / _DAY))
    return "a day" if days == 1 else f"{days} days"
