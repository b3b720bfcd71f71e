"""MC203."""

from collections.abc import Iterator

from migcheck.drizzle.change import Pair
from migcheck.drizzle.folder import Layout
from migcheck.drizzle.names import moment
from migcheck.facts.history import HistoryFacts
from migcheck.finding import Location, Violation
from migcheck.rule import rule


@rule("MC203")
def landed_migration_renamed(facts: HistoryFacts) -> Iterator[Violation]:
    """A migration that has landed keeps its name.

    ## Why it matters
    Drizzle 1.0 goes by the name: it would run a renamed migration again. Drizzle 0.x goes by `when`, which a rename by
    hand often changes, too; and drizzle-kit finds its snapshots by the number that the name begins with.

    ## How to fix
    Give the file, the snapshot and the journal entry their old name back. If no database ever ran it, waive this
    finding in migcheck.toml with the reason "never applied: ...".

    Where a ledger is known (DATABASE_URL, `--ledger`), what none holds as it landed only warns.
    """
    for pair in facts.change.renamed:
        severity = facts.weight(pair.before)
        yield Violation(
            Location(pair.after.path),
            f"{pair.before.tag} has landed, and is now called {pair.after.tag}",
            migration=pair.after.tag,
            evidence=_evidence(pair, facts.history.after.layout),
            severity=severity,
            fix=facts.fix(f"Call it {pair.before.tag} again.", "MC203", pair.after.tag, severity),
        )


def _evidence(pair: Pair, layout: Layout) -> str:
    same = f"same hash {pair.before.hash[:12]}"
    if layout is Layout.FOLDERS:
        return f"{same}; Drizzle 1.0 will run it again"
    if pair.before.when == pair.after.when:
        return same
    return f"{same}; its `when` was {moment(pair.before.when)} and is {moment(pair.after.when)}"
