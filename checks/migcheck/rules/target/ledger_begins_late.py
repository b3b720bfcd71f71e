"""MC512."""

from collections.abc import Iterator

from migcheck.drizzle.standing import Stray
from migcheck.facts.target import TargetFacts
from migcheck.finding import Location, Severity, Violation
from migcheck.rule import rule
from migcheck.wording import counted


@rule("MC512")
def ledger_begins_late(facts: TargetFacts) -> Iterator[Violation]:
    """The ledger begins with the folder's first migration.

    ## Why it matters
    This is how a baseline looks, a first row written by hand on a database that was there before its migrations.
    Drizzle takes everything older as applied, and so does migcheck; nothing proves that it is. So this only warns.

    ## How to fix
    Nothing, where the ledger was begun by hand. Else rows are missing: restore them with each migration's hash and
    `when` (`migcheck explain rollback schema-without-row`).
    """
    standings = facts.standings
    older = standings.before_the_ledger
    marker = next((each.row for each in standings.strays if each.kind is Stray.BASELINE), None)
    if older or marker:
        yield Violation(
            Location(facts.folder.path),
            f"the ledger on {facts.target.name} begins late: {counted(len(older), 'migration')} of the folder taken as "
            "applied",
            evidence="\n".join(
                [
                    *(str(row) for row in [marker] if row),
                    *([" to ".join(dict.fromkeys((older[0].tag, older[-1].tag)))] if older else []),
                ]
            ),
            severity=Severity.WARNING,
        )
