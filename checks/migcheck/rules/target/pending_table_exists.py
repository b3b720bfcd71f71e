"""MC513."""

import re
from collections.abc import Iterator

from migcheck.drizzle.ledger import pending
from migcheck.drizzle.pieces import decode
from migcheck.facts.target import TargetFacts
from migcheck.finding import Location, Severity, Violation
from migcheck.regex import regex
from migcheck.rule import rule

_TABLE = "+ table "
# Words by which a migration may get past a table that is there.
_GUARD = regex(r"\bif\s+(?:not\s+)?exists\b|\bexception\s+when\b|\bdrop\s+table\b", re.IGNORECASE)


@rule("MC513")
def pending_table_exists(facts: TargetFacts) -> Iterator[Violation]:
    """What is pending makes no table that the target has already.

    ## Why it matters
    The ledger says that these migrations never ran here, the database says that what they make is there: it was made
    by `drizzle-kit push`, by hand, by another tool, or by a deploy that stopped half way. The deploy would fail with
    42P07. It only warns where a migration looks first (IF NOT EXISTS): then it runs, and the old table stays as it is.

    ## How to fix
    Where the database already is what the folder builds, `migcheck baseline` proves that and writes the rows of its
    ledger, without running anything; where it is not, it lists the differences. Else drop or rename what is in the way,
    or point the URL at the right database.
    """
    made = [line.removeprefix(_TABLE) for line in facts.change if line.startswith(_TABLE)]
    there = [name for name in facts.target.tables if any(each == name or each.startswith(f"{name} ") for each in made)]
    if there:
        yield Violation(
            Location(facts.folder.path),
            f"{facts.target.name} already has {len(there)} of the tables that pending migrations make",
            evidence=", ".join(there),
            severity=Severity.WARNING if all(_guarded(facts, name) for name in there) else Severity.ERROR,
        )


def _guarded(facts: TargetFacts, name: str) -> bool:
    plain = name.rpartition(".")[2].strip('"')
    texts = (decode(each.sql) for each in pending(facts.folder, facts.target.ledger))
    return any(plain in text and _GUARD.search(text) for text in texts)
