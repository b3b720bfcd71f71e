"""MC303."""

from collections.abc import Iterator, Sequence

from migcheck.facts.observation import Deleted, Emptied, TableDropped
from migcheck.facts.rows import Gone
from migcheck.facts.sql import SqlFacts, called
from migcheck.finding import Location, Violation
from migcheck.rule import rule
from migcheck.wording import counted, listed

_FIX = "Delete by a condition what has to go, or do it by hand where that is wanted."


@rule("MC303")
def table_emptied(facts: SqlFacts) -> Iterator[Violation]:
    """A new migration empties a table that was there: by TRUNCATE, or a DELETE that leaves no row.

    ## Why it matters
    Every row is gone for good, in each database that the migration is deployed to. What CASCADE takes along is emptied
    as well, and told here table by table for TRUNCATE. A partition that is emptied by its name is judged as a table.

    TRUNCATE was seen to happen when the upgrade was rehearsed, wherever it stands; where an earlier piece had read the
    table, and it is filled again, that is a rewrite (MC307). DELETE is told by its words, where it ran: a statement
    without WHERE and USING that stands alone, not in a function, a `DO` block or behind WITH. Where something new read
    the rows before, they may be kept and put back, and it is not told; outside of a transaction, words say what may
    have read them. Of a table without a row on the target it says nothing.

    What words do not tell, rows do: where the new migrations were tried with rows, and deleted each that a table had,
    by a condition, in a function or by a cascade, that is told. Where these were made up it only warns, for those of
    production are others, and says nothing of a condition that names a text, a number or a time; where they are the
    project's own (`seed` under [sql]), two of a table or more, it is an error, and so it is where a `DO` block deletes
    from the table in so many words, without WHERE, USING and RETURNING, before any IF, loop, RETURN or the like. Rows
    that something read before, or that another table has as many more of behind it, may be kept, and are not told.

    ## How to fix
    Delete what has to go by a condition, or empty the table by hand where that is wanted. Reference data is brought up
    to date by `INSERT … ON CONFLICT … DO UPDATE`, and what has gone from it is deleted by name. Where every database
    has to lose these rows, waive this with the reason.
    """
    told = {seen.table for seen, _ in facts.of(TableDropped)}
    for seen, _ in (*facts.of(Emptied), *facts.of(Deleted)):
        yield facts.violation(seen, _does(called(seen)), _FIX, meant=True)
        told.add(seen.table)
    groups: dict[tuple[str, Location, str], list[Gone]] = {}
    for gone in facts.gone():
        if gone.table not in told and gone.said:
            yield facts.empties(gone, _does(gone.table), _FIX, evidence=[_had(gone)])
        elif gone.table not in told:
            groups.setdefault((gone.migration, gone.at, gone.seed), []).append(gone)
    for group in groups.values():
        yield _left_empty(facts, group)


def _left_empty(facts: SqlFacts, group: Sequence[Gone]) -> Violation:
    seed, tables = group[0].seed, listed([each.table for each in group])
    return facts.empties(
        group[0],
        f"deletes every row of {tables} that {f'{seed} puts there' if seed else 'was made up for it'}",
        "Where some have to stay, delete by a condition that leaves them, in each database that it is deployed to.",
        evidence=[_had(each) for each in group],
    )


def _does(table: str) -> str:
    return f"empties {table}: every row of it is gone"


def _had(gone: Gone) -> str:
    return f"{gone.table} had {counted(gone.rows, 'row')}, and none is left"
