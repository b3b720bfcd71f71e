"""MC308."""

from collections.abc import Iterator

from migcheck.facts.sql.judged import SqlFacts
from migcheck.facts.sql.observation import ColumnMadeRequired, DomainChecked, PartitionChecked, RestChecked, Validated
from migcheck.finding import Severity, Violation
from migcheck.rule import rule

# By whether the statement does say VALIDATE CONSTRAINT: then what came before it had locked the table.
_FIXES = {
    False: "Add it as NOT VALID, and VALIDATE CONSTRAINT in a migration of a later deploy.",
    True: "Have VALIDATE CONSTRAINT in a migration of its own, in a deploy behind the one that locks the table: alone "
    "in its transaction it hinders nobody.",
}
_OF_PARTS = (
    "Add it to each partition as NOT VALID, VALIDATE CONSTRAINT there in a migration of a later deploy, and add it to "
    "the table behind that: then no row is looked at. From PostgreSQL 18 on the table takes NOT VALID as well."
)


@rule("MC308")
def rows_checked_under_lock(facts: SqlFacts) -> Iterator[Violation]:
    """A new foreign key, check or NOT NULL has every row of a table read, while nobody else can write to it.

    ## Why it matters
    The server looks whether each row that is there holds the new constraint, or fits the partition that its table
    becomes. For a check nobody else can use the table meanwhile, for a foreign key nobody can write to it or to the
    table that it points to, for a check of a domain nobody can write to any table with a column of that. A single row
    that breaks it ends the deploy.

    It is an error for a table that is known to be large (`big_tables`, `big_rows`, `big_size` under [sql]), a warning
    where nobody knows, and nothing for a small one. `VALIDATE CONSTRAINT` in a later transaction hinders nobody and is
    no finding, and neither is a foreign key that comes with a new column without a default: the server looks at no row.
    Of a NOT NULL only a table that is known to be large is told here: MC306 tells of it wherever rows may refuse it.

    ## How to fix
    Add it as NOT VALID, which looks at no row that is there, and let a later migration, in another deploy, say
    `ALTER TABLE … VALIDATE CONSTRAINT …`. drizzle-kit writes neither: add `NOT VALID` to what it generated before that
    lands, and make the second by `drizzle-kit generate --custom`. In one transaction with what adds it, VALIDATE
    CONSTRAINT hinders as much as without NOT VALID; where each migration has a transaction of its own (`transaction =
    "each"`), one of its own will do, in the same deploy.

    Before PostgreSQL 18 a partitioned table takes no foreign key NOT VALID. Add it so to each partition, VALIDATE it
    there in a later deploy, and add it to the table behind that: it takes over those, and looks at no row.

    VALIDATE CONSTRAINT of a domain keeps writers out of each table that has a column of it. Leave its check NOT VALID:
    what is written from then on holds it. Where the rows that are there have to be proven, a CHECK of the table, NOT
    VALID first, is validated while others write.

    For NOT NULL add `CHECK (… IS NOT NULL) NOT VALID` in one deploy, `VALIDATE CONSTRAINT` in the next, then
    `.notNull()`: the server takes the check's word and looks at no row.

    `ATTACH PARTITION` reads all of the table that becomes one, unless a validated check there says what the bounds do,
    and that its columns are NOT NULL. It reads all of the default partition as well, and so does `CREATE TABLE …
    PARTITION OF`, unless a validated check there leaves out what the new one is to have. To detach the default
    partition meanwhile helps nobody: to attach it again reads all of it.
    """
    for each in facts.blocking(Validated):
        kind = "foreign key" if each.change.foreign else "check"
        validates = "validate constraint" in each.seen.statement.lower()
        parted = each.change.foreign and not validates and facts.is_partitioned(each.seen.table)
        yield facts.blocks(
            each,
            f"checks all of {each.seen.table} for the {kind} {each.change.constraint}",
            _OF_PARTS if parted else _FIXES[validates],
        )
    yield from _of_domains(facts)
    for required in facts.blocking(ColumnMadeRequired):
        if required.severity is Severity.ERROR:
            yield facts.blocks(
                required,
                f"checks all of {required.seen.table} for a value in {required.change.column}",
                "Add a CHECK that it IS NOT NULL as NOT VALID, VALIDATE it in a later deploy, and make the column NOT "
                "NULL in a third: then no row is looked at.",
            )
    yield from _of_partitions(facts)


def _of_partitions(facts: SqlFacts) -> Iterator[Violation]:
    for each in facts.blocking(PartitionChecked):
        yield facts.blocks(
            each,
            f"checks all of {each.seen.table} for the bounds of the partition that it becomes",
            "Add a CHECK that says what the bounds say as NOT VALID, and VALIDATE it, in deploys before: then no row "
            "is looked at.",
        )
    for rest in facts.blocking(RestChecked):
        yield facts.blocks(
            rest,
            f"checks all of {rest.seen.table} for rows of the partition that {rest.seen.of} gets",
            "Add a CHECK to it that leaves out what the new partition is to have as NOT VALID, and VALIDATE it, in "
            "deploys before: then no row is looked at.",
        )


def _of_domains(facts: SqlFacts) -> Iterator[Violation]:
    for each in facts.blocking(DomainChecked):
        yield facts.blocks(
            each,
            f"checks all of {each.seen.table} for the check {each.change.constraint} of a domain",
            "Add it as NOT VALID, and leave it so: what is written from then on holds it. VALIDATE of a domain keeps "
            "writers out as well; a CHECK of the table is validated while they go on.",
        )
