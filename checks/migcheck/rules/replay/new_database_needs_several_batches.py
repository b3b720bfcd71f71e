"""MC402."""

from collections.abc import Iterator

from migcheck.facts.rehearsal import Apart, Failed, ReplayFacts
from migcheck.finding import Severity, Violation
from migcheck.rule import rule

_OF_THE_SESSION = (
    "An earlier migration left the session changed (`set search_path`, as the header of a pg_dump does). What has not "
    "landed can name the schema of what it makes, or end with `reset search_path`. Otherwise build new databases with "
    "a session for each migration, or restart the folder as one migration that builds the same schema."
)


@rule("MC402")
def new_database_needs_several_batches(facts: ReplayFacts) -> Iterator[Violation]:
    """A new database can be built in one batch.

    ## Why it matters
    Drizzle's one transaction for all cannot build a new database (a preview, a colleague's laptop) from such a
    folder. This only warns where production is not concerned: an enum value that one deploy adds and the next one uses
    is correct there. It blocks where this change edits the migration that fails.

    ## How to fix
    Build new databases with one transaction for each migration, or restart the folder as one migration that builds
    the same schema.
    """
    request = facts.rehearsal.request
    landed = {each.tag for each in request.built}
    for outcome in facts.rehearsal.ways:
        if isinstance(outcome, Failed) and outcome.unless_apart:
            failure = outcome.failure
            edited = failure.migration in landed and failure.migration in request.changed()
            yield Violation(
                failure.at,
                f"a new database can only be built with one {outcome.unless_apart} for each migration: "
                f"in one for all ({outcome.way}), {failure.migration} fails with {failure.said}",
                migration=failure.migration,
                evidence=failure.evidence,
                fix=_OF_THE_SESSION if outcome.unless_apart is Apart.SESSION else "",
                severity=Severity.ERROR if edited else Severity.WARNING,
            )
