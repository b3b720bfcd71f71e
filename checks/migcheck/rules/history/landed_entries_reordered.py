"""MC205."""

from collections.abc import Iterator

from migcheck.facts.history.judged import HistoryFacts
from migcheck.finding import Severity, Violation
from migcheck.rule import rule


@rule("MC205")
def landed_entries_reordered(facts: HistoryFacts) -> Iterator[Violation]:
    """Migrations that have landed keep their order.

    ## Why it matters
    Drizzle runs the journal from top to bottom. Databases that have base ran it in the old order, new ones will run it
    in the new one, and may fail or end up different.

    ## How to fix
    Put the journal's entries back in the order that base has them in.

    Where a ledger is known (DATABASE_URL, `--ledger`), an order in which each ran them only warns.
    """
    history = facts.history
    moved = facts.change.moved
    if moved is None or history.before is None:
        return
    at = facts.entry_at(moved.tag)
    told = f"the migrations that have landed are in another order, from {moved.tag} on"
    if facts.ran_in_order:
        yield Violation(at, told, migration=moved.tag, severity=Severity.WARNING, fix=_AS_IT_IS)
        return
    yield Violation(
        at,
        told,
        migration=moved.tag,
        severity=facts.weight(*history.before.migrations),
        fix=f"Put the entries back in base's order ({facts.restore_journal(at.path)}).",
    )


_AS_IT_IS = "Nothing, if the ledgers that were read are all: each ran them in the order that is here."
