"""MC325."""

from collections.abc import Iterator

from migcheck.facts.sql.judged import SqlFacts
from migcheck.finding import Severity, Violation
from migcheck.rule import rule


@rule("MC325")
def own_query_unplannable(facts: SqlFacts) -> Iterator[Violation]:
    """A query that the configuration names is one that the database of before does not take, so nothing is known of it.

    ## Why it matters
    `queries` under [sql] names files with the project's own queries, which are planned on scratch before the new
    migrations and behind them. This one was refused before: what the new migrations do to it cannot be told (MC324).

    So it is where no file in git is as `queries` says, which a slip of the pen makes so, and where base's newest
    snapshot is not as drizzle-kit writes them: then the queries that Drizzle makes of it are not known either, and
    MC321, MC322 and MC323 have no table to judge.

    It only warns. Of a target that is behind base it says nothing: base's queries may ask for what it has yet to get.
    Where no `queries` is configured, those in `queries/*.sql` that are refused are passed over, for they
    may be for another database.

    ## How to fix
    Correct it, with `$1` for what is given, or take its file out of what `queries` names.
    """
    if facts.running is None:
        return
    release = facts.running.release
    if release.unread is not None:
        yield Violation(
            release.unread,
            f"{release.called} is not as drizzle-kit writes them, so none of the queries that it makes is checked",
            fix="Put back what drizzle-kit wrote, or let its next `generate` write one that takes this one's place.",
            severity=Severity.WARNING,
        )
    if release.unmatched is not None:
        pattern, at = release.unmatched
        yield Violation(
            at,
            f"`queries` under [sql] names no file in git, so no query is checked: {pattern}",
            fix="Write where they are, from the directory of this file.",
            severity=Severity.WARNING,
        )
    for query, said in facts.running.untaken:
        yield Violation(
            query.at,
            f"this query cannot be planned before what runs next either, so it is not checked: {said}",
            evidence=" ".join(query.text.split())[:160],
            severity=Severity.WARNING,
        )
