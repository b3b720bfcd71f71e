"""MC502."""

from collections.abc import Iterator

from migcheck.facts.target import TABLE_KINDS, TargetFacts
from migcheck.finding import Location, Violation
from migcheck.rule import rule

_KINDS = {"v": "a view", "m": "a materialized view", "f": "a foreign table", "S": "a sequence", "i": "an index"}


@rule("MC502")
def ledger_is_not_a_table(facts: TargetFacts) -> Iterator[Violation]:
    """The relation that has the ledger's name is Drizzle's table.

    ## Why it blocks
    Drizzle makes its ledger only where nothing has that name. A view or a table of another tool is then taken for it:
    the migrator fails, or reads a position that is nobody's.

    ## How to fix
    Name the right ledger: `schema` and `table` under `ledger`, as `migrations` in drizzle.config has them. Where the
    name is right, move the other relation away.
    """
    target = facts.target
    if target.ledger_kind and target.ledger_kind not in TABLE_KINDS:
        kind = _KINDS.get(target.ledger_kind, "no table")
        yield Violation(Location(facts.folder.path), f"{target.ledger.name} on {target.name} is {kind}")
    elif target.foreign_columns:
        yield Violation(
            Location(facts.folder.path),
            f"{target.ledger.name} on {target.name} is not Drizzle's table",
            evidence="\n".join(
                f"{column} is {target.ledger_columns.get(column, 'absent')}" for column in target.foreign_columns
            ),
        )
