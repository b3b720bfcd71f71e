"""MC512."""

from collections.abc import Iterator

from migcheck.drizzle.standing import Stray
from migcheck.facts.target.judged import TargetFacts
from migcheck.finding import Location, Severity, Violation
from migcheck.rule import Trait, rule
from migcheck.wording import counted

_BY_HAND = "Nothing, where the ledger was begun so before the folder was. Else find out who wrote it, and for what."


@rule("MC512", Trait.BY_LEDGER)
def ledger_begins_late(facts: TargetFacts) -> Iterator[Violation]:
    """The ledger begins with the folder's first migration.

    ## Why it matters
    This is how a baseline looks, a first row written by hand on a database that was there before its migrations.
    Drizzle takes everything older as applied, and so does migcheck; nothing proves that it is. So this only warns.

    ## How to fix
    Nothing, where the ledger was begun by hand. Else rows are missing: restore them with each migration's hash and
    `when` (`migcheck explain rollback schema-without-row`).

    Where no migration of the folder is taken as applied by it, a first row written by hand is only told: no row is
    missing. It may have begun the ledger before there was a folder, or before the folder was squashed.
    """
    standings = facts.standings
    older = standings.before_the_ledger
    marker = next((each.row for each in standings.strays if each.kind is Stray.BASELINE), None)
    if older:
        marked = [str(marker)] if marker else []
        yield Violation(
            Location(facts.folder.path),
            f"the ledger on {facts.target.name} begins late: {counted(len(older), 'migration')} of the folder taken as "
            "applied",
            evidence="\n".join([*marked, " to ".join(dict.fromkeys((older[0].tag, older[-1].tag)))]),
            severity=Severity.WARNING,
        )
    elif marker:
        yield Violation(
            Location(facts.folder.path),
            f"the ledger on {facts.target.name} begins with a row written by hand, which stands for no migration of "
            "the folder",
            evidence=str(marker),
            severity=Severity.WARNING,
            fix=_BY_HAND,
        )
