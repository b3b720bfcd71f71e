"""MC319."""

from collections.abc import Iterator

from migcheck.facts.sql.judged import SqlFacts
from migcheck.finding import Severity, Violation
from migcheck.rule import rule


@rule("MC319")
def seed_refused(facts: SqlFacts) -> Iterator[Violation]:
    """The project's own rows cannot be put into the tables of base.

    ## Why it matters
    `seed` under [sql] names a file whose rows new migrations have to get along with. Where the server refuses it, none
    of them is there, and what they would have shown stays unseen: rows that are made up know nothing of yours.

    ## How to fix
    Write the file for the tables as they have landed, as plain INSERT: data behind COPY and the commands of psql are no
    SQL (`pg_dump --data-only --inserts` writes neither).
    """
    own = facts.rows.own if facts.rows is not None else None
    if own is not None and own.unsown is not None:
        yield Violation(
            own.unsown.at,
            f"the rows of {own.path} were refused, so what runs next was not tried with them: {own.unsown.told}",
            severity=Severity.WARNING,
        )
