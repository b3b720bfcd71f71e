"""MC509."""

from collections.abc import Iterator

from migcheck.drizzle.standing import Stray
from migcheck.facts.target import TargetFacts
from migcheck.finding import Location, Severity, Violation
from migcheck.rule import rule
from migcheck.wording import counted


@rule("MC509")
def target_ahead_of_folder(facts: TargetFacts) -> Iterator[Violation]:
    """The target has nothing newer than the folder.

    ## Why it matters
    After a rollback of the application the database is ahead of the folder, and there is nothing to deploy: this only
    warns. It is told because the application that runs was not written for this schema, and because a migration
    generated from here would be skipped if its `when` fell before the newer rows.

    ## How to fix
    Nothing, where the application was rolled back on purpose. Else deploy from the branch that has these migrations.
    """
    strays = facts.standings.strays
    ahead = [each for each in strays if each.kind is Stray.AHEAD]
    if ahead:
        yield Violation(
            Location(facts.folder.path),
            f"{facts.target.name} is ahead of the folder by {counted(len(ahead), 'migration')}",
            evidence="\n".join(
                f"row {each.row.id}: {each.tag or each.row.name or each.row.hash}, created_at {each.row.created_at}"
                for each in ahead
            ),
            severity=Severity.WARNING,
        )
