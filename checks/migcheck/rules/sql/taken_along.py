"""MC316."""

from collections.abc import Iterator

from migcheck.facts.sql.judged import SqlFacts
from migcheck.facts.sql.left_behind import TakenAlong
from migcheck.facts.sql.observation import TableDropped
from migcheck.facts.sql.release import plain
from migcheck.finding import Severity, Violation
from migcheck.rule import rule


@rule("MC316")
def taken_along(facts: SqlFacts) -> Iterator[Violation]:
    """A new migration drops a view, a trigger, a policy or a foreign key that it does not name: something else took it.

    ## Why it matters
    CASCADE drops whatever hangs on what is dropped, and tells nobody. drizzle-kit writes `DROP TABLE … CASCADE`, and
    knows nothing of what was made by hand: a view over that table is gone with it, a trigger or a policy goes with the
    function that it calls, a foreign key with the primary key that it points to. Whoever reads the migration does not
    see that.

    What is dropped by its name is meant, and no finding, nor is what is made again by the same name, or what belongs to
    a table that is gone, or a foreign key whose column is; one that pointed to a table that is gone for good, MC301
    names. A view that base's snapshot names is told by MC321 instead. Offline it is not told: what hangs on a thing
    only a server knows.

    ## How to fix
    Where it is still needed, make it again in the same migration; a view by Drizzle is `pgView` in the schema. Where it
    is to go, drop it by its name before (`drizzle-kit generate --custom`), so that everybody sees it.
    """
    broken = {plain(each.table) for each in facts.running.broken} if facts.running is not None else set[str]()
    # One without a row on the target as well: nothing pointed to it.
    dropped = {seen.table for seen in facts.seen if isinstance(seen.change, TableDropped)}
    for seen, change in facts.of(TakenAlong):
        if plain(change.name) in broken or change.to in dropped:
            continue
        what = f"the {change.kind} {change.name}" + (f" of {seen.table}" if seen.table else "")
        yield facts.violation(
            seen,
            f"drops {what}, which it does not name: it goes with something else",
            "Make it again in the same migration, or drop it by its name where it is to go.",
            severity=Severity.WARNING,
        )
