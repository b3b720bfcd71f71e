"""MC205."""

from collections.abc import Iterator

from migcheck.facts.history import HistoryFacts
from migcheck.finding import Violation
from migcheck.rule import rule


@rule("MC205")
def landed_entries_reordered(facts: HistoryFacts) -> Iterator[Violation]:
    """Migrations that have landed keep their order.

    ## Why it matters
    Drizzle runs the journal from top to bottom. Databases that have base ran it in the old order, new ones will run it
    in the new one, and may fail or end up different.

    ## How to fix
    Put the journal's entries back in the order that base has them in.
    """
    history = facts.history
    moved = facts.change.moved
    if moved is None or history.before is None:
        return
    at = facts.entry_at(moved.tag)
    yield Violation(
        at,
        f"the migrations that have landed are in another order, from {moved.tag} on",
        migration=moved.tag,
        severity=facts.weight(*history.before.migrations),
        fix=f"Put the entries back in base's order ({facts.restore(at.path)}, then add what is new at the end).",
    )
