"""MC313."""

from collections.abc import Iterator

from migcheck.facts.sql.judged import SqlFacts
from migcheck.facts.sql.left_behind import DefinerLeftOpen
from migcheck.finding import Severity, Violation
from migcheck.rule import rule


@rule("MC313")
def definer_without_search_path(facts: SqlFacts) -> Iterator[Violation]:
    """A new migration leaves a function that runs with its owner's rights, and without a search_path of its own.

    ## Why it matters
    A SECURITY DEFINER function does what its owner may do, and looks names up in the schemas that its caller says. Who
    may make a table or a function anywhere, be it a temporary one, can put it in the place of one that the body names,
    and so do whatever the owner may. PostgreSQL's manual says so at CREATE FUNCTION, "Writing SECURITY DEFINER
    Functions Safely".

    It only warns: whether anybody else may call the function is not looked at. One that was so before, one that an
    extension brings, and one with a body that is parsed when it is made (`BEGIN ATOMIC`) are no findings.

    ## How to fix
    Say `SET search_path = ''` in its definition, and write the schema before each name in its body: `public.users`.
    What the server brings itself needs none. For one that is there already, `ALTER FUNCTION … SET search_path = ''`
    does. drizzle-kit writes no functions: it belongs into a migration made by `drizzle-kit generate --custom`.
    """
    for seen, change in facts.of(DefinerLeftOpen):
        yield facts.violation(
            seen,
            f"leaves {change.function} with its owner's rights and its caller's search_path: who calls it may have it "
            "use other tables and functions than are meant",
            "Say `SET search_path = ''` in its definition, and write the schema before each name in its body.",
            severity=Severity.WARNING,
        )
