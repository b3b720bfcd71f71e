"""`[history] grace` from the command line: what a change under review is told about its own."""

import time

import pytest
from tests.support.command import Command
from tests.support.folders import a_folder
from tests.support.repositories import GitRepository

USERS = {"0000_users": "create table users (id int);"}


@pytest.fixture
def repo(a_repo: GitRepository) -> GitRepository:
    """A folder that landed an hour ago, with a grace of a day."""
    a_folder(a_repo / "drizzle", USERS, snapshots=False)
    a_repo.stage({"migcheck.toml": "[history]\ngrace = '1d'\n[[folder]]\npath = 'drizzle'\n"})
    date = f"{int(time.time()) - 3600} +0000"
    a_repo.git("commit", "--quiet", "-m", "Land", GIT_COMMITTER_DATE=date, GIT_AUTHOR_DATE=date)
    a_repo.write({"drizzle/0000_users.sql": "create table users (id bigint);"})
    return a_repo


@pytest.mark.server
@pytest.mark.usefixtures("lent_17")
def test_an_edit_within_it_is_rehearsed_and_warns(repo: GitRepository, command: Command) -> None:
    ran = command("verify", cwd=repo.top)
    assert ran.code == 0, ran.out
    assert "warning MC201 landed-migration-edited\n  drizzle/0000_users.sql:1\n" in ran.out
    assert "0000_users landed 1 hour ago, within the grace of 1d, and its SQL is not what landed" in ran.out


@pytest.mark.server
@pytest.mark.usefixtures("lent_17")
def test_an_edit_within_it_that_does_not_run_blocks(repo: GitRepository, command: Command) -> None:
    repo.write({"drizzle/0000_users.sql": "create tabel users (id bigint);"})
    ran = command("verify", cwd=repo.top)
    assert (ran.code, "42601" in ran.out) == (1, True)


def test_what_a_change_gives_itself_is_told_and_not_taken(repo: GitRepository, command: Command) -> None:
    repo.git("commit", "--quiet", "--amend", "--no-edit", GIT_COMMITTER_DATE="1700000000 +0000")
    repo.write({"migcheck.toml": "[history]\ngrace = '9999d'\n[[folder]]\npath = 'drizzle'\n"})
    ran = command("verify", "--offline", cwd=repo.top)
    assert ran.code == 1
    assert "  ! migcheck.toml: history.grace: 1d -> 9999d\n" in ran.out
    assert "days ago, and the grace is 1d\n" in ran.out


@pytest.mark.parametrize("said", ["36", "1w", "-2h", "h", "1.5d"])
def test_what_is_no_time(repo: GitRepository, command: Command, said: str) -> None:
    repo.write({"migcheck.toml": f"[history]\ngrace = '{said}'\n"})
    ran = command("verify", "--offline", cwd=repo.top)
    told = 'migcheck: migcheck.toml:2: history.grace: it is a number of hours or days, such as "36h" or "2d"'
    assert (ran.code, ran.err.splitlines()[0]) == (2, told)
