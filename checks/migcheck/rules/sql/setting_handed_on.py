"""MC318."""

from collections.abc import Iterator

from migcheck.facts.sql.judged import SqlFacts, value_of
from migcheck.facts.sql.left_behind import SettingKept
from migcheck.finding import Severity, Violation
from migcheck.rule import rule


@rule("MC318")
def setting_handed_on(facts: SqlFacts) -> Iterator[Violation]:
    """A new migration changes a setting, and the next one begins with it and says nothing of it.

    ## Why it matters
    Drizzle runs everything pending in one session and one transaction: what a migration sets, with LOCAL or without, is
    there for all that follow. So what the next one does depends on whether it is deployed together with this one. With
    another `search_path` it makes its tables in another schema, with `row_security = off` its queries fail, with a
    `statement_timeout` it may be ended; with another `timezone` or `datestyle` a time that it writes is another. A file
    that was copied from `pg_dump` sets half a dozen of them.

    Judged are `search_path`, `role`, `row_security`, `session_replication_role`, `check_function_bodies`,
    `statement_timeout`, `timezone`, `datestyle`, `intervalstyle` and `standard_conforming_strings`, where another new
    migration follows. One that names the setting itself is left alone.

    ## How to fix
    Set it back at the end: `RESET search_path`. Better, do not set it: name the schema (`pgSchema("app").table(…)` in
    Drizzle), and say `SET search_path` in the definition of a function.
    """
    for seen, change in facts.of(SettingKept):
        yield facts.violation(
            seen,
            f"leaves {change.setting} at {value_of(change)}, with which {change.next} begins: what that does depends "
            "on whether both are deployed together",
            f"End it with `RESET {change.setting};`.",
            severity=Severity.WARNING,
        )
