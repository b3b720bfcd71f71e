"""MC303."""

from collections.abc import Iterator, Sequence

from migcheck.facts.sql.judged import SqlFacts, in_full
from migcheck.facts.sql.observation import Deleted, Emptied, TableDropped
from migcheck.facts.sql.rows import Gone
from migcheck.finding import Location, Severity, Violation
from migcheck.rule import rule
from migcheck.wording import counted, listed

_FIX = "Delete by a condition what has to go, or do it by hand where that is wanted."
_LEAVE = "Where some have to stay, delete by a condition that leaves them, in each database that it is deployed to."
_KEEP = "Copy every row into a table that stays before they are deleted, where they are wanted again."


@rule("MC303")
def table_emptied(facts: SqlFacts) -> Iterator[Violation]:
    """A new migration empties a table that was there: by TRUNCATE, or a DELETE that leaves no row.

    ## Why it matters
    Every row is gone for good, in each database that the migration is deployed to. What CASCADE takes along is emptied
    as well, and told here table by table for TRUNCATE. A partition that is emptied by its name is judged as a table.

    TRUNCATE was seen to happen when the upgrade was rehearsed, wherever it stands, without rows or only with some (it
    warns, where these were made up); where an earlier piece had read the table, and it is filled again, that is a
    rewrite (MC307). DELETE is told by its words, where it ran: a statement without WHERE and USING that stands alone,
    not in a function, a `DO` block or behind WITH. Where something new read the rows before and wrote rows elsewhere
    (`INSERT … SELECT`, `CREATE TABLE … AS`, a materialized view, a function), they may be kept and put back, and it is
    not told. Where that named not all of its columns, and put them into no temporary table, or an UPDATE took values of
    some, before a DELETE, it warns. A view, a foreign key, a right or a SELECT alone keeps none. Of a table without a
    row on the target it says nothing.

    What words do not tell, rows do: where the new migrations were tried with rows, and deleted each that a table had,
    by a condition, in a function or by a cascade, that is told. Where these were made up it only warns, for those of
    production are others, and says nothing where a condition names a text, a number or a time, that of an UPDATE of the
    table too; where they are the project's own (`seed` under [sql]), two of a table or more, it is an error, and so it
    is where a `DO` block deletes from the table in so many words, without WHERE, USING and RETURNING, before any IF,
    loop, RETURN or the like. Rows may be kept, and are not told, where a table has as many more behind it that
    something which names both may have written; where something may have kept some, and none has as many, it warns and
    says what.

    ## How to fix
    Delete what has to go by a condition, or empty the table by hand where that is wanted. Reference data is brought up
    to date by `INSERT … ON CONFLICT … DO UPDATE`, and what has gone from it is deleted by name. Where every database
    has to lose these rows, waive this with the reason.
    """
    told = {seen.table for seen, _ in facts.of(TableDropped)}
    for seen, _ in (*facts.of(Emptied), *facts.of(Deleted)):
        if seen.keeper is None:
            yield facts.violation(seen, _does(in_full(seen)), _FIX, meant=True)
        else:
            does = f"empties {in_full(seen)}: no more is left of its rows than what {seen.keeper} may have kept"
            yield facts.violation(seen, does, _KEEP, severity=Severity.WARNING, meant=True)
        told.add(seen.table)
    groups: dict[tuple[str, Location, str, Location | None], list[Gone]] = {}
    for gone in facts.gone():
        if gone.table not in told and gone.said and gone.keeper is None:
            yield facts.empties(gone, _does(gone.table), _FIX, evidence=list(_had(gone)))
        elif gone.table not in told:
            groups.setdefault((gone.migration, gone.at, gone.seed, gone.keeper), []).append(gone)
    for group in groups.values():
        yield _left_empty(facts, group)


def _left_empty(facts: SqlFacts, group: Sequence[Gone]) -> Violation:
    seed, tables = group[0].seed, listed([each.table for each in group])
    return facts.empties(
        group[0],
        f"deletes every row of {tables} that {f'{seed} puts there' if seed else 'was made up for it'}",
        _KEEP if group[0].keeper is not None else _LEAVE,
        evidence=[line for each in group for line in _had(each)],
    )


def _does(table: str) -> str:
    return f"empties {table}: every row of it is gone"


def _had(gone: Gone) -> Iterator[str]:
    whose = f"of {gone.seed}" if gone.seed else "that were made up"
    yield f"{gone.table} had {counted(gone.rows, 'row')} {whose}, and none is left"
    if gone.keeper is not None:
        yield f"{gone.keeper} may have kept some, but no table that has them has as many more rows"
