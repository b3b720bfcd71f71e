"""MC207."""

from collections.abc import Iterator, Mapping
from itertools import accumulate

from migcheck.drizzle.folder import Migration, greatest_when
from migcheck.drizzle.ledger import Ledger
from migcheck.drizzle.names import moment
from migcheck.drizzle.standing import Standings, State
from migcheck.facts.history.judged import HistoryFacts
from migcheck.finding import Violation
from migcheck.rule import rule


@rule("MC207")
def entry_behind_base(facts: HistoryFacts) -> Iterator[Violation]:
    """A new entry's `when` is greater than every `when` that has landed, and than every ledger's newest row.

    ## Why it matters
    Drizzle runs a migration only if its `when` is above the newest `created_at` of the ledger. An older or equal one
    is skipped in silence on every database that is up to date: the deploy says it went well, and the column is
    missing. An empty database runs it, so that no test on a fresh database sees the fault.

    ## How to fix
    Set its `when` in the journal to the greatest `when` plus 1, or delete the migration (file, snapshot, entry) and run
    `drizzle-kit generate` again on top of base; what was written by hand goes into `drizzle-kit generate --custom`.

    Where every known ledger (DATABASE_URL, `--ledger`) has it as it is, it only warns.
    """
    history = facts.history
    change = facts.change
    if not change.added:
        return
    greatest = _greatest_before(facts)
    for each in change.behind:
        evidence = f"`when` is {moment(each.when)}, the greatest in base is {moment(change.mark or 0)}"
        yield _violation(facts, each, greatest, evidence)
    told = {each.tag for each in (*change.behind, *change.inserted, *(pair.migration for pair in change.clashing))}
    added = {each.tag for each in change.added} - told
    for ledger in facts.given if not change.restart else ():
        for standing in Standings(history.after, ledger, {}).of(State.SKIPPED):
            if standing.migration.tag in added:
                added.remove(standing.migration.tag)
                evidence = _beside(standing.migration, ledger)
                yield _violation(facts, standing.migration, greatest, evidence)


def _beside(migration: Migration, ledger: Ledger) -> str:
    return f"`when` is {moment(migration.when)}, the newest row of {ledger.name} {moment(ledger.mark or 0)}"


def _greatest_before(facts: HistoryFacts) -> dict[str, int]:
    """By tag, the greatest `when` of what landed, of every known ledger, and of what stands before it in head."""
    head = facts.history.after.migrations
    landed = facts.history.before.migrations if facts.history.before else ()
    marks = (greatest_when(landed), *(ledger.mark for ledger in facts.ledgers))
    start = max((mark for mark in marks if mark is not None), default=0)
    greatest = accumulate((each.when for each in head), max, initial=start)
    return {each.tag: mark for each, mark in zip(head, greatest, strict=False)}


def _violation(facts: HistoryFacts, migration: Migration, greatest: Mapping[str, int], evidence: str) -> Violation:
    lowest = greatest[migration.tag] + 1
    at = facts.entry_at(migration.tag)
    severity, fix = facts.of_new(
        migration,
        f"Set its `when` to {lowest} in {at.path}, or delete the migration (file, snapshot, entry) and run "
        "`drizzle-kit generate` again on top of base; what was written by hand goes into `drizzle-kit generate "
        "--custom`.",
    )
    return Violation(
        at,
        f"{migration.tag} is new, but not newer than what has landed: Drizzle will skip it in silence",
        migration=migration.tag,
        evidence=evidence,
        severity=severity,
        fix=fix,
    )
