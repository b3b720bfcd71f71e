"""A snapshot that git has and the folder has not: the fix of MC110 names the command that puts it back."""

from pathlib import Path

from migcheck.project import Asked
from tests.support.fixes import found_in, run_fix
from tests.support.folders import a_folder, a_folder_1_0, add_migration
from tests.support.histories import LANDED
from tests.support.repositories import GitRepository
from tests.support.runs import offline


def _with_snapshots(repo: GitRepository) -> Path:
    """LANDED with its snapshots on main, all but that of the first; `feature` is checked out."""
    drizzle = a_folder(repo / "drizzle", LANDED)
    (drizzle / "meta/0000_snapshot.json").unlink()
    repo.commit()
    repo.branch("feature")
    return drizzle


def _snapshots(repo: GitRepository) -> list[str]:
    found = offline(repo, Asked(base="main")).findings
    return [f"{each.severity} {each.message}" for each in found if each.code == "MC110"]


def test_a_landed_snapshot_that_this_change_deletes_comes_back_from_base(a_repo: GitRepository) -> None:
    _with_snapshots(a_repo)
    never = "warning 0000_users has no snapshot"
    assert _snapshots(a_repo) == [never]

    a_repo.commit({"drizzle/meta/0001_snapshot.json": None})

    assert _snapshots(a_repo) == ["warning 0001_posts has no snapshot any more", never]
    found, *_ = (each for each in offline(a_repo, Asked(base="main")).findings if each.code == "MC110")
    base = a_repo.git("rev-parse", "main")[:12]
    assert found.fix == f"Put it back as it was: `git checkout {base} -- :/drizzle/meta/0001_snapshot.json`."
    run_fix(a_repo, found.fix)
    assert _snapshots(a_repo) == [never]


def test_many_landed_snapshots_that_this_change_deletes_are_one_finding(a_repo: GitRepository) -> None:
    drizzle = _with_snapshots(a_repo)
    for snapshot in drizzle.glob("meta/*_snapshot.json"):
        snapshot.unlink()

    found, *_ = (each for each in offline(a_repo, Asked(base="main")).findings if each.code == "MC110")

    base = a_repo.git("rev-parse", "main")[:12]
    assert (found.severity, found.message) == ("warning", "0001_posts, 0002_tags have no snapshot any more")
    assert found.fix == (
        f"Put it back as it was: `git checkout {base} -- :/drizzle/meta/0001_snapshot.json`, and so the others."
    )


def test_a_deleted_snapshot_of_a_folder_that_moved(a_repo: GitRepository) -> None:
    drizzle = _with_snapshots(a_repo)
    (drizzle / "meta/0001_snapshot.json").unlink()
    (a_repo / "db").mkdir()
    drizzle.rename(a_repo / "db" / "drizzle")
    a_repo.commit()

    found, *_ = (each for each in offline(a_repo, Asked(base="main"), "db/drizzle").findings if each.code == "MC110")

    run_fix(a_repo, found.fix, "db/drizzle")
    assert (a_repo / "db/drizzle/meta/0001_snapshot.json").is_file()


def test_a_deleted_snapshot_of_what_head_brought_comes_back_from_head(a_repo: GitRepository) -> None:
    """On the default branch base is the commit before, to which the newest migration is new."""
    drizzle = _with_snapshots(a_repo)
    add_migration(drizzle, "0003_new", "select 1;")
    head = a_repo.commit()[:12]
    (drizzle / "meta/0003_snapshot.json").unlink()

    found, *_ = (each for each in offline(a_repo, Asked(base="main")).findings if each.code == "MC110")

    assert (found.severity, found.message) == ("error", "0003_new has no snapshot any more")
    assert found.fix == f"Put it back as it was: `git checkout {head} -- :/drizzle/meta/0003_snapshot.json`."
    run_fix(a_repo, found.fix)
    assert len(_snapshots(a_repo)) == 1


def test_a_deleted_snapshot_of_1_0_comes_back(a_repo: GitRepository) -> None:
    tag = "20240102000000_posts"
    a_folder_1_0(a_repo / "drizzle", {"20240101000000_users": "select 1;", tag: "select 1;"})
    head = a_repo.commit()[:12]
    (a_repo / f"drizzle/{tag}/snapshot.json").unlink()

    assert found_in(a_repo, "MC110").fix == (
        f"Put it back as it was: `git checkout {head} -- :/drizzle/{tag}/snapshot.json`."
    )
