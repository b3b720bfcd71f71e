"""MC609."""

from collections.abc import Iterator

from migcheck.facts.project.judged import ProjectFacts
from migcheck.facts.project.runners import Tool, Way, programs
from migcheck.finding import Violation
from migcheck.rule import rule
from migcheck.scripts.calls import Migrate
from migcheck.sources.migrators import MigrateCall
from migcheck.wording import counted


@rule("MC609")
def outside_by_another(facts: ProjectFacts) -> Iterator[Violation]:
    """A new migration is to run outside of a transaction, and a program runs it that knows nothing of that.

    ## Why it matters

    `transaction = "none"` is read by `migcheck` alone, and rehearsed so. Drizzle's migrators run all that is pending in
    one transaction: there, what needs none, such as CREATE INDEX CONCURRENTLY, is refused (25001), and the deploy
    fails with everything that was pending.

    It is an error where the program runs without a person; one that a person has to start is no finding, and neither is
    psql, which begins no transaction.

    ## How to fix

    Deploy with `migcheck apply` in its place. Or write the migration so that it runs in a transaction, and take its
    `[[migration]]` out of the configuration.
    """
    few = len(facts.outside) == 1
    what = facts.outside[0] if few else counted(len(facts.outside), "migration")
    for program in programs(facts.head) if facts.outside else ():
        if _in_one_transaction(facts, program):
            yield Violation(
                at=program.at,
                message=f'{program.named} would run {what} in a transaction, against `transaction = "none"`',
                evidence=program.told,
            )


def _in_one_transaction(facts: ProjectFacts, program: Tool | Way) -> bool:
    match program:
        case Tool(call=Migrate(by_drizzle_kit=True)):
            return True
        case Way(call=MigrateCall(driver="neon-http")):
            # Drizzle 0.x begins none there, and MC603 tells of that.
            return facts.folder not in facts.head.sources.folders
        case Way():
            return True
        case _:
            return False
