"""What a migration is on a ledger, by the whole ledger and not by one number."""

from collections.abc import Mapping

from msgspec.structs import replace

from migcheck.drizzle.folder import Folder, Layout
from migcheck.drizzle.ledger import LedgerRow
from migcheck.drizzle.standing import Standings, State, Stray, surplus_rows
from tests.support.ledgers import a_ledger, a_pure_folder, rows_of, with_sql

FOLDER = a_pure_folder({"0000_users": 100, "0001_posts": 200, "0002_tags": 300})
SQUASHED = a_pure_folder({"0000_all": 300})
SAME = "with the same SQL, and another "
KNOWN = {each.hash: each.tag for each in FOLDER.migrations}


def standings(folder: Folder, rows: list[LedgerRow], known: Mapping[str, str] | None = None) -> Standings:
    return Standings(folder, a_ledger(rows), known or {})


def states(folder: Folder, rows: list[LedgerRow], known: Mapping[str, str] | None = None) -> dict[str, str]:
    told = standings(folder, rows, known).migrations
    return {each.migration.tag: f"{each.state}: {each.note}" if each.note else str(each.state) for each in told}


def strays(folder: Folder, rows: list[LedgerRow], known: Mapping[str, str] | None = None) -> dict[int, str]:
    return {each.row.id: f"{each.kind} {each.tag}".strip() for each in standings(folder, rows, known).strays}


def sha(folder: Folder, tag: str) -> str:
    return folder.by_tag()[tag].hash


class TestOrdinary:
    def test_an_empty_ledger_has_everything_pending(self) -> None:
        assert states(FOLDER, []) == {"0000_users": "pending", "0001_posts": "pending", "0002_tags": "pending"}

    def test_what_has_its_row_is_applied_and_the_rest_pending(self) -> None:
        assert states(FOLDER, rows_of(FOLDER, 2)) == {
            "0000_users": "applied",
            "0001_posts": "applied",
            "0002_tags": "pending",
        }
        assert strays(FOLDER, rows_of(FOLDER, 2)) == {}

    def test_two_migrations_with_one_text_are_two_migrations(self) -> None:
        twins = a_pure_folder({"0000_a": 100, "0001_b": 200}, sql="-- Custom SQL migration file")
        assert states(twins, rows_of(twins)) == {"0000_a": "applied", "0001_b": "applied"}
        assert surplus_rows(twins, a_ledger(rows_of(twins))) == ()
        assert states(twins, rows_of(twins, 1)) == {"0000_a": "applied", "0001_b": "pending"}

    def test_so_they_were_before_the_folder_was_squashed(self) -> None:
        twins = a_pure_folder({"0000_a": 100, "0001_b": 200, "0002_c": 300}, sql="-- Custom SQL migration file")
        assert surplus_rows(SQUASHED, a_ledger(rows_of(twins))) == ()

    def test_entries_with_one_when_that_ran_in_one_batch_are_applied(self) -> None:
        twins = a_pure_folder({"0000_a": 100, "0001_b": 100})
        assert states(twins, rows_of(twins)) == {"0000_a": "applied", "0001_b": "applied"}
        assert surplus_rows(twins, a_ledger(rows_of(twins))) == ()


class TestSkipped:
    def test_an_entry_below_the_mark_without_a_row(self) -> None:
        late = a_pure_folder({"0000_users": 100, "0001_posts": 300, "0002_late": 200})
        rows = [row for row in rows_of(late) if row.created_at != 200]
        assert states(late, rows) == {"0000_users": "applied", "0001_posts": "applied", "0002_late": "will be skipped"}

    def test_an_entry_at_the_mark_without_a_row(self) -> None:
        late = a_pure_folder({"0000_users": 100, "0001_posts": 300, "0002_late": 300})
        assert states(late, rows_of(late, 2))["0002_late"] == "will be skipped"

    def test_a_late_merge_before_the_only_row_is_no_baseline(self) -> None:
        late = a_pure_folder({"0000_users": 300, "0001_late": 200})
        assert states(late, rows_of(late, 1)) == {"0000_users": "applied", "0001_late": "will be skipped"}


class TestEdited:
    def test_another_hash_in_the_place_of_a_migration(self) -> None:
        edited = with_sql(FOLDER, "0001_posts", b"select 'edited';")
        assert states(edited, rows_of(FOLDER, 2)) == {
            "0000_users": "applied",
            "0001_posts": "edited: the file is not the one that was applied",
            "0002_tags": "pending",
        }
        assert strays(edited, rows_of(FOLDER, 2)) == {}

    def test_even_where_git_knows_the_old_text_by_this_tag(self) -> None:
        edited = with_sql(FOLDER, "0001_posts", b"select 'edited';")
        known = {sha(FOLDER, "0001_posts"): "0001_posts"}
        assert states(edited, rows_of(FOLDER), known)["0001_posts"].startswith("edited")

    def test_a_when_that_was_raised_after_the_deploy_would_run_twice(self) -> None:
        raised = a_pure_folder({"0000_users": 100, "0001_posts": 250})
        assert states(raised, rows_of(FOLDER, 2)) == {
            "0000_users": "applied",
            "0001_posts": f"edited: applied as row 2, 200 {SAME}`when`: Drizzle would run it again",
        }

    def test_a_when_that_was_changed_below_the_mark_hurts_nobody(self) -> None:
        moved = a_pure_folder({"0000_users": 100, "0001_posts": 150, "0002_tags": 300})
        assert states(moved, rows_of(FOLDER)) == {
            "0000_users": "applied",
            "0001_posts": "applied: recorded as row 2, 200",
            "0002_tags": "applied",
        }

    def test_other_line_ends_are_no_edit(self) -> None:
        unix = with_sql(FOLDER, "0000_users", b"select 1;\nselect 2;\n")
        windows = with_sql(FOLDER, "0000_users", b"select 1;\r\nselect 2;\r\n")
        assert states(unix, rows_of(windows))["0000_users"] == "applied: applied with other line ends"
        assert states(windows, rows_of(unix))["0000_users"] == "applied: applied with other line ends"


class TestOneRowForOneMigration:
    AGAIN = with_sql(
        with_sql(a_pure_folder({"0000_add": 10, "0001_drop": 12, "0002_add": 20, "0003_c": 30}), "0000_add", b"add"),
        "0002_add",
        b"add",
    )

    def test_a_text_that_comes_twice_and_was_recorded_once_elsewhere(self) -> None:
        rows = [LedgerRow(1, sha(self.AGAIN, "0000_add"), 11), *rows_of(self.AGAIN)[1:2], *rows_of(self.AGAIN)[3:]]
        assert states(self.AGAIN, rows) == {
            "0000_add": "applied: recorded as row 1, 11",
            "0001_drop": "applied",
            "0002_add": "will be skipped",
            "0003_c": "applied",
        }

    def test_recorded_twice_elsewhere(self) -> None:
        rows = [replace(row, created_at=(row.created_at or 0) + 1) for row in rows_of(self.AGAIN)]
        assert states(self.AGAIN, rows)["0000_add"] == "applied: recorded as row 1, 11"
        assert states(self.AGAIN, rows)["0002_add"] == "applied: recorded as row 3, 21"

    def test_the_later_one_is_due_and_not_run_again(self) -> None:
        twins = a_pure_folder({"0000_a": 100, "0001_b": 200}, sql="select 1;")
        assert states(twins, [LedgerRow(1, sha(twins, "0000_a"), 110)]) == {
            "0000_a": "applied: recorded as row 1, 110",
            "0001_b": "pending",
        }

    def test_a_squash_and_another_entry_of_its_time(self) -> None:
        both = a_pure_folder({"0000_all": 300, "0001_late": 300})
        assert states(both, rows_of(FOLDER), KNOWN) == {
            "0000_all": "applied: stands for 0002_tags",
            "0001_late": "will be skipped",
        }

    def test_a_row_that_was_found_by_its_hash_is_in_nobodys_place(self) -> None:
        moved = with_sql(a_pure_folder({"0000_a": 100, "0001_b": 200, "0002_c": 300}), "0000_a", b"select 1;")
        rows = [LedgerRow(1, "e" * 64, 50), LedgerRow(2, sha(moved, "0000_a"), 200), *rows_of(moved)[2:]]
        assert states(moved, rows) == {
            "0000_a": "applied: recorded as row 2, 200",
            "0001_b": "will be skipped",
            "0002_c": "applied",
        }

    def test_a_baseline_stands_for_every_entry_of_its_time(self) -> None:
        twins = a_pure_folder({"0000_a": 200, "0001_b": 200})
        assert states(twins, [LedgerRow(1, "baseline", 200)]) == {
            "0000_a": "applied: baseline written by hand",
            "0001_b": "applied: baseline written by hand",
        }


class TestStrayRows:
    def test_newer_than_the_folder_is_ahead(self) -> None:
        rolled_back = replace(FOLDER, migrations=FOLDER.migrations[:2])
        assert strays(rolled_back, rows_of(FOLDER)) == {3: "ahead"}
        assert strays(rolled_back, rows_of(FOLDER), {sha(FOLDER, "0002_tags"): "0002_tags"}) == {3: "ahead 0002_tags"}
        assert states(rolled_back, rows_of(FOLDER)) == {"0000_users": "applied", "0001_posts": "applied"}

    def test_a_row_that_git_knows_was_removed(self) -> None:
        removed = replace(FOLDER, migrations=(FOLDER.migrations[0], FOLDER.migrations[2]))
        assert strays(removed, rows_of(FOLDER), {sha(FOLDER, "0001_posts"): "0001_posts"}) == {2: "removed 0001_posts"}

    def test_a_row_that_nobody_knows(self) -> None:
        assert strays(FOLDER, [*rows_of(FOLDER), LedgerRow(9, "f" * 64, 250)]) == {9: "unknown"}

    def test_another_applications_database_is_not_ahead_but_unknown(self) -> None:
        assert strays(FOLDER, [LedgerRow(1, "e" * 64, 5_000), LedgerRow(2, "f" * 64, 6_000)]) == {
            1: "unknown",
            2: "unknown",
        }


class TestBaseline:
    def test_a_first_row_with_the_real_hash_stands_for_all_before_it(self) -> None:
        rows = rows_of(FOLDER)[1:2]
        assert states(FOLDER, rows) == {
            "0000_users": "applied: older than the ledger's first row",
            "0001_posts": "applied",
            "0002_tags": "pending",
        }
        assert [each.tag for each in standings(FOLDER, rows).before_the_ledger] == ["0000_users"]

    def test_a_first_row_with_any_hash_at_the_newest_when(self) -> None:
        rows = [LedgerRow(1, "baseline", 200)]
        assert states(FOLDER, rows) == {
            "0000_users": "applied: older than the ledger's first row",
            "0001_posts": "applied: baseline written by hand",
            "0002_tags": "pending",
        }
        assert strays(FOLDER, rows) == {}

    def test_a_first_row_with_the_time_of_that_day(self) -> None:
        rows = [LedgerRow(1, "", 250)]
        assert states(FOLDER, rows) == {
            "0000_users": "applied: older than the ledger's first row",
            "0001_posts": "applied: older than the ledger's first row",
            "0002_tags": "pending",
        }
        assert strays(FOLDER, rows) == {1: "baseline"}


class TestRestarted:
    def test_a_squash_on_a_database_that_has_all_of_it(self) -> None:
        assert states(SQUASHED, rows_of(FOLDER), KNOWN) == {"0000_all": "applied: stands for 0002_tags"}
        assert not standings(SQUASHED, rows_of(FOLDER), KNOWN).restarted_behind
        assert strays(SQUASHED, rows_of(FOLDER), KNOWN) == {1: "removed 0000_users", 2: "removed 0001_posts"}

    def test_a_database_that_is_ahead_of_a_squash(self) -> None:
        newer = LedgerRow(4, "f" * 64, 400)
        assert strays(SQUASHED, [*rows_of(FOLDER), newer], KNOWN)[4] == "ahead"

    def test_what_replaced_a_migration_in_its_place_stands_for_nothing(self) -> None:
        """It has the time of what it replaced: Drizzle would never run it."""
        edited = "edited: the file is not the one that was applied"
        last = a_pure_folder({"0000_users": 100, "0001_posts": 200, "0002_other": 300})
        assert states(last, rows_of(FOLDER), KNOWN)["0002_other"] == edited
        amid = a_pure_folder({"0000_users": 100, "0001_other": 200, "0002_tags": 300})
        assert states(amid, rows_of(FOLDER), KNOWN)["0001_other"] == edited
        first = a_pure_folder({"0000_other": 100})
        assert states(first, rows_of(FOLDER, 1), KNOWN) == {"0000_other": edited}

    def test_a_squash_on_a_database_that_is_behind_it(self) -> None:
        assert standings(SQUASHED, rows_of(FOLDER, 2), KNOWN).restarted_behind

    def test_a_squash_on_an_empty_database(self) -> None:
        assert not standings(SQUASHED, [], KNOWN).restarted_behind

    def test_an_empty_folder(self) -> None:
        nothing = replace(FOLDER, migrations=())
        assert not standings(nothing, rows_of(FOLDER), KNOWN).restarted_behind


class TestSurplus:
    def test_two_racing_deploys(self) -> None:
        rows = [*rows_of(FOLDER), replace(rows_of(FOLDER)[2], id=4)]
        assert [(a.id, b.id) for a, b in surplus_rows(FOLDER, a_ledger(rows))] == [(3, 4)]

    def test_one_text_at_two_times_where_the_folder_has_it_once(self) -> None:
        rows = [*rows_of(FOLDER), LedgerRow(4, sha(FOLDER, "0000_users"), 150)]
        assert [(a.id, b.id) for a, b in surplus_rows(FOLDER, a_ledger(rows))] == [(1, 4)]

    def test_two_hashes_at_one_time(self) -> None:
        rows = [*rows_of(FOLDER), LedgerRow(4, "f" * 64, 300)]
        assert [(a.id, b.id) for a, b in surplus_rows(FOLDER, a_ledger(rows))] == [(3, 4)]

    def test_rows_without_a_time_are_another_rules_matter(self) -> None:
        rows = [LedgerRow(1, "a", None), LedgerRow(2, "a", None)]
        assert surplus_rows(FOLDER, a_ledger(rows)) == ()


class TestLayout10:
    FOLDERS = a_pure_folder({"20240101000000_users": 100, "20240101000001_posts": 200}, Layout.FOLDERS)

    def test_a_name_decides_and_not_the_time(self) -> None:
        assert states(self.FOLDERS, rows_of(self.FOLDERS)[1:]) == {
            "20240101000000_users": "pending",
            "20240101000001_posts": "applied",
        }

    def test_another_hash_under_the_name_is_an_edit(self) -> None:
        edited = with_sql(self.FOLDERS, "20240101000000_users", b"select 'edited';")
        assert states(edited, rows_of(self.FOLDERS))["20240101000000_users"].startswith("edited")

    def test_a_renamed_folder_would_run_again(self) -> None:
        rows = [replace(row, name=f"{row.name}_old") for row in rows_of(self.FOLDERS)]
        assert set(states(self.FOLDERS, rows).values()) == {
            f"edited: applied as row 1, 20240101000000_users_old {SAME}name: Drizzle would run it again",
            f"edited: applied as row 2, 20240101000001_posts_old {SAME}name: Drizzle would run it again",
        }

    def test_two_migrations_of_one_second_are_no_surplus(self) -> None:
        twins = a_pure_folder({"20240101000000_a": 100, "20240101000000_b": 100}, Layout.FOLDERS)
        assert surplus_rows(twins, a_ledger(rows_of(twins))) == ()


def test_states_and_kinds_are_the_words_people_read() -> None:
    assert [str(each) for each in State] == ["applied", "pending", "will be skipped", "edited"]
    assert [str(each) for each in Stray] == ["recorded twice", "ahead", "removed", "baseline", "unknown"]


def test_thousands_of_migrations_take_no_time() -> None:
    many = a_pure_folder({f"{at:04}_m": at + 1 for at in range(5_000)})
    assert len(standings(many, rows_of(many, 4_990)).of(State.PENDING)) == 10
