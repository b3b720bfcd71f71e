"""Whether a migration ever landed without another, in the commits of a real repository."""

from pathlib import Path

import pytest

from tests.support.folders import add_migration, change_entry
from tests.support.histories import a_history, a_landed_folder
from tests.support.repositories import GitRepository


@pytest.fixture
def both(a_repo: GitRepository) -> Path:
    """Two migrations that came in one commit to a folder that was there."""
    drizzle = a_landed_folder(a_repo)
    for tag in ("0003_one", "0004_other"):
        add_migration(drizzle, tag, f"select '{tag}';", snapshot=False)
    a_repo.commit()
    return drizzle


def never_without(repo: GitRepository, one: str = "0003_one", other: str = "0004_other") -> bool:
    history = a_history(repo, base="HEAD")
    assert history.before is not None
    landed = history.before.by_tag()
    return history.never_without(landed[one], landed[other])


def test_what_came_together_never_was_alone(a_repo: GitRepository, both: Path) -> None:
    assert never_without(a_repo)
    add_migration(both, "0005_later", "select 5;", snapshot=False)
    a_repo.commit()
    assert never_without(a_repo)
    assert not never_without(a_repo, "0003_one", "0005_later")


def test_what_came_with_the_whole_folder_may_have_been_alone_before(a_repo: GitRepository, both: Path) -> None:
    assert both.exists()
    assert not never_without(a_repo, "0000_users", "0002_tags")


def test_a_journal_that_could_not_be_read_does_not_tell(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    journal = (drizzle / "meta/_journal.json").read_bytes()
    a_repo.commit({"drizzle/meta/_journal.json": "<<<<<<< HEAD\n"})
    a_repo.write({"drizzle/meta/_journal.json": journal})
    for tag in ("0003_one", "0004_other"):
        add_migration(drizzle, tag, f"select '{tag}';", snapshot=False)
    a_repo.commit()
    assert not never_without(a_repo)


def test_a_clone_that_lacks_a_state_does_not_tell(a_repo: GitRepository, both: Path) -> None:
    sql = (both / "0003_one.sql").read_bytes()
    a_repo.commit({"drizzle/0003_one.sql": "select 'lost';"})
    lost = a_repo.git("rev-parse", "HEAD:drizzle/0003_one.sql")
    a_repo.commit({"drizzle/0003_one.sql": sql})
    (a_repo / ".git" / "objects" / lost[:2] / lost[2:]).unlink()
    assert not never_without(a_repo)


def test_a_merge_is_one_landing(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    for tag in ("0003_one", "0004_other"):
        add_migration(drizzle, tag, f"select '{tag}';", snapshot=False)
        a_repo.commit()
    assert not never_without(a_repo)
    a_repo.switch("main")
    a_repo.git("merge", "--quiet", "--no-ff", "--no-edit", "feature")
    assert never_without(a_repo)


def test_another_text_may_have_run(a_repo: GitRepository, both: Path) -> None:
    a_repo.commit({"drizzle/0004_other.sql": "select 'another';"})
    assert both.exists()
    assert not never_without(a_repo)


def test_with_another_when_it_may_have_been_skipped(a_repo: GitRepository, both: Path) -> None:
    change_entry(both, "0004_other", when=1_900_000_000_000)
    a_repo.commit()
    assert not never_without(a_repo)


def test_a_shallow_clone_does_not_tell(a_repo: GitRepository, both: Path, tmp_path: Path) -> None:
    assert both.exists()
    clone = a_repo.clone(tmp_path / "clone", depth=1)
    history = a_history(clone, base="HEAD")
    assert history.before is not None
    landed = history.before.by_tag()
    assert not history.never_without(landed["0003_one"], landed["0004_other"])
