"""MC304."""

from collections.abc import Iterator
from json import dumps

from migcheck.facts.sql.judged import SqlFacts
from migcheck.facts.sql.observation import ColumnRenamed, Seen, TableRenamed
from migcheck.finding import Severity, Violation
from migcheck.regex import regex
from migcheck.rule import rule

_PLAIN = regex(r"[A-Za-z_$][A-Za-z0-9_$]*")


@rule("MC304")
def renamed_under_the_code(facts: SqlFacts) -> Iterator[Violation]:
    """A new migration renames a table or a column that was there, and nothing that has its rows has the old name.

    ## Why it matters
    The code of before still runs while a deploy goes on, and again where it is rolled back. It asks by the old name,
    and each such query fails from the moment the migration commits. To move a table into another schema is the same.

    It was seen to happen when the upgrade was rehearsed. Where something has the old name again in the end, such as
    a view, or a table that it is a partition of or inherits to, it is no finding, nor is it one of a table without
    a row on the target. Another table by the old name, of which nothing new filled rows from this one, is told: the
    code of before reads and writes that one. So is another column by the old name, where no UPDATE of the table behind
    the rename speaks of it. What was there before by another name may have been filled then: of that it only warns.

    ## How to fix
    Rename it in code alone. In Drizzle a property and what it is called in the database are two things:
    `title: text("name")`, `export const people = pgTable("users", …)`. That needs no migration.

    Where the name in the database has to change, do it in deploys of their own: add the new column, write both, copy,
    read the new one, drop the old one. For a table, leave a view with the old name. Where nothing runs meanwhile, waive
    this with the reason.
    """
    for seen, table in facts.of(TableRenamed):
        schema, _, name = seen.table.replace('"', "").partition(".")
        if table.taken:
            yield _swapped(facts, seen, table)
            continue
        maker = "pgTable" if schema == "public" else f"{schema}.table"
        yield _violation(facts, seen, seen.table, table.to, f'`{maker}("{name}", …)`')
    for seen, column in facts.of(ColumnRenamed):
        named = f"`{_key(column.to)}: …({_string(column.column)})`"
        if column.taken:
            yield _column_swapped(facts, seen, column, named)
            continue
        yield _violation(facts, seen, f"the column {column.column} of {seen.table}", column.to, named)


def _key(name: str) -> str:
    """A property of that name, in TypeScript."""
    return name if _PLAIN.fullmatch(name) else _string(name)


def _string(text: str) -> str:
    return dumps(text, ensure_ascii=False)


def _swapped(facts: SqlFacts, seen: Seen, table: TableRenamed) -> Violation:
    other = "a new table" if table.taken == "new" else "another table"
    return facts.violation(
        seen,
        f"renames {seen.table} to {table.to}, and {other} has its name: the code of before does not find its rows "
        "there",
        f"Fill {seen.table} from {table.to} in the same migration, or leave a view by the old name.",
        severity=Severity.ERROR if table.taken == "new" else Severity.WARNING,
        meant=True,
    )


def _column_swapped(facts: SqlFacts, seen: Seen, column: ColumnRenamed, named: str) -> Violation:
    new = column.taken == "new"
    fill = f"Fill {column.column} from {column.to} in the same migration" if new else "See that it was filled"
    other = "a new column" if new else "another column"
    return facts.violation(
        seen,
        f"renames the column {column.column} of {seen.table} to {column.to}, and {other} has its name: "
        "the code of before does not find its values there",
        f"{fill}, or keep the name in the database and rename it in code alone: {named}.",
        severity=Severity.ERROR if new else Severity.WARNING,
        meant=True,
    )


def _violation(facts: SqlFacts, seen: Seen, what: str, to: str, named: str) -> Violation:
    return facts.violation(
        seen,
        f"renames {what} to {to}: the code of before asks by the old name",
        f"Keep the name in the database and rename it in code alone: {named}.",
        meant=True,
    )
