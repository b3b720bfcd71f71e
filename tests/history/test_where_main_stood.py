"""Base of a checkout that the remote's main has: where main stood before, as far as this clone saw it."""

from pathlib import Path

import pytest

from migcheck.facts.history.history import Base
from tests.support.folders import drop_entry
from tests.support.histories import FOLDER, a_history, a_landed_folder, add, base_of, told
from tests.support.repositories import GitRepository, init

PUSHED = "where origin/main stood before HEAD was pushed to it from this clone"
FIRST_PARENT = "the first parent of HEAD, which is on origin/main"


@pytest.fixture
def origin(a_repo: GitRepository, tmp_path: Path) -> GitRepository:
    """A bare repository whose main has a folder that landed."""
    a_landed_folder(a_repo)
    a_repo.switch("main")
    return a_repo.clone(tmp_path / "origin.git", "--bare")


@pytest.fixture
def mine(origin: GitRepository, tmp_path: Path) -> GitRepository:
    return origin.clone(tmp_path / "mine")


@pytest.fixture
def theirs(origin: GitRepository, tmp_path: Path) -> GitRepository:
    """The clone of somebody else."""
    return origin.clone(tmp_path / "theirs")


def fix(repo: GitRepository, tag: str) -> str:
    """Commit another text of a migration."""
    return repo.commit({f"{FOLDER}/{tag}.sql": "select 'mended';"})


def push(repo: GitRepository, *options: str) -> str:
    repo.git("push", "--quiet", *options, "origin", "HEAD:main")
    return repo.head


def test_a_branch_that_mended_its_own_migration_and_was_pushed_at_once(mine: GitRepository) -> None:
    landed = mine.head
    add(mine, "0003_likes")
    fix(mine, "0003_likes")
    push(mine)

    assert base_of(mine) == (landed, PUSHED)
    assert told(a_history(mine)) == []


def test_a_branch_that_made_its_migration_anew_in_review(mine: GitRepository) -> None:
    landed = mine.head
    mine.branch("feature")
    add(mine, "0003_likes")
    drop_entry(mine / FOLDER, "0003_likes")
    (mine / FOLDER / "0003_likes.sql").unlink()
    add(mine, "0003_loves")
    mine.switch("main")
    mine.git("merge", "--quiet", "--ff-only", "feature")
    push(mine)

    assert base_of(mine) == (landed, PUSHED)
    assert told(a_history(mine)) == []


def test_a_branch_that_merged_main_and_made_its_migration_anew(mine: GitRepository, theirs: GitRepository) -> None:
    mine.branch("feature")
    add(mine, "0003_mine")
    add(theirs, "0003_theirs")
    landed = push(theirs)
    mine.git("fetch", "--quiet")
    mine.merge("origin/main")
    mine.git("checkout", "--quiet", landed, "--", FOLDER)
    (mine / FOLDER / "0003_mine.sql").unlink()
    add(mine, "0004_mine")
    mine.switch("main")
    mine.git("merge", "--quiet", "--ff-only", "feature")
    push(mine)

    assert base_of(mine) == (landed, PUSHED)
    assert told(a_history(mine)) == []


def test_of_several_pushes_the_one_that_brought_head_counts(mine: GitRepository) -> None:
    add(mine, "0003_likes")
    second = push(mine)
    add(mine, "0004_more")
    fix(mine, "0003_likes")
    third = push(mine)

    assert base_of(mine) == (second, PUSHED)
    assert told(a_history(mine)) == [("MC201", "error", "0003_likes")]

    add(mine, "0005_last")
    push(mine)
    mine.git("switch", "--quiet", "--detach", third)
    assert base_of(mine) == (second, PUSHED)


def test_a_fetch_that_brought_several_commits_may_have_passed_over_what_main_was(
    mine: GitRepository, theirs: GitRepository
) -> None:
    """Main stood at each of the two: what the first brought may run in production."""
    add(theirs, "0003_likes")
    between = push(theirs)
    fix(theirs, "0003_likes")
    push(theirs)
    mine.git("pull", "--quiet")

    assert base_of(mine) == (between, FIRST_PARENT)
    assert told(a_history(mine)) == [("MC201", "error", "0003_likes")]


def test_a_push_over_what_another_remote_brought(mine: GitRepository, tmp_path: Path) -> None:
    """A fork that is brought up to date: the main that changes land on is the other one."""
    upstream = init(tmp_path / "upstream.git", "--bare")
    mine.git("remote", "add", "upstream", upstream.top.as_uri())
    add(mine, "0003_likes")
    mine.git("push", "--quiet", "upstream", "main")
    between = mine.head
    fix(mine, "0003_likes")
    push(mine)

    assert base_of(mine) == (between, FIRST_PARENT)


def test_a_forced_push_that_took_back_what_had_landed(mine: GitRepository) -> None:
    landed = mine.head
    add(mine, "0003_likes")
    push(mine)
    mine.git("reset", "--quiet", "--hard", landed)
    add(mine, "0003_loves")
    between = mine.head
    add(mine, "0004_more")
    push(mine, "--force")

    assert base_of(mine) == (between, FIRST_PARENT)


def test_a_reflog_of_which_git_dropped_what_was_between(mine: GitRepository) -> None:
    """Git forgets forced pushes sooner than others, and each entry still names both of its ends."""
    add(mine, "0003_likes")
    push(mine)
    add(mine, "0004_more")
    between = push(mine)
    parent = add(mine, "0005_next")
    add(mine, "0006_last")
    last = push(mine)
    log = mine / ".git/logs/refs/remotes/origin/main"
    first, second, third = log.read_text().splitlines(keepends=True)

    log.write_text(first + third)
    assert base_of(mine) == (between, PUSHED)

    add(mine, "0007_later")
    push(mine)
    mine.git("switch", "--quiet", "--detach", last)
    log.write_text(first + second + log.read_text().splitlines(keepends=True)[-1])
    assert base_of(mine) == (parent, FIRST_PARENT)


def test_a_push_that_made_the_branch_says_nothing_of_before(mine: GitRepository, tmp_path: Path) -> None:
    empty = init(tmp_path / "empty.git", "--bare")
    mine.git("remote", "set-url", "origin", empty.top.as_uri())
    mine.git("update-ref", "-d", "refs/remotes/origin/main")
    between = add(mine, "0003_likes")
    add(mine, "0004_more")
    push(mine)

    assert base_of(mine) == (between, FIRST_PARENT)


def test_a_clone_that_saw_no_move(mine: GitRepository, origin: GitRepository, tmp_path: Path) -> None:
    between = add(mine, "0003_likes")
    fix(mine, "0003_likes")
    push(mine)

    assert base_of(origin.clone(tmp_path / "of-ci")) == (between, FIRST_PARENT)


def test_main_without_a_remote(a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    between = add(a_repo, "0003_likes")
    fix(a_repo, "0003_likes")
    a_repo.switch("main")
    a_repo.git("merge", "--quiet", "--ff-only", "feature")

    assert base_of(a_repo) == (between, "the first parent of HEAD, which is on main")


@pytest.mark.parametrize("remote", [True, False])
def test_only_what_a_remote_has_is_known_to_have_landed(
    mine: GitRepository, a_repo: GitRepository, *, remote: bool
) -> None:
    repository = mine if remote else a_repo
    add(repository, "0003_likes")
    before = a_history(repository).base
    if remote:
        push(mine)
    after = a_history(repository).base
    assert isinstance(before, Base)
    assert isinstance(after, Base)
    assert (before.landed, after.landed) == (False, remote)
