"""MC321."""

from collections.abc import Iterator

from migcheck.drizzle.queries import Kind
from migcheck.facts.sql.judged import SqlFacts
from migcheck.facts.sql.observation import ColumnDropped, ColumnRenamed, TableDropped, TableRenamed
from migcheck.facts.sql.release import (
    ColumnsGone,
    Gone,
    Harm,
    KeyGone,
    NotComparable,
    NotWritable,
    Unplannable,
    plain,
)
from migcheck.finding import Severity, Violation
from migcheck.rule import rule


@rule("MC321")
def running_release_refused(facts: SqlFacts) -> Iterator[Violation]:
    """A new migration takes from the release that is still running what it asks for.

    ## Why it matters
    While a deploy goes on, and again where it is rolled back, the code of before meets the new schema. What its
    Drizzle sends is known from base's newest snapshot: every table and view with all of its columns by name. The
    server was asked to plan those statements right before the new migrations and again behind them, on scratch, and
    took the one that stands at the finding before alone.

    A view or a column of one that is gone, a table that takes no row any more, a column that is now computed, and
    columns of a foreign key that cannot be compared any more are errors. It only warns where the release may never do
    it: an upsert (`onConflictDoUpdate`) by a unique key that is gone, or a value for a column that it could leave
    out.

    What MC301, MC302 and MC304 tell of a table is not told again. Of a table without a row on the target it says
    nothing.

    ## How to fix
    Deploy first a release that no longer asks for it, and take it away in a later deploy. With Drizzle: take it out
    of the schema in code, let `drizzle-kit generate` write the migration, and put `select 1;` in the place of what
    takes it away; that goes into a migration of a later deploy, made by `drizzle-kit generate --custom`. By then
    base's snapshot is without it.

    Or make the new one beside the old one (`pgView("sales_2", …)`, a second `uniqueIndex`), move the code over, and
    drop the old one in the next deploy.

    Where the code went first, and no migration was generated for it, base's snapshot still names it: waive this with
    that reason. So do where nothing runs meanwhile.
    """
    for broken, harm in facts.broken(Gone, ColumnsGone, NotWritable, KeyGone, NotComparable, Unplannable):
        gone = _untold(facts, broken.table, harm)
        if gone is not None:
            does = _does(broken.table, gone)
            yield facts.breaks(broken, does, _fix(gone), severity=_severity(gone))


def _untold(facts: SqlFacts, table: str, harm: Harm) -> Harm | None:
    """What of it no other rule tells; None where that is nothing."""
    seen = [each.change for each in facts.seen if plain(each.table) == plain(table)]
    match harm:
        case Gone() if any(isinstance(each, TableDropped | TableRenamed) for each in seen):
            return None
        case ColumnsGone(columns=columns):
            told = {each.column for each in seen if isinstance(each, ColumnDropped | ColumnRenamed)}
            left = tuple(each for each in columns if each not in told)
            return ColumnsGone(left) if left else None
        case _:
            return harm


def _does(table: str, harm: Harm) -> str:
    match harm:
        case Gone():
            return f"takes {table} away, which the running release reads"
        case ColumnsGone(columns=columns):
            return f"takes {', '.join(columns)} of {table} away, which the running release reads"
        case NotWritable(column=column, sure=sure):
            gives = "gives" if sure else "may give"
            return f"lets nobody write to {column} of {table} any more, which the running release {gives} a value"
        case KeyGone(columns=columns):
            key = f"the last unique key on ({', '.join(columns)}) of {table}"
            return f"takes {key} away: an upsert of the running release that names it fails"
        case NotComparable(columns=columns, to=to):
            return f"keeps the running release from joining {table} with {to} by {', '.join(columns)}"
        case _:
            return f"keeps the running release from what it does with {table}"


def _fix(harm: Harm) -> str:
    match harm:
        case KeyGone():
            return "Where code has `onConflictDoUpdate` with that target, deploy first a release with another."
        case NotWritable():
            return "Deploy first a release that gives it none."
        case NotComparable():
            return "Add a column of the new type beside the old one, and drop the old one in a later deploy."
        case _:
            return "Deploy first a release that no longer asks for it, and take it away in a later deploy."


def _severity(harm: Harm) -> Severity:
    match harm:
        case KeyGone() | NotWritable(sure=False) | Unplannable(kind=Kind.UPSERT | Kind.JOIN | Kind.VALUES):
            return Severity.WARNING
        case _:
            return Severity.ERROR
