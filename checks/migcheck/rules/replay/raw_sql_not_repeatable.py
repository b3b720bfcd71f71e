"""MC405."""

from collections.abc import Iterator
from typing import assert_never

from migcheck.facts.rehearsal import NotRepeatable, NotTried, Repeatable, ReplayFacts, Rerun
from migcheck.finding import Location, Violation
from migcheck.rule import rule

_NOT_TRIED = "Mend what is named; where the time was over, raise `timeout` under [scratch] in migcheck.toml."


@rule("MC405")
def raw_sql_not_repeatable(facts: ReplayFacts) -> Iterator[Violation]:
    """Where the project asks for it, the raw SQL of each new migration can run twice, past the ledger.

    ## Why it matters
    The configuration says `repeatable = true`. Without it this is reported for each new migration and judged by nobody:
    through the ledger no migration runs twice.

    ## How to fix
    Write IF NOT EXISTS, IF EXISTS, CREATE OR REPLACE, ON CONFLICT DO NOTHING, or a DO block that looks first.

    What could not be tried was not shown to run twice: a run that was still going when the time was over, and what
    comes after one that fails. Mend what is named, or raise `timeout` under [scratch] in migcheck.toml.
    """
    if facts.repeatable:
        yield from (found for rerun in facts.rehearsal.reruns for found in _unproven(rerun))


def _unproven(rerun: Rerun) -> Iterator[Violation]:
    match rerun:
        case Repeatable():
            return
        case NotRepeatable(migration, path, message, line, sqlstate):
            told = f"{migration} cannot run twice: {f'{sqlstate} {message}'.strip()}"
            yield Violation(Location(path, line), told, migration=migration)
        case NotTried(migration, path, reason):
            told = f"{migration} was not shown to run twice: {reason}"
            yield Violation(Location(path), told, migration=migration, fix=_NOT_TRIED)
        case _:
            assert_never(rerun)
