"""MC502."""

from collections.abc import Iterator

from migcheck.facts.target.judged import TargetFacts
from migcheck.finding import Location, Violation
from migcheck.rule import Trait, rule


@rule("MC502", Trait.NO_START)
def ledger_is_not_a_table(facts: TargetFacts) -> Iterator[Violation]:
    """The relation that has the ledger's name is Drizzle's table.

    ## Why it matters
    Drizzle makes its ledger only where nothing has that name. A view or a table of another tool is then taken for it:
    the migrator fails, or reads another tool's rows for what was applied.

    ## How to fix
    Name the right ledger: `schema` and `table` under `ledger`, as `migrations` in drizzle.config has them. Where the
    name is right, move the other relation away.
    """
    target = facts.target
    if target.ledger_fault:
        evidence = "\n".join(target.ledger_fault_columns)
        yield Violation(Location(facts.folder.path), target.ledger_fault, evidence=evidence)
