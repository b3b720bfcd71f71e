"""MC405."""

from collections.abc import Iterator
from typing import assert_never

from migcheck.facts.rehearsal import Failed, NotRepeatable, NotTried, Repeatable, ReplayFacts, Rerun
from migcheck.finding import Location, Violation
from migcheck.rule import rule

_BEGUN_ANEW = (
    "Make each statement one that can run again: IF NOT EXISTS, IF EXISTS, an index with a name. Move what writes rows "
    "to a migration of its own, which runs in a transaction; where it writes portions, each in a transaction of its "
    "own, to a script beside the migrations."
)
_NOT_TRIED = "Mend what is named; where the time was over, raise `timeout` under [scratch] in migcheck.toml."


@rule("MC405")
def raw_sql_not_repeatable(facts: ReplayFacts) -> Iterator[Violation]:
    """Where the configuration asks for it, the raw SQL of a new migration can run twice, past the ledger.

    ## Why it matters
    The configuration says `repeatable = true`, or `transaction = "none"` for this migration. Outside of a transaction
    what ran before a failure stays, and the next deploy begins the migration anew: rehearsal does so behind each of its
    statements, and once more at its end, where nothing may change. Of other migrations this is reported and judged by
    nobody: through the ledger none runs twice.

    ## How to fix
    Write IF NOT EXISTS, IF EXISTS, CREATE OR REPLACE, ON CONFLICT DO NOTHING, or a DO block that looks first.

    What a second INSERT, UPDATE or DO block does to rows, a database without rows does not show. Outside of a
    transaction, leave only what defines (an index, a VACUUM), and move the rest to a migration of its own, or, where it
    fills a table in portions, each in a transaction of its own, to a script beside the migrations. DETACH PARTITION
    CONCURRENTLY has no form that runs twice: leave it alone in its migration, and waive this with the reason.

    What could not be tried was not shown to run twice: a run that was still going when the time was over, and what
    comes after one that fails. Mend what is named, or raise `timeout` under [scratch] in migcheck.toml.
    """
    outside = facts.rehearsal.request.outside
    # What fails the first time, MC401 tells. What goes through by itself, MC402 only warns of.
    failures = (each for each in facts.rehearsal.ways if isinstance(each, Failed) and each.unless_apart is None)
    failed = {each.failure.migration for each in failures}
    for rerun in facts.rehearsal.reruns:
        if rerun.migration not in failed and (facts.repeatable or rerun.migration in outside):
            yield from _unproven(rerun, outside=rerun.migration in outside)


def _unproven(rerun: Rerun, *, outside: bool) -> Iterator[Violation]:
    match rerun:
        case Repeatable():
            return
        case NotRepeatable(migration, path, message, line, sqlstate):
            told = f"{migration} cannot run twice: {f'{sqlstate} {message}'.strip()}"
            yield Violation(Location(path, line), told, migration=migration, fix=_BEGUN_ANEW if outside else "")
        case NotTried(migration, path, reason):
            told = f"{migration} was not shown to run twice: {reason}"
            yield Violation(Location(path), told, migration=migration, fix=_NOT_TRIED)
        case _:
            assert_never(rerun)
