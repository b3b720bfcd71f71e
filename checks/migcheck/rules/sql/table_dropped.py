"""MC301."""

from collections.abc import Iterator

from migcheck.facts.sql.judged import SqlFacts, in_full
from migcheck.facts.sql.left_behind import TakenAlong
from migcheck.facts.sql.observation import TableDropped
from migcheck.finding import Violation
from migcheck.rule import rule
from migcheck.wording import listed


@rule("MC301")
def table_dropped(facts: SqlFacts) -> Iterator[Violation]:
    """A new migration drops a table that was there, and its rows with it.

    ## Why it matters
    The rows are gone for good: undoing the migration brings back an empty table. Whatever still runs the code of before
    fails on every query of it. drizzle-kit writes such a drop wherever a table is gone from the schema, and where a
    rename was answered as a new table.

    It was seen to happen when the upgrade was rehearsed, in a function or a DO block as well and, where that asks for
    rows, with rows: with such as were made up alone it warns. Or offline it was read. A table that is made and dropped
    by what is new, and one without a row on the target, is no finding. A partition that is dropped by its own name, or
    with one above it, is judged as a table is. Whether base's newest snapshot, which is of the release that runs
    meanwhile, names the table, stands at the finding, and so does which foreign keys of other tables CASCADE took along
    that the migration does not name.

    ## How to fix
    Deploy the code that no longer uses the table first. Then drop it in a migration of its own, with a copy of what may
    be wanted again, and waive this with the reason.
    """
    for seen, _ in facts.of(TableDropped):
        told = facts.violation(
            seen,
            f"drops {in_full(seen)}, and its rows are gone with it",
            "Deploy first what no longer uses it, and keep a copy of what may be wanted again.",
            meant=True,
        )
        keys = [f"{key.name} of {of.table}" for of, key in facts.of(TakenAlong) if key.to == seen.table]
        go = "go the foreign keys" if len(keys) > 1 else "goes the foreign key"
        along = [f"with it {go} {listed(keys)}"] if keys else []
        yield told.with_evidence(*along)
