"""MC314."""

from collections.abc import Iterator

from migcheck.facts.sql.judged import SqlFacts
from migcheck.facts.sql.left_behind import GrantedToAll
from migcheck.facts.sql.observation import Seen
from migcheck.finding import Severity, Violation
from migcheck.rule import rule
from migcheck.wording import listed


@rule("MC314")
def granted_to_everybody(facts: SqlFacts) -> Iterator[Violation]:
    """A new migration grants rights on what was there to PUBLIC: to every role, those to come included.

    ## Why it matters
    PUBLIC is not the schema of that name but everybody who can log in: the read-only account of a dashboard, a
    colleague's, and on Supabase and Neon the roles by which browsers ask. A right that PUBLIC has cannot be taken from
    one role alone.

    Judged are tables, their columns, views and sequences, and who may make things in a schema (CREATE); also those to
    come, where ALTER DEFAULT PRIVILEGES says so: at the table that gets the right, nobody sees it. Where row level
    security is on, reading and writing rows is for the policies to say, and no finding; TRUNCATE is one, for which no
    policy is asked. A table that is new, or without a row on the target, is none either, nor is EXECUTE on functions,
    which everybody has unless it is taken away.

    It only warns: there are tables for everybody.

    ## How to fix
    Grant it to the roles that need it: `GRANT SELECT ON … TO app_reader`. drizzle-kit writes no grants: that belongs
    into a migration made by `drizzle-kit generate --custom`.
    """
    groups: dict[tuple[object, ...], list[tuple[Seen, GrantedToAll]]] = {}
    for seen, change in facts.of(GrantedToAll):
        # `ON ALL TABLES` is one thing to tell.
        groups.setdefault((seen.migration, seen.at, seen.statement, change.rights), []).append((seen, change))
    for group in groups.values():
        seen, change = group[0]
        yield facts.violation(
            seen,
            f"grants {', '.join(change.rights)} on {listed([each.on for _, each in group])} to PUBLIC: every role may",
            "Grant it to the roles that need it, and revoke it from PUBLIC.",
            severity=Severity.WARNING,
        )
