"""MC317."""

from collections.abc import Iterator

from migcheck.facts.sql.judged import SqlFacts
from migcheck.facts.sql.left_behind import NameCut
from migcheck.facts.sql.observation import Seen
from migcheck.finding import Severity, Violation
from migcheck.rule import rule


@rule("MC317")
def name_cut_off(facts: SqlFacts) -> Iterator[Violation]:
    """A new migration gives something a name that is longer than the server keeps, so it has another one.

    ## Why it matters
    The server keeps 63 bytes of a name and goes on with a notice that nobody sees. drizzle-kit makes the names of
    foreign keys out of two tables and their columns, which soon is more. Drizzle's snapshot then has a name that the
    database has not: `drizzle-kit push` and `pull` see a difference that is none, code that looks at the name of the
    constraint that was violated waits for the wrong one, a condition on `pg_constraint.conname` finds nothing, and a
    second name with the same first 63 bytes is refused.

    It only warns, once for each migration, and never of what has landed: that works, by either name, as long as SQL
    names it.

    ## How to fix
    Give it a shorter name in the schema and generate the migration again, before it lands: `foreignKey({ name: "…",
    columns: […], foreignColumns: […] })`, `primaryKey({ name: "…", … })`, `unique("…")`, `index("…")`. `.references(…)`
    behind a column takes no name: write `foreignKey` in its place.
    """
    groups: dict[str, list[tuple[Seen, NameCut]]] = {}
    for each in facts.of(NameCut):
        if each[0].migration not in facts.landed:
            groups.setdefault(each[0].migration, []).append(each)
    for group in groups.values():
        seen, change = group[0]
        more = f" and {len(group) - 1} more" if len(group) > 1 else ""
        violation = facts.violation(
            seen,
            f'gives the name "{change.name}"{more}, of which the server keeps 63 bytes',
            'Give it a shorter one in the schema, such as `foreignKey({ name: "…", … })`, and generate it again.',
            severity=Severity.WARNING,
        )
        cut = (f"{each.at}: {change.name} is {change.kept}" for each, change in group)
        yield violation.with_evidence(*cut)
