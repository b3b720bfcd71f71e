"""MC404."""

import re
from collections.abc import Iterator, Sequence

from migcheck.drizzle.standing import Standings
from migcheck.facts.rehearsal import Differs, ReplayFacts, Request, Way
from migcheck.finding import Location, Violation
from migcheck.regex import regex
from migcheck.rule import rule
from migcheck.wording import listed

_LOOKED_AT = 20
# What a line of a catalogue is of: `public.tasks.estimate`, `public.f(integer)`.
_QUALIFIED = regex(r"(?<!\S)[^\s.]+((?:\.[^\s.:,(]+)+)")


@rule("MC404")
def replays_differ(facts: ReplayFacts) -> Iterator[Violation]:
    """A new database and an upgraded one end up with the same schema, and as many rows in each table.

    ## Why it matters
    What is tested on a new database would not be what production has: a statement depends on chance or on the time,
    or on how migrations are put together in transactions.

    ## How to fix
    Look at the first line that differs: `-` is only in a new database, `+` only in an upgraded one, and of `~` the
    new one has what stands first. Make the statement behind it give the same every time.

    No one migration is at fault for certain: those are told whose SQL has the names of what differs, what is new first.
    So a waiver of it names the folder, `migration = "drizzle"`, and never `"*"`.

    Silent where landed migrations are edited or deleted, and where the upgrade skips a migration that a new database
    runs: gates `history` and `target` judge that, and the difference is its consequence. Where a folder was squashed
    before, nothing else tells it. Nor where what landed cannot run at all: then both are built of what the folder has.
    """
    if _told_elsewhere(facts):
        return
    request = facts.rehearsal.request
    for outcome in facts.rehearsal.ways:
        if isinstance(outcome, Differs) and outcome.way is Way.SAME:
            yield Violation(
                Location(request.head.path),
                f"two independent replays of the folder differ{_where_to_look(request, outcome.lines)}",
                evidence=outcome.evidence,
            )


def _where_to_look(request: Request, lines: Sequence[str]) -> str:
    """The migrations that name what the first line is of that any of them names, what is new first, for a sentence."""
    ordered = (*request.new, *(each for each in request.head.migrations if each not in request.new))
    texts = [(each.tag, each.sql.decode(errors="replace")) for each in ordered]
    tags = next((found for line in lines[:_LOOKED_AT] if (found := _naming(texts, line))), None)
    return f": look at {listed(tags)}" if tags else ""


def _naming(texts: Sequence[tuple[str, str]], line: str) -> list[str]:
    """The tags of those `texts` that have each name of what `line` is of, as they are ordered."""
    found = _QUALIFIED.search(line.replace('"', ""))
    if found is None:
        return []
    names = found[1].removeprefix(".").split(".")
    words = [re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE) for name in names]
    return [tag for tag, text in texts if all(word.search(text) for word in words)]


def _told_elsewhere(facts: ReplayFacts) -> bool:
    """Whether the difference follows from what another gate judges."""
    request = facts.rehearsal.request
    if not (request.gone() or request.skipped()):
        return False
    if not facts.rehearsal.proof.base_runs and not request.restarts():
        # What is applied cannot run, so both databases were built of what the folder has instead.
        return False
    if request.ledger is None or request.restarts():
        return True
    standings = Standings(request.head, request.ledger, {each.hash: each.tag for each in request.built})
    return not standings.squashed
