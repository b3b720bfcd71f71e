"""What the gate says of partitions that are dropped, emptied or detached."""

from migcheck.catalogue_sql import SQL_RULES
from migcheck.drizzle.schema import Relation
from migcheck.facts.sql.judged import SqlFacts
from migcheck.facts.sql.observation import (
    Change,
    ColumnDropped,
    Deleted,
    Emptied,
    IndexBuilt,
    PartitionDetached,
    Seen,
    TableDropped,
    Validated,
)
from migcheck.facts.sql.release import Release, Running
from migcheck.facts.target.sizes import Size
from migcheck.finding import Finding, Location, Severity
from migcheck.rule import judge

AT = Location("drizzle/0001_new.sql", 3)
EMPTY = {"public.parts_1": Size(None, 8192, empty=True)}


def seen(change: Change, lock: str = "ACCESS EXCLUSIVE") -> Seen:
    return Seen("0001_new", AT, "the statement", "public.parts_1", change, lock, of="public.parts")


def test_what_goes_with_a_partition_is_told_with_the_table_that_it_is_of() -> None:
    told: dict[Change, str] = {
        TableDropped(): "0001_new drops public.parts_1, a partition of public.parts, and its rows are gone with it",
        Emptied(): "0001_new empties public.parts_1, a partition of public.parts: every row of it is gone",
        Deleted(): "0001_new empties public.parts_1, a partition of public.parts: every row of it is gone",
    }
    for change, message in told.items():
        [one] = judge(SQL_RULES, SqlFacts((seen(change),)))
        assert (one.severity, one.message) == (Severity.ERROR, message)
        assert judge(SQL_RULES, SqlFacts((seen(change),), sizes=EMPTY)) == ()


def test_a_column_of_one_that_was_detached_is_told_with_the_table_that_it_was_of() -> None:
    [one] = judge(SQL_RULES, SqlFacts((seen(ColumnDropped("body")),)))
    assert one.message == (
        "0001_new drops the column body of public.parts_1, which was a partition of public.parts: its values are gone "
        "with it"
    )
    assert one.fix.startswith("Keep a copy of what may be wanted again.\nIf it is meant")


def test_a_partition_that_is_detached_warns() -> None:
    [one] = judge(SQL_RULES, SqlFacts((seen(PartitionDetached()),)))
    assert one == Finding(
        code="MC326",
        rule="partition-detached",
        severity=Severity.WARNING,
        at=AT,
        message="0001_new detaches public.parts_1 from public.parts: who asks public.parts finds its rows no more, and "
        "nobody can use that meanwhile",
        migration="0001_new",
        evidence="the statement\nACCESS EXCLUSIVE on public.parts_1, held until the transaction ends",
        fix="Where that is meant, waive it. Where nobody may wait either, DETACH it CONCURRENTLY, alone and outside of "
        "a transaction: `migcheck explain MC326` has the configuration for that.",
    )
    assert judge(SQL_RULES, SqlFacts((seen(PartitionDetached(), lock=""),))) == ()
    assert judge(SQL_RULES, SqlFacts((seen(PartitionDetached()),), sizes=EMPTY)) == ()


def test_the_running_release_knows_nothing_of_partitions() -> None:
    running = Running(Release("the snapshot", ()), {"public.users": Relation("", "users", ())})
    [one] = judge(SQL_RULES, SqlFacts((seen(TableDropped()),), running=running))
    assert one.evidence == "the statement\nACCESS EXCLUSIVE on public.parts_1, held until the transaction ends"


def test_what_a_partitioned_table_refuses_is_no_way_out_of_a_lock() -> None:
    def fix(change: Change) -> str:
        seen = Seen("0001_new", AT, "the statement", "public.parts", change, "SHARE")
        [one] = judge(SQL_RULES, SqlFacts((seen,), partitions={"public.parts_1": "public.parts"}))
        return one.fix

    index = fix(IndexBuilt("by_at", unique=True))
    assert "say `CREATE UNIQUE INDEX by_at ON ONLY public.parts …`, which builds nothing" in index
    assert index.count("behind that say `ALTER INDEX by_at ATTACH PARTITION …` for each.") == 1
    key = fix(IndexBuilt("at", unique=True, key="UNIQUE"))
    assert "say `ALTER TABLE ONLY public.parts ADD CONSTRAINT at UNIQUE …`" in key
    assert "build a unique index CONCURRENTLY" in key
    assert "say `ADD CONSTRAINT … UNIQUE USING INDEX …` and `ALTER INDEX at ATTACH PARTITION …` for each" in key
    assert fix(Validated("of_team", foreign=True)).startswith("Add it to each partition as NOT VALID")
    assert fix(Validated("grown", foreign=False)).startswith("Add it as NOT VALID")
