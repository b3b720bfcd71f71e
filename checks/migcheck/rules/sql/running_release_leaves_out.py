"""MC322."""

from collections.abc import Iterator

from migcheck.facts.sql.judged import SqlFacts
from migcheck.facts.sql.observation import ColumnMadeRequired, ColumnRenamed, RequiredColumnAdded
from migcheck.facts.sql.release import Broken, Demanded, LeftOutRefused, plain
from migcheck.facts.sql.rows import Found
from migcheck.finding import Severity, Violation
from migcheck.rule import rule
from migcheck.wording import listed


@rule("MC322")
def running_release_leaves_out(facts: SqlFacts) -> Iterator[Violation]:
    """A new migration demands a value that the release which is still running leaves out when it inserts.

    ## Why it matters
    A column is NOT NULL and has no default behind the new migrations, and had not been so before. The rows that are
    there may all have a value, for the migration filled it in. The code of before does not know of it, and each row
    that it inserts while it still runs is refused (23502).

    Whether it knows of the column, base's newest snapshot says. Where it does not, and where the database numbered
    the column until now, no insert of it can succeed: an error. Where the snapshot has the column as one that may be
    left out, it warns. Where it has it as NOT NULL without a default, the release always gives it a value, and it is
    no finding; nor is it one of a table without a row on the target, and of a column that a trigger before each INSERT
    may fill: in PL/pgSQL one that sets `NEW.updated_at` alone fills no other.

    What MC304, MC305 and MC306 tell is not told again, but for a column that is added and made NOT NULL in one change:
    MC306 says that there may be rows without a value, and this that no new one gets in. Where the target has none of
    those, MC306 is silent and this is not.

    A new check may demand a value as well: where it is on columns that the snapshot does not name, and refuses their
    defaults (or NULL), it refuses each row of the running release, an error. A unique index on such columns refuses
    the second row that has their defaults, and warns; and so does a check that refuses the default of one column that
    the snapshot names. Which other values the release writes, and a check or a unique index refuses, nobody but its
    code knows: of that nothing is told. The snapshot has the labels of an enum, but not which of them are written, and
    of a `boolean` or a `text({ enum: […] })` the type alone.

    ## How to fix
    Let the column have a default (`.notNull().default(…)`), or stay without `.notNull()`, in this deploy. Make it NOT
    NULL, and drop the default, once every release that runs gives it a value. A check takes the default until then, and
    a unique index leaves out what has none: let the column be NULL there.
    """
    for broken, harm in facts.broken(Demanded):
        if _is_told(facts, broken, harm):
            continue
        sure = harm.counted or not harm.known
        leaves = "leaves it out" if sure else "may leave it out"
        yield facts.breaks(
            broken,
            f"lets no row into {broken.table} without a value for {harm.column}: the running release {leaves}",
            "Give it a default (`.notNull().default(…)`), or leave it without `.notNull()`, until every release gives "
            "it a value.",
            severity=Severity.ERROR if sure else Severity.WARNING,
        )
    for refused, limit in facts.broken(LeftOutRefused):
        columns, leaves = listed(limit.columns), "may leave" if limit.known else "leaves"
        row = "the second row" if limit.unique else "each row"
        one = len(limit.columns) == 1
        other = f"{columns} than its default" if one else f"values of {columns} than their defaults"
        yield facts.breaks(
            refused,
            f"lets {limit.called} of {refused.table} refuse {row} that has no other {other}: the "
            f"running release {leaves} {'it' if one else 'them'} out",
            "Let it be NULL without a default until every release gives it a value."
            if limit.unique
            else "Let the check take the default until every release gives it a value.",
            severity=Severity.WARNING if limit.known or limit.unique else Severity.ERROR,
        )


def _is_told(facts: SqlFacts, broken: Broken, harm: Demanded) -> bool:
    """Whether MC304, MC305 or MC306 says as much: a new name is no new column."""
    for seen in facts.seen:
        if plain(seen.table) == plain(broken.table):
            match seen.change:
                case ColumnRenamed(to=harm.column):
                    return True
                case RequiredColumnAdded(column=harm.column) if not seen.written:
                    return True
                case ColumnMadeRequired(column=harm.column) if harm.known and not seen.written:
                    _, answer = facts.without_value(seen.table, harm.column) or (None, None)
                    return answer != Found(0)
                case _:
                    pass
    return False
