"""MC107."""

from collections.abc import Iterator

from migcheck.facts.folder import FolderFacts
from migcheck.finding import Severity, Violation
from migcheck.rule import rule

_DAY = 24 * 60 * 60 * 1000


@rule("MC107")
def when_in_future(facts: FolderFacts) -> Iterator[Violation]:
    """No entry's `when` is more than 24 hours ahead.

    ## Why it blocks
    Once an entry from the future is applied, Drizzle skips every migration generated until that time has come, in
    silence and on every database.

    ## How to fix
    Set the entry's `when` to now, in milliseconds.

    Where the greatest `when` that landed is already ahead it cannot be taken back: then greatest plus one is right, and
    the old entry warns until its time has come.
    """
    mark = facts.landed_mark or 0
    latest = facts.now + _DAY
    # Ahead already: what follows can only be ahead too, but needs to be no further than a day's migrations.
    allowed = latest if mark <= latest else mark + _DAY
    for entry in facts.entries:
        new = entry.tag not in facts.landed
        if entry.when > (allowed if new else latest):
            yield Violation(
                facts.at(entry),
                f"the `when` of {entry.tag} is {_days(entry.when - facts.now)} ahead",
                migration=entry.tag,
                evidence=f"when {entry.when}, now {facts.now}",
                severity=Severity.ERROR if new else Severity.WARNING,
            )


def _days(ms: int) -> str:
    days = max(1, round(ms / _DAY))
    return "a day" if days == 1 else f"{days} days"
