"""MC324."""

from collections.abc import Iterator

from migcheck.facts.sql.judged import SqlFacts
from migcheck.facts.sql.release import QueryRefused
from migcheck.finding import Severity, Violation
from migcheck.rule import rule


@rule("MC324")
def own_query_refused(facts: SqlFacts) -> Iterator[Violation]:
    """A new migration breaks a query that the project keeps beside its migrations.

    ## Why it matters
    A project may keep the queries that Drizzle does not write in `queries/*.sql`, or in the files that `queries`
    under [sql] names: one or several statements in each, with `$1` for what is given. The ones in base are those of
    the release that runs meanwhile. Each was planned on scratch, right before the new migrations and again behind
    them, and was taken before alone. None was ever run.

    It is an error where `queries` is configured. Else it warns: who never said that the files in `queries` are for this
    database may have them for another, or for what no release runs.

    ## How to fix
    Deploy first a release that does without it, with the query changed in its file, and the migration in a later
    deploy. Or keep for now what the query asks for: a view with the old name, the old column beside the new one.
    """
    named = facts.running is not None and facts.running.release.named
    for broken, harm in facts.broken(QueryRefused):
        yield facts.breaks(
            broken,
            f"breaks the query in {harm.of}: {broken.said}",
            "Deploy first a release without that query, or keep what it asks for until the next deploy.",
            severity=Severity.ERROR if named else Severity.WARNING,
        )
