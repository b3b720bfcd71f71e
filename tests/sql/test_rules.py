"""Each rule of the gate `sql`: what was seen, and the whole of what it says about that."""

import pytest
from msgspec.structs import replace

from migcheck.catalogue_sql import SQL_RULES
from migcheck.config.config import SqlConfig
from migcheck.facts.sql.judged import SqlFacts
from migcheck.facts.sql.observation import (
    Cause,
    Change,
    ColumnDropped,
    ColumnMadeRequired,
    ColumnRenamed,
    Deleted,
    DomainChecked,
    Emptied,
    End,
    IndexBuilt,
    PartitionChecked,
    RefusedInTransaction,
    Reindexed,
    RequiredColumnAdded,
    RestChecked,
    Rewritten,
    Rezoned,
    RowSecurityOff,
    Seen,
    TableDropped,
    TableRenamed,
    TransactionEnded,
    Validated,
    WorkedThrough,
)
from migcheck.facts.sql.unparsed import Unparsed
from migcheck.facts.target.sizes import Size, Sizes, UnknownTable, Unsized
from migcheck.finding import Finding, Location, Severity
from migcheck.postgres.table import Key
from migcheck.rule import judge

NOBODY = Unsized("there is no target")
LARGE = "the target has 200 MiB of it, about 1,000,000 rows"
SMALL, BIG = Size(1000, 1 << 20), Size(1_000_000, 200 << 20)
EMPTY = Size(None, 8192, empty=True)


def seen(change: Change, *, lock: str = "ACCESS EXCLUSIVE", after: int = 0, written: bool = False) -> Seen:
    at = Location("drizzle/0001_new.sql", 3)
    return Seen("0001_new", at, "alter table …", "public.users", change, lock, after=after, written=written)


def judged(
    one: Seen, sizes: Sizes = NOBODY, config: SqlConfig | None = None, landed: frozenset[str] = frozenset()
) -> tuple[Finding, ...]:
    return judge(SQL_RULES, SqlFacts((one,), landed, sizes, config or SqlConfig()))


def lines(one: Seen, sizes: Sizes = NOBODY, config: SqlConfig | None = None) -> list[str]:
    """What is found, without the migration's name; the table stands as `users`."""
    found = [f"{each.code} {each.severity} {each.message}" for each in judged(one, sizes, config)]
    return [each.replace(" 0001_new ", " ").replace("public.users", "users") for each in found]


LOSES_OR_BREAKS: list[tuple[Change, str]] = [
    (TableDropped(), "MC301 error drops users, and its rows are gone with it"),
    (ColumnDropped("name"), "MC302 error drops the column name of users: its values are gone with it"),
    (
        ColumnDropped("name", called="title"),
        "MC302 error drops the column title, which was name, of users: its values are gone with it",
    ),
    (
        ColumnDropped("twice", generated=True),
        "MC302 error drops the column twice of users: the code of before asks for it",
    ),
    (Emptied(), "MC303 error empties users: every row of it is gone"),
    (Deleted(), "MC303 error empties users: every row of it is gone"),
    (
        TableRenamed("public.people"),
        "MC304 error renames users to public.people: the code of before asks by the old name",
    ),
    (
        ColumnRenamed("name", "title"),
        "MC304 error renames the column name of users to title: the code of before asks by the old name",
    ),
    (
        RequiredColumnAdded("x", "text"),
        "MC305 error adds the column x text to users, NOT NULL without a default: it fails where there is a row",
    ),
    (
        ColumnMadeRequired("name"),
        "MC306 warning makes the column name of users NOT NULL: it fails where a row has no value there",
    ),
    (RowSecurityOff(), "MC310 warning switches row level security off for users: who may read it reads every row"),
]


@pytest.mark.parametrize(("change", "told"), LOSES_OR_BREAKS)
def test_what_loses_rows_or_breaks_the_code_of_before_is_told_whatever_the_size(change: Change, told: str) -> None:
    # It reads all of the table as well.
    beside = ["MC308"] if isinstance(change, ColumnMadeRequired) else []
    for sizes in (NOBODY, {}, {"public.users": SMALL}, {"public.users": BIG}):
        first, *more = lines(seen(change), sizes)
        assert first == told
        assert [each[:5] for each in more] == (beside if sizes == {"public.users": BIG} else [])
    # Outside of a transaction no lock was seen.
    assert lines(seen(change, lock="")) == [told]


@pytest.mark.parametrize("change", [change for change, _ in LOSES_OR_BREAKS])
def test_a_table_without_a_row_is_no_finding(change: Change) -> None:
    assert lines(seen(change), {"public.users": EMPTY}) == []


@pytest.mark.parametrize("change", [ColumnMadeRequired("name"), RequiredColumnAdded("name", "text")])
def test_who_fills_a_column_first_may_make_it_required(change: Change) -> None:
    assert lines(seen(change, written=True)) == []


LATE = "It has landed, and the target has not run it yet"


def test_what_has_landed_warns_where_the_target_is_behind() -> None:
    landed = frozenset({"0001_new"})
    for change in (each for each, _ in (*LOSES_OR_BREAKS, *TAKES_LONG)):
        found, *more = judged(seen(change), {"public.users": BIG}, landed=landed)
        assert [each.code for each in more] == (["MC308"] if isinstance(change, ColumnMadeRequired) else [])
        assert (found.severity, found.fix) == (Severity.WARNING, f"{LATE}: {_of_landed(change)}")


def _of_landed(change: Change) -> str:
    match change:
        case RequiredColumnAdded(column=column):
            return (
                "it fails while the table has a row. Where no database has run it, give the column a default in its "
                "file. Else take the rows out before the deploy, and put them back behind it with a value for "
                f"{column}."
            )
        case ColumnMadeRequired():
            return "it fails while there is such a row. Mend that first."
        case (
            Rewritten()
            | Validated()
            | DomainChecked()
            | IndexBuilt()
            | Reindexed()
            | PartitionChecked()
            | RestChecked()
        ):
            return "let it run when nobody needs the table for that long."
        case RowSecurityOff():
            return "mend what it leaves behind by a new migration, which the same deploy runs."
        case _:
            return "see to it that nothing there needs what it takes away."


def test_not_null_on_a_table_that_is_large_is_told_for_what_it_reads_as_well() -> None:
    change = ColumnMadeRequired("name")
    read = (
        "MC308 error checks all of users for a value in name, and nobody can use it meanwhile; "
        "the target has 200 MiB of it, about 1,000,000 rows"
    )
    refused = "MC306 warning makes the column name of users NOT NULL: it fails where a row has no value there"
    assert lines(seen(change), {"public.users": BIG}) == [refused, read]
    # Nor does it help that all were filled before.
    assert lines(seen(change, written=True), {"public.users": BIG}) == [read]
    for sizes in (NOBODY, {"public.users": SMALL}):
        assert lines(seen(change, written=True), sizes) == []
    [_, found] = judged(seen(change), {"public.users": BIG}, landed=frozenset({"0001_new"}))
    assert (found.code, found.severity) == ("MC308", Severity.WARNING)


@pytest.mark.parametrize(
    ("zone", "told"),
    [
        ("UTC", ("", "", "")),
        ("Etc/GMT0", ("", "", "")),
        (
            "Europe/London",
            (
                "error {} as the target's TimeZone is Europe/London, {} " + LARGE,
                "",
                "warning {} as the target's TimeZone is Europe/London, {} its size is not known: there is no target",
            ),
        ),
        (
            "",
            (
                "warning {} where the session is not in UTC, {} " + LARGE,
                "",
                "",
            ),
        ),
    ],
)
def test_whether_a_time_zone_has_rows_rewritten_is_a_matter_of_the_targets_own(
    zone: str, told: tuple[str, ...]
) -> None:
    one, words = seen(Rezoned("at was x, and is y")), "and nobody can use it meanwhile: at was x, and is y;"
    each_size: tuple[Sizes, ...] = ({"public.users": BIG}, {"public.users": SMALL}, NOBODY)
    for sizes, expected in zip(each_size, told, strict=True):
        found = judge(SQL_RULES, SqlFacts((one,), sizes=sizes, zone=zone))
        all_of = "0001_new rewrites all of public.users"
        assert [f"{each.severity} {each.message}" for each in found] == (
            [expected.format(all_of, words)] if expected else []
        )
        assert all(each.code == "MC307" and "SET LOCAL TimeZone = 'UTC';" in each.fix for each in found)


TAKES_LONG: list[tuple[Change, str]] = [
    (
        Rewritten("age was integer, and is bigint"),
        "MC307 {} rewrites all of users, and {}: age was integer, and is bigint; {}",
    ),
    (
        Validated("grown", foreign=False),
        "MC308 {} checks all of users for the check grown, and {}; {}",
    ),
    (
        Validated("of_team", foreign=True),
        "MC308 {} checks all of users for the foreign key of_team, and {}; {}",
    ),
    (
        DomainChecked("grown"),
        "MC308 {} checks all of users for the check grown of a domain, and {}; {}",
    ),
    (
        IndexBuilt("by_name", unique=False),
        "MC309 {} builds the index by_name of users, and {}; {}",
    ),
    (
        IndexBuilt("by_name", unique=True),
        "MC309 {} builds the unique index by_name of users, and {}; {}",
    ),
    (
        Reindexed(),
        "MC309 {} builds indexes of users anew, and {}; {}",
    ),
    (
        PartitionChecked(),
        "MC308 {} checks all of users for the bounds of the partition that it becomes, and {}; {}",
    ),
    (
        RestChecked(),
        "MC308 {} checks all of users for rows of the partition that  gets, and {}; {}",
    ),
]


def test_what_validates_behind_a_lock_is_not_told_to_add_it_as_not_valid() -> None:
    one = replace(seen(Validated("grown", foreign=False)), statement="alter table users validate constraint grown;")
    [found] = judge(SQL_RULES, SqlFacts((one,), sizes={"public.users": BIG}))
    assert found.fix.startswith("Have VALIDATE CONSTRAINT in a migration of its own, in a deploy behind the one")


def test_of_a_default_partition_the_table_above_is_told_and_the_check_that_proves_it() -> None:
    one = replace(seen(RestChecked(), lock="ACCESS EXCLUSIVE"), of="public.logs")
    [found] = judge(SQL_RULES, SqlFacts((one,), sizes={"public.users": BIG}))
    assert (found.code, found.severity) == ("MC308", Severity.ERROR)
    assert "checks all of public.users for rows of the partition that public.logs gets, and nobody" in found.message
    assert found.fix.startswith(
        "Add a CHECK to it that leaves out what the new partition is to have as NOT VALID, and VALIDATE it, in deploys "
        "before: then no row is looked at."
    )


@pytest.mark.parametrize(("change", "told"), TAKES_LONG)
@pytest.mark.parametrize("lock", ["SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE"])
def test_what_takes_long_on_a_large_table_is_an_error_and_of_unknown_size_a_warning(
    change: Change, told: str, lock: str
) -> None:
    one = seen(change, lock=lock)
    out = "nobody can use it meanwhile" if lock == "ACCESS EXCLUSIVE" else "nobody can write to it meanwhile"
    large = "the target has 200 MiB of it, about 1,000,000 rows"
    unknown = "its size is not known: there is no target"
    assert lines(one, {"public.users": BIG}) == [told.format("error", out, large)]
    assert lines(one) == [told.format("warning", out, unknown)]
    assert lines(one, {"public.users": SMALL}) == []
    assert lines(one, {"public.users": EMPTY}) == []


@pytest.mark.parametrize("change", [change for change, _ in TAKES_LONG])
@pytest.mark.parametrize("lock", ["", "ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE"])
def test_what_lets_others_write_is_no_finding(change: Change, lock: str) -> None:
    assert lines(seen(change, lock=lock), {"public.users": BIG}) == []


INDEX = seen(IndexBuilt("by_name", unique=False), lock="SHARE")


@pytest.mark.parametrize(
    ("size", "settings", "why"),
    [
        (Size(999_999, 200 << 20), {}, None),
        (Size(1000, 1 << 30), {}, "the target has 1,024 MiB of it, about 1,000 rows"),
        (Size(1000, (1 << 30) - 1), {}, None),
        (Size(None, 1 << 30), {}, "the target has 1,024 MiB of it"),
        (Size(None, 8192), {}, None),
        (SMALL, {"big_rows": 1000}, "the target has 1 MiB of it, about 1,000 rows"),
        (SMALL, {"big_rows": 1001}, None),
        (SMALL, {"big_size": 1}, "the target has 1 MiB of it, about 1,000 rows"),
        (SMALL, {"big_tables": ("public.users",)}, "big_tables names it"),
        (SMALL, {"big_tables": ("users",)}, "big_tables names it"),
        (SMALL, {"big_tables": ("app.users",)}, None),
        (BIG, {"big_tables": ()}, "the target has 200 MiB of it, about 1,000,000 rows"),
        (None, {"big_tables": ("users",)}, "big_tables names it"),
        (None, {"big_tables": ("teams",)}, None),
        (None, {"big_tables": ('public."users"',)}, "big_tables names it"),
    ],
)
def test_what_is_large_is_for_the_target_and_the_project_to_say(
    size: Size | None, settings: dict[str, object], why: str | None
) -> None:
    sizes: Sizes = NOBODY if size is None else {"public.users": size}
    config = SqlConfig(**settings)  # type: ignore[arg-type]  # a table of settings
    told = "MC309 error builds the index by_name of users, and nobody can write to it meanwhile; {}"
    assert lines(INDEX, sizes, config) == ([] if why is None else [told.format(why)])


def test_a_table_that_was_never_analysed_is_small_where_no_more_rows_fit_into_it() -> None:
    """A database that was restored just now counts no rows, and a row takes 28 bytes at the least."""
    told = (
        "MC309 warning builds the index by_name of users, and nobody can write to it meanwhile; its size is not known: "
    )
    assert lines(INDEX, {"public.users": Size(None, 27_999_999)}) == []
    assert lines(INDEX, {"public.users": Size(None, 28_000_000)}) == [
        f"{told}the target has 26 MiB of it, whose rows were never counted (ANALYZE)"
    ]
    assert lines(INDEX, {"public.users": Size(None, 27_999)}, SqlConfig(big_rows=1000)) == []
    assert lines(INDEX, {"public.users": Size(None, 28_000)}, SqlConfig(big_rows=1000)) != []


@pytest.mark.parametrize(
    ("sizes", "big", "why"),
    [
        (NOBODY, "users", "big_tables names it"),
        (NOBODY, "people", "big_tables names public.people, of which it is a partition"),
        (NOBODY, "app.all", "big_tables names app.all, of which it is a partition"),
        (NOBODY, "all", None),
        ({}, "people", "big_tables names public.people, of which it is a partition"),
        # One may be small where the whole is not.
        ({"public.users": SMALL}, "people", None),
        ({"public.users": BIG}, "people", "the target has 200 MiB of it, about 1,000,000 rows"),
    ],
)
def test_a_partition_of_what_is_large_is_large_where_no_target_tells(sizes: Sizes, big: str, why: str | None) -> None:
    parts = {"public.users": "public.people", "public.people": "app.all"}
    facts = SqlFacts((INDEX,), sizes=sizes, config=SqlConfig(big_tables=(big,)), partitions=parts)
    found = [each.message.rpartition("; ")[2] for each in judge(SQL_RULES, facts)]
    assert found == ([] if why is None else [why])


def test_what_the_target_has_not_or_hides_is_of_unknown_size() -> None:
    told = "its size is not known: {}"
    assert lines(INDEX, {})[0].endswith(told.format("the target has no such table"))
    assert lines(INDEX, Unsized("permission denied"))[0].endswith(told.format("permission denied"))


def test_of_several_of_one_kind_the_first_of_each_migration_and_table_is_told() -> None:
    again = seen(IndexBuilt("by_age", unique=False), lock="SHARE")
    others = (replace(again, table="public.teams"), replace(again, migration="0002_new"))
    for sizes in (NOBODY, {"public.users": BIG, "public.teams": BIG}):
        found = judge(SQL_RULES, SqlFacts((INDEX, again, *others, seen(Rewritten("x"))), sizes=sizes))
        assert [(each.code, each.migration, each.message.split()[4]) for each in found] == [
            ("MC307", "0001_new", "public.users,"),
            ("MC309", "0001_new", "by_name"),
            ("MC309", "0001_new", "by_age"),
            ("MC309", "0002_new", "by_age"),
        ]
        assert [each.message.rpartition("; ")[2] for each in found][1] == "so does line 3 (by_age)"


def test_the_others_of_a_kind_are_named_at_the_first() -> None:
    """Who mends or waives the one that is told has to know of them: three, and how many more."""
    index = [IndexBuilt(f"i{number}", unique=False) for number in range(2, 7)]
    more = [replace(seen(each, lock="SHARE"), at=Location("drizzle/0001_new.sql", 5)) for each in index]
    for shown, told in (
        (more, "so do line 5 (i2), line 5 (i3), line 5 (i4) and 2 more"),
        # What others cannot do meanwhile is said of the first.
        ([replace(more[0], lock="ACCESS EXCLUSIVE"), INDEX], "so do line 5 (i2, ACCESS EXCLUSIVE), line 3 (by_name)"),
        ([replace(more[0], at=Location("drizzle/0001_new.sql"))], "so does another statement (i2)"),
    ):
        [found] = judge(SQL_RULES, SqlFacts((INDEX, *shown), sizes=NOBODY))
        assert found.message.rpartition("; ")[2] == told
    for change, name in (
        (Validated("grown", foreign=False), " (grown)"),
        (DomainChecked("grown"), " (grown)"),
        (ColumnMadeRequired("name"), " (name)"),
        (Rewritten("age was integer, and is bigint"), " (age was integer, and is bigint)"),
        (PartitionChecked(), ""),
    ):
        *_, one = judge(SQL_RULES, SqlFacts((seen(change), seen(change)), sizes={"public.users": BIG}))
        assert one.message.endswith(f"; so does line 3{name}")


def test_a_finding_shows_the_statement_its_lock_and_how_long_that_is_held() -> None:
    (found,) = judged(seen(TableDropped(), after=2))
    assert (found.at, found.migration) == (Location("drizzle/0001_new.sql", 3), "0001_new")
    assert found.evidence == (
        "alter table …\nACCESS EXCLUSIVE on public.users, held until the transaction ends, 2 statements later"
    )
    (last,) = judged(seen(TableDropped()))
    assert last.evidence == "alter table …\nACCESS EXCLUSIVE on public.users, held until the transaction ends"
    (outside,) = judged(seen(TableDropped(), lock=""))
    assert outside.evidence == "alter table …"
    (unseen,) = judged(replace(seen(TableDropped(), lock=""), statement=""))
    assert unseen.evidence == "which statement did it is not known: it was seen when everything had run"


def test_an_error_ends_with_the_waiver_that_says_that_it_is_meant() -> None:
    told = (
        'If it is meant, say so in migcheck.toml:\n[[waiver]]\ncode = "{}"\nmigration = "0001_new"\n'
        'reason = "meant: ..."\nuntil = YYYY-MM-DD'
    )
    for change in (each for each, _ in (*LOSES_OR_BREAKS, *TAKES_LONG)):
        for sizes in (NOBODY, {"public.users": BIG}):
            for found in judged(seen(change), sizes):
                assert found.fix.endswith(told.format(found.code)) == (found.severity is Severity.ERROR), found


def test_the_way_out_of_a_rename_names_what_drizzle_calls_it() -> None:
    (table,) = judged(seen(TableRenamed("public.people")))
    (column,) = judged(seen(ColumnRenamed("name", "title")))
    keep = "Keep the name in the database and rename it in code alone: "
    assert table.fix.startswith(f'{keep}`pgTable("users", …)`.')
    assert column.fix.startswith(f'{keep}`title: …("name")`.')
    (odd,) = judged(seen(ColumnRenamed('na"me', "the.title")))
    assert odd.fix.startswith(keep + r'`"the.title": …("na\"me")`.')
    (new,) = judged(seen(ColumnRenamed("name", "title", "new")))
    assert new.severity is Severity.ERROR
    assert "and a new column has its name: the code of before does not find its values there" in new.message
    assert "Fill name from title in the same migration, or keep the name in the database" in new.fix
    (there,) = judged(seen(ColumnRenamed("name", "title", "there")))
    assert there.severity is Severity.WARNING
    assert "and another column has its name: the code of before does not find its values there" in there.message
    assert there.fix.startswith("See that it was filled, or keep the name in the database")
    (moved,) = judge(SQL_RULES, SqlFacts((replace(seen(TableRenamed("app.people")), table='app."Users"'),)))
    assert moved.fix.startswith(f'{keep}`app.table("Users", …)`.')


def test_another_table_by_the_old_name_is_an_error_and_a_warning_where_it_was_there() -> None:
    [new] = judged(seen(TableRenamed("public.people", "new")))
    assert new.severity is Severity.ERROR
    assert new.message == (
        "0001_new renames public.users to public.people, and a new table has its name: the code of before does not "
        "find its rows there"
    )
    fill = "Fill public.users from public.people in the same migration, or leave a view by the old name."
    assert new.fix.startswith(f"{fill}\nIf it is meant")
    [there] = judged(seen(TableRenamed("public.people", "there")))
    assert (there.severity, there.fix) == (Severity.WARNING, fill)
    assert there.message == new.message.replace("a new table", "another table")


def test_what_may_be_null_is_asked_of_the_target() -> None:
    (found,) = judged(seen(ColumnMadeRequired("name")))
    asks = 'Ask the target: `select count(*) from public.users where "name" is null`.'
    assert found.fix == f"{asks} Fill those rows in a migration before this one."
    (added,) = judged(seen(ColumnMadeRequired("name", added=True)))
    assert added.fix == "Fill it in each row first, in a statement before this one."


@pytest.mark.parametrize(
    ("cause", "way_out"),
    [
        (Cause.RETYPED, "Add a new column, copy the values in portions"),
        (
            Cause.FILLED,
            "Add the column bare: nullable, without the default. SET DEFAULT in a statement behind it",
        ),
        (Cause.COMPUTED, "Add a plain nullable column, have a trigger or the code write it"),
        (Cause.STORED, "There is no way without the rewrite: leave it out of the deploy"),
        (Cause.ORDERED, "Leave CLUSTER out of the migrations"),
        (Cause.REFRESHED, "Say REFRESH MATERIALIZED VIEW CONCURRENTLY, which lets others read"),
        (Cause.REFILLED, "Change the rows where they are"),
        (Cause.OTHER, "Where values change (USING), add a new column"),
    ],
)
def test_each_reason_of_a_rewrite_has_its_own_way_out(cause: Cause, way_out: str) -> None:
    (found,) = judged(seen(Rewritten("x", cause)))
    assert found.fix.startswith(way_out)


def test_the_way_out_of_an_index_is_that_of_what_it_is_for() -> None:
    alone = (
        'CONCURRENTLY IF NOT EXISTS in a migration of its own, with `transaction = "none"` for it under [[migration]]; '
        "`migcheck apply` then runs it. Where Drizzle's own migrator deploys, which cannot: build it so by hand "
        "before, let the migration say IF NOT EXISTS alone, and waive this."
    )
    told = " The migration behind it says `ADD CONSTRAINT a {} USING INDEX a_new`{}."
    fixes: dict[Key, str] = {
        "": f"Build it {alone}",
        "UNIQUE": f"Build a unique index a_new {alone}{told.format('UNIQUE', '')}",
        "PRIMARY KEY": f"Build a unique index a_new {alone}"
        f"{told.format('PRIMARY KEY', ', on columns that are NOT NULL already')}",
        "EXCLUDE": "An exclusion constraint can neither be built CONCURRENTLY nor added NOT VALID: add it where nobody "
        "has to write to the table for that long, or to a new table that the rows are copied to in portions.",
    }
    for key, fix in fixes.items():
        one = seen(IndexBuilt("a", unique=key != "EXCLUDE", key=key))
        (found,) = judged(one, {})
        assert found.fix == fix
    (found,) = judged(seen(IndexBuilt("Ab.c", unique=True, key="UNIQUE")), {})
    assert '`ADD CONSTRAINT "Ab.c" UNIQUE USING INDEX "Ab.c_new"`' in found.fix
    (found,) = judged(seen(IndexBuilt("a" * 63, unique=True, key="UNIQUE")), {})
    assert f"`ADD CONSTRAINT {'a' * 63} UNIQUE USING INDEX {'a' * 59}_new`" in found.fix


@pytest.mark.parametrize("change", [change for change, _ in TAKES_LONG])
def test_where_no_target_was_asked_the_fix_says_who_knows_the_size(change: Change) -> None:
    who = " How large the table is, the target (`DATABASE_URL`) or `big_tables` under [sql] tells."
    (unknown,), (not_there,), (large,) = (judged(seen(change), sizes) for sizes in (NOBODY, {}, {"public.users": BIG}))
    assert unknown.fix == not_there.fix + who
    assert who not in large.fix
    (named,) = judge(SQL_RULES, SqlFacts((seen(change),), sizes=NOBODY, variable="NEON_URL"))
    assert named.fix == not_there.fix + who.replace("DATABASE_URL", "NEON_URL")


def test_who_goes_through_a_large_table_that_is_locked_is_told_once_for_each_migration() -> None:
    one = seen(WorkedThrough(), written=True)
    [found] = judged(one, {"public.users": BIG})
    assert found == Finding(
        code="MC327",
        rule="worked-through-under-lock",
        severity=Severity.ERROR,
        at=Location("drizzle/0001_new.sql", 3),
        message="0001_new goes through all of public.users, and nobody can use it meanwhile: an earlier statement "
        "locked it; the target has 200 MiB of it, about 1,000,000 rows",
        migration="0001_new",
        evidence="alter table …\nACCESS EXCLUSIVE on public.users, held until the transaction ends",
        fix="Deploy what locks the table first, and this behind it: fill a column in portions, outside of the "
        "migrations; find some rows by an index.\n"
        'If it is meant, say so in migcheck.toml:\n[[waiver]]\ncode = "MC327"\nmigration = "0001_new"\n'
        'reason = "meant: ..."\nuntil = YYYY-MM-DD',
    )
    again = (one, replace(one, at=Location("drizzle/0001_new.sql", 9)), replace(one, migration="0002_new"))
    assert [each.migration for each in judge(SQL_RULES, SqlFacts(again, sizes={"public.users": BIG}))] == [
        "0001_new",
        "0002_new",
    ]
    # Who only reads may have enough with the first row; of several the worst counts.
    reads = replace(one, at=Location("drizzle/0001_new.sql", 2), written=False)
    [found] = judged(reads, {"public.users": BIG})
    assert (found.severity, found.message.partition(",")[0]) == (
        Severity.WARNING,
        "0001_new begins to read all of public.users",
    )
    [found] = judge(SQL_RULES, SqlFacts((reads, one, reads), sizes={"public.users": BIG}))
    assert (found.severity, found.at.line) == (Severity.ERROR, 3)
    # That is how a column is filled.
    for sizes in (NOBODY, {}, {"public.users": SMALL}, {"public.users": EMPTY}):
        assert judged(one, sizes) == ()


def test_a_table_that_is_called_large_and_that_nobody_has_is_told_at_the_configuration() -> None:
    at = Location("migcheck.toml")
    unknown = UnknownTable("user", at, "public.users"), UnknownTable("a.b", at)
    found = judge(SQL_RULES, SqlFacts(unknown=unknown, sizes={}))
    assert found[0] == Finding(
        code="MC328",
        rule="big-table-unknown",
        severity=Severity.WARNING,
        at=at,
        message="`big_tables` under [sql] names user, which neither the migrations make nor the target has",
        migration=None,
        evidence="",
        fix="Did you mean public.users?",
    )
    assert [each.fix for each in found[1:]] == ["Take it out, or correct its name."]
    without_target = judge(SQL_RULES, SqlFacts(unknown=unknown))
    assert without_target[0].message == "`big_tables` under [sql] names user, which no migration makes"


def test_sql_that_no_parser_read_is_told_where_it_stopped() -> None:
    at = Location("drizzle/0013_x.sql", 3)
    found = judge(SQL_RULES, SqlFacts(unparsed=(Unparsed("0013_x", at, "creat table x ();"),)))
    assert found == (
        Finding(
            code="MC331",
            rule="sql-not-parsed",
            severity=Severity.WARNING,
            at=at,
            message="0013_x is not read to its end: Squawk's parser stops here",
            migration="0013_x",
            evidence="creat table x ();",
            fix="Correct it where it is a mistake. Where it is right, leave it: `migcheck verify`, without "
            "`--offline`, runs it.",
        ),
    )
    (open_,) = judge(SQL_RULES, SqlFacts(unparsed=(Unparsed("0013_x", at, "select 'x", rest=True),)))
    assert open_.message == ("0013_x is not read to its end: Squawk's parser stops here, and reads nothing behind it")


def test_where_nothing_was_seen_there_is_no_finding() -> None:
    assert judge(SQL_RULES, SqlFacts()) == ()


def test_what_was_read_says_so_behind_all_that_is_known_of_it() -> None:
    one = replace(seen(TableDropped(), after=1), source="read by somebody")
    assert judged(one)[0].evidence == (
        "alter table …\nACCESS EXCLUSIVE on public.users, held until the transaction ends, 1 statement later\n"
        "read by somebody"
    )
    assert judged(replace(one, lock=""))[0].evidence == "alter table …\nread by somebody"


def test_what_the_server_refuses_is_no_matter_of_size_and_nothing_to_accept() -> None:
    refused = replace(seen(RefusedInTransaction("VACUUM"), lock=""), table="")
    told = "has VACUUM, which the server refuses in a transaction: the deploy fails (25001)"
    for sizes in (NOBODY, {"public.users": EMPTY}):
        [one] = judged(refused, sizes)
        assert (one.code, one.severity, one.message) == ("MC311", Severity.ERROR, f"0001_new {told}")
        assert one.fix.endswith("`migcheck apply` then runs it.")
    again = replace(refused, at=Location("drizzle/0001_new.sql", 4))
    other = replace(refused, migration="0002_next")
    found = judge(SQL_RULES, SqlFacts((refused, again, other)))
    assert [(each.migration, each.at.line) for each in found] == [("0001_new", 3), ("0002_next", 3)]


ENDED: list[tuple[End, str]] = [
    (
        End.KEPT,
        (
            "ends the transaction that it runs in: where something fails behind that, what ran of it before stays, "
            "without its row in the ledger"
        ),
    ),
    (
        End.UNDONE,
        (
            "rolls back the transaction that it runs in: what it did there is undone, as are the migrations before it "
            "with their rows, and its own row is written all the same"
        ),
    ),
    (
        End.SET_ASIDE,
        (
            "sets the transaction that it runs in aside: what ran there is not done, and its locks stay, until "
            "somebody says COMMIT PREPARED"
        ),
    ),
]


@pytest.mark.parametrize(("end", "does"), ENDED)
def test_a_transaction_that_is_ended_inside_warns_whatever_the_size(end: End, does: str) -> None:
    at = Location("drizzle/0001_new.sql", 3)
    one = Seen("0001_new", at, "the end;", "", TransactionEnded(end))
    for sizes in (NOBODY, {}, {"public.users": SMALL}, {"public.users": BIG}, {"public.users": EMPTY}):
        assert judged(one, sizes) == (
            Finding(
                code="MC329",
                rule="transaction-ended-inside",
                severity=Severity.WARNING,
                at=at,
                message=f"0001_new {does}",
                migration="0001_new",
                evidence="the end;\nbehind it nobody looks until the end: no lock is seen there",
                fix="Delete it: whoever runs the migrations ends the transaction. What must run outside of one goes "
                'into a migration of its own, with `transaction = "none"` for it under [[migration]].',
            ),
        )
    (landed,) = judged(one, landed=frozenset({"0001_new"}))
    told = "where it fails there, see what is left before you try again."
    assert landed.fix == f"It has landed, and the target has not run it yet: {told}"
