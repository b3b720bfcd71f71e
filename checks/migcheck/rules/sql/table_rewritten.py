"""MC307."""

from collections.abc import Iterator

from msgspec.structs import replace

from migcheck.facts.sql.judged import Big, SqlFacts
from migcheck.facts.sql.observation import Cause, Rewritten, Rezoned
from migcheck.facts.sql.zones import is_without_offset
from migcheck.finding import Severity, Violation
from migcheck.rule import rule

_FIXES = {
    Cause.RETYPED: "Add a new column, copy the values in portions outside of the migrations, and drop the old one in a "
    "later deploy.",
    Cause.FILLED: "Add the column bare: nullable, without the default. SET DEFAULT in a statement behind it, fill the "
    "rows that are there in portions outside of the migrations, and SET NOT NULL in a later deploy. For a serial, "
    "create the sequence and SET DEFAULT nextval('...'); an identity is added in that later deploy.",
    Cause.COMPUTED: "Add a plain nullable column, have a trigger or the code write it, and fill the rows that are "
    "there in portions outside of the migrations; or compute it in a view or in the query. A stored GENERATED column "
    "cannot come without the rewrite.",
    Cause.STORED: "There is no way without the rewrite: leave it out of the deploy, and do it where the site may stand "
    "still. Of a table that is to be both large and unlogged, create it so and copy the rows in portions.",
    Cause.ORDERED: "Leave CLUSTER out of the migrations: it changes nothing of the schema. Do it where the site may "
    "stand still, or by pg_repack, which lets others go on.",
    Cause.REFRESHED: "Say REFRESH MATERIALIZED VIEW CONCURRENTLY, which lets others read and wants a unique index on "
    "the view; or leave it out of the migrations: it changes nothing of the schema.",
    Cause.REFILLED: "Change the rows where they are, in portions outside of the migrations, and delete by name what "
    "has to go: reference data is brought up to date by INSERT … ON CONFLICT … DO UPDATE.",
    Cause.OTHER: "Where values change (USING), add a new column and copy them in portions outside of the migrations; "
    "where a new column is of a domain with a check, add it with the type below that. VACUUM FULL changes nothing of "
    "the schema: do it where the site may stand still.",
}


@rule("MC307")
def table_rewritten(facts: SqlFacts) -> Iterator[Violation]:
    """A new migration has every row of a table written anew, while nobody else can use the table.

    ## Why it matters
    Another type (`integer` to `bigint`) or a default that is another for each row (`gen_random_uuid()`, `serial`) makes
    the server write the whole table and all of its indexes once more. Meanwhile it holds ACCESS EXCLUSIVE: every query
    of the table waits. A million rows take seconds, a hundred million the better part of an hour. A value that cannot
    be cast ends it.

    That the table was rewritten was seen when the upgrade was rehearsed; how long that takes is a matter of its size.
    It is an error for a table that is known to be large (`big_tables`, `big_rows`, `big_size` under [sql]), a warning
    where nobody knows, and nothing for a small one.

    ## How to fix
    For another type: add a new column beside the old one, without a default; write both; copy the old values a few
    thousand rows at a time, outside of the migrations; read the new one; drop the old one. Each is a deploy of its own.

    Between `timestamp` and `timestamptz` nothing is written anew where the session's TimeZone is UTC, as on scratch.
    Where the target's is another, it is told as any rewrite; where no target tells, it warns of a table that is known
    to be large. Where the values are meant to be of UTC, `SET LOCAL TimeZone = 'UTC'` before the ALTER TABLE.

    For a new column: add it nullable and without its default, SET DEFAULT in a statement behind it (which looks at no
    row), fill the rows that are there a few thousand at a time, and SET NOT NULL in a later deploy. A stored GENERATED
    column cannot be had so: let a trigger write a plain one.

    CLUSTER and VACUUM FULL change nothing of the schema: they belong into a quiet hour, not into a migration. So does
    REFRESH MATERIALIZED VIEW, which is told as well, for nobody can read the view meanwhile; with CONCURRENTLY it is no
    finding.

    A table that is emptied and filled again keeps everybody out as long. Reference data is brought up to date where it
    is, by `INSERT … ON CONFLICT … DO UPDATE`; what a large table is to lose, and other values, go in portions.

    Where the site may stand still for that long, waive this with the reason.
    """
    for each in facts.blocking(Rewritten):
        does, fix = f"rewrites all of {each.seen.table}", _FIXES[each.change.cause]
        yield facts.blocks(each, does, fix, because=each.change.why)
    if not is_without_offset(facts.zone):
        yield from _rezoned(facts)


def _rezoned(facts: SqlFacts) -> Iterator[Violation]:
    for each in facts.blocking(Rezoned):
        table = each.seen.table
        if facts.zone or isinstance(facts.how_large(table), Big):
            where = f"as the target's TimeZone is {facts.zone}" if facts.zone else "where the session is not in UTC"
            yield facts.blocks(
                each if facts.zone else replace(each, severity=Severity.WARNING),
                f"rewrites all of {table} {where}",
                "Where the values are of UTC, say `SET LOCAL TimeZone = 'UTC';` before it: then no row is written "
                "anew. Else add a new column, and copy the values in portions outside of the migrations.",
                because=each.change.why,
            )
