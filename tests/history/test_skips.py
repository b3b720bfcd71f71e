"""New entries in the wrong place: inserted before what landed, or behind what base or a ledger has."""

import pytest

from migcheck.finding import Location
from tests.support.folders import (
    STEP,
    WHEN,
    a_folder,
    a_folder_1_0,
    add_entry,
    add_migration,
    move_entry,
)
from tests.support.histories import (
    LANDED,
    NEWEST,
    a_history,
    a_landed_folder,
    gate_of_the_folder,
    judged,
    landed_ledger,
    told,
)
from tests.support.repositories import GitRepository


def test_a_migration_inserted_before_landed_ones(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    (drizzle / "0001_early.sql").write_bytes(b"select 1;")
    add_entry(drizzle, "0001_early", when=WHEN + 1, idx=9)
    move_entry(drizzle, "0001_early", 1)
    a_repo.commit()

    (found,) = judged(a_history(a_repo))

    assert (found.code, found.migration, found.at) == (
        "MC206",
        "0001_early",
        Location("drizzle/meta/_journal.json", 12),
    )
    assert "skip it in silence" in found.evidence
    assert gate_of_the_folder(a_repo) == []


@pytest.mark.parametrize("when", [NEWEST, NEWEST - 1])
def test_a_migration_that_drizzle_will_skip_in_silence(a_repo: GitRepository, when: int) -> None:
    drizzle = a_landed_folder(a_repo)
    add_migration(drizzle, "0003_likes", "create table likes (id int);", when=when, snapshot=False)
    a_repo.commit()

    (found,) = judged(a_history(a_repo))

    assert (found.code, found.severity, found.migration) == ("MC207", "error", "0003_likes")
    assert found.message == "0003_likes is new, but not newer than what has landed: Drizzle will skip it in silence"
    assert f"Set its `when` to {NEWEST + 1} in drizzle/meta/_journal.json" in found.fix
    assert gate_of_the_folder(a_repo) == []


def test_a_skip_is_seen_where_base_itself_is_out_of_order(a_repo: GitRepository) -> None:
    """The greatest `when` counts, not the last: a hand-edited future `when` hides everything after it."""
    a_folder(
        a_repo / "drizzle",
        LANDED,
        when={"0000_users": NEWEST * 2, "0001_posts": WHEN, "0002_tags": NEWEST},
        snapshots=False,
    )
    a_repo.commit()
    a_repo.branch("feature")
    add_migration(a_repo / "drizzle", "0003_likes", "select 1;", when=NEWEST + 5, snapshot=False)
    a_repo.commit()

    (found,) = judged(a_history(a_repo))

    assert (found.code, found.migration) == ("MC207", "0003_likes")
    assert f"Set its `when` to {NEWEST * 2 + 1} " in found.fix


def test_the_way_out_of_a_skip_leaves_the_new_entries_in_order(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    add_migration(drizzle, "0003_likes", "create table likes (id int);", when=NEWEST + STEP, snapshot=False)
    add_migration(drizzle, "0004_flags", "create table flags (id int);", when=NEWEST - 1, snapshot=False)
    a_repo.commit()

    (found,) = judged(a_history(a_repo))

    assert (found.code, found.migration) == ("MC207", "0004_flags")
    assert f"Set its `when` to {NEWEST + STEP + 1} " in found.fix


def test_two_branches_that_both_made_the_next_migration(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    add_migration(drizzle, "0003_mine", "create table mine (id int);", snapshot=False)
    a_repo.commit()
    a_repo.switch("main")
    add_migration(drizzle, "0003_theirs", "create table theirs (id int);", when=NEWEST + STEP * 2, snapshot=False)
    a_repo.commit()
    a_repo.switch("feature")
    a_repo.merge("main", strategy="theirs")
    add_entry(drizzle, "0003_mine", when=NEWEST + STEP, idx=3)
    a_repo.commit(message="Keep both")

    (found,) = judged(a_history(a_repo))

    assert (found.code, found.severity, found.migration) == ("MC208", "error", "0003_mine")
    assert found.message == (
        "two branches were merged that both made migration 3: 0003_theirs has landed, 0003_mine is new"
    )
    assert "skip it in silence" in found.evidence
    assert gate_of_the_folder(a_repo) == []


def test_drizzle_1_0_runs_what_is_older_too(a_repo: GitRepository) -> None:
    folder = a_folder_1_0(a_repo / "drizzle", {"20240102000000_users": "select 1;"})
    a_repo.commit()
    a_repo.branch("feature")
    a_folder_1_0(folder, {"20240101000000_early": "select 2;"})
    a_repo.commit()

    assert told(a_history(a_repo)) == []


def test_a_new_entry_must_be_above_the_ledger_too(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    add_migration(drizzle, "0003_likes", "create table likes (id int);", when=NEWEST + 1, snapshot=False)
    a_repo.commit()
    history = a_history(a_repo)

    assert told(history, landed_ledger(*LANDED.values())) == []
    (found,) = judged(history, landed_ledger(*LANDED.values(), mark=NEWEST + 5))
    assert (found.code, found.severity) == ("MC207", "error")
    assert f"Set its `when` to {NEWEST + 6} " in found.fix
