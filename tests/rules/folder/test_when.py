"""MC106 and MC107: the order of `when`, and times that have not come."""

from pathlib import Path

from tests.support.folders import STEP, WHEN, a_folder, add_migration, change_entry, move_entry
from tests.support.judging import NOW, findings, judged, read

JOURNAL = "drizzle/meta/_journal.json"
DAY = 24 * 60 * 60 * 1000


def test_a_when_that_is_not_greater_than_the_one_before(drizzle: Path) -> None:
    change_entry(drizzle, "0002_likes", when=WHEN + STEP - 1)

    assert judged(drizzle) == [
        (
            f"MC106 error {JOURNAL}:19 the `when` of 0002_likes is not greater than that of 0001_posts before it"
            " | 1700000059999 is not greater than 1700000060000"
        )
    ]


def test_two_equal_whens(drizzle: Path) -> None:
    change_entry(drizzle, "0002_likes", when=WHEN + STEP)

    assert judged(drizzle) == [
        (
            f"MC106 error {JOURNAL}:19 the `when` of 0002_likes is not greater than that of 0001_posts before it"
            " | 1700000060000 is not greater than 1700000060000"
        )
    ]


def test_entries_out_of_order(drizzle: Path) -> None:
    move_entry(drizzle, "0002_likes", 0)

    assert judged(drizzle) == [
        (
            f"MC106 error {JOURNAL}:12 the `when` of 0000_users, 0001_posts is not greater than that of 0002_likes"
            " before it | 1700000000000 is not greater than 1700000120000"
        )
    ]


def test_one_great_when_in_the_middle_is_one_finding_however_many_follow(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "drizzle", {f"{number:04}_m": "select 1;" for number in range(50)})
    change_entry(folder, "0010_m", when=NOW)

    assert judged(folder) == [
        (
            f"MC106 error {JOURNAL}:82 the `when` of 0011_m, 0012_m, 0013_m, 0014_m, 0015_m and 34 more is not greater"
            f" than that of 0010_m before it | {WHEN + 11 * STEP} is not greater than {NOW}"
        )
    ]


def test_an_old_disorder_warns_that_some_database_may_have_skipped_it(drizzle: Path) -> None:
    change_entry(drizzle, "0001_posts", when=WHEN + 9 * STEP)
    landed = read(drizzle)
    add_migration(drizzle, "0003_tags", "select 1;", when=WHEN + 10 * STEP)

    (found,) = findings(drizzle, before=landed)
    assert (found.code, found.severity) == ("MC106", "warning")
    assert found.fix == (
        "Leave the `when`: to change it now could run migrations again. But a database that had the entry before it "
        "when this one came has skipped it, and what it makes may be missing there: `migcheck status` on that database "
        "then says `will be skipped`. Make it there by a new migration that does nothing elsewhere (`create table "
        "if not exists`)."
    )


def test_a_new_entry_below_what_landed_is_told_by_the_history(drizzle: Path) -> None:
    landed = read(drizzle)
    add_migration(drizzle, "0003_tags", "select 1;", when=WHEN + STEP)

    assert judged(drizzle, before=landed) == []


def test_two_new_entries_in_the_wrong_order_above_all_that_landed(drizzle: Path) -> None:
    landed = read(drizzle)
    add_migration(drizzle, "0003_tags", "select 1;", when=WHEN + 9 * STEP)
    add_migration(drizzle, "0004_tag_names", "select 1;", when=WHEN + 8 * STEP)

    assert [each[:11] for each in judged(drizzle, before=landed)] == ["MC106 error"]


def test_a_when_two_days_ahead(drizzle: Path) -> None:
    change_entry(drizzle, "0002_likes", when=NOW + 2 * DAY)

    assert judged(drizzle) == [
        f"MC107 error {JOURNAL}:19 the `when` of 0002_likes is 2 days ahead | when {NOW + 2 * DAY}, now {NOW}"
    ]


def test_a_clock_that_is_hours_off_is_no_fault(drizzle: Path) -> None:
    change_entry(drizzle, "0002_likes", when=NOW + DAY)

    assert judged(drizzle) == []


def test_where_base_is_ahead_the_greatest_plus_one_is_right(drizzle: Path) -> None:
    change_entry(drizzle, "0002_likes", when=NOW + 90 * DAY)
    landed = read(drizzle)
    add_migration(drizzle, "0003_tags", "select 1;", when=NOW + 90 * DAY + 1)

    assert judged(drizzle, before=landed) == [
        f"MC107 warning {JOURNAL}:19 the `when` of 0002_likes is 90 days ahead | when {NOW + 90 * DAY}, now {NOW}"
    ]


def test_where_base_is_ahead_nobody_needs_to_be_further_ahead(drizzle: Path) -> None:
    change_entry(drizzle, "0002_likes", when=NOW + 90 * DAY)
    landed = read(drizzle)
    add_migration(drizzle, "0003_tags", "select 1;", when=NOW + 99 * DAY)

    assert [each[:13].strip() for each in judged(drizzle, before=landed)] == ["MC107 warning", "MC107 error d"]


def test_a_machine_whose_clock_is_years_ahead_is_one_finding(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "drizzle", {f"{number:04}_m": "select 1;" for number in range(20)})

    assert judged(folder, now=WHEN - 400 * DAY) == [
        (
            f"MC107 error {JOURNAL}:5 the `when` of 0000_m, 0001_m, 0002_m, 0003_m, 0004_m and 15 more is 400 days"
            f" ahead | when {WHEN}, now {WHEN - 400 * DAY}"
        )
    ]
