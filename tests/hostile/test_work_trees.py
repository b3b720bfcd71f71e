"""Work trees that do not hold what git has: left out on purpose, not looked at, or under another name."""

import pytest

from tests.support.canary import state
from tests.support.command import Command
from tests.support.folders import change_entry
from tests.support.histories import FOLDER, a_history, a_landed_folder, told
from tests.support.repositories import GitRepository

CONFIG = {"drizzle.config.ts": "export default { dialect: 'postgresql' }"}


@pytest.mark.parametrize(
    "sparse",
    [
        ("--no-cone", "/*", "!/drizzle/*.sql"),
        ("--cone", "app"),
        ("--cone", "--sparse-index", "app"),
    ],
    ids=["some files", "the folder", "with a sparse index"],
)
def test_what_a_sparse_checkout_leaves_out_is_not_deleted(
    command: Command, a_repo: GitRepository, sparse: tuple[str, ...]
) -> None:
    a_landed_folder(a_repo)
    a_repo.commit({**CONFIG, "app/index.ts": ""})
    a_repo.git("sparse-checkout", "set", *sparse)
    ran = command("verify", "--offline", cwd=a_repo.top)
    assert (ran.code, "of drizzle, such as drizzle/0000_users.sql" in ran.err) == (3, True), ran.out + ran.err
    assert "`git sparse-checkout add drizzle`" in ran.err
    assert command("verify", "--offline", "--staged", cwd=a_repo.top).code == 0


def test_what_drizzle_does_not_read_may_be_left_out(command: Command, a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    a_repo.commit({**CONFIG, "drizzle/meta/_journal.json.backup": "{}"})
    a_repo.git("sparse-checkout", "set", "--no-cone", "/*", "!*.backup")
    assert command("verify", "--offline", cwd=a_repo.top).code == 0


def test_a_file_that_somebody_deleted_is_deleted(command: Command, a_repo: GitRepository) -> None:
    folder = a_landed_folder(a_repo)
    (folder / "0002_tags.sql").unlink()
    ran = command("verify", FOLDER, "--offline", cwd=a_repo.top)
    assert (ran.code, "there is no 0002_tags.sql" in ran.out) == (1, True), ran.out + ran.err


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_an_edit_that_git_was_told_not_to_see_is_seen(a_repo: GitRepository, flag: str) -> None:
    a_landed_folder(a_repo)
    a_repo.git("update-index", flag, "drizzle/0000_users.sql")
    a_repo.write({"drizzle/0000_users.sql": "select 'edited';"})
    assert told(a_history(a_repo)) == [("MC201", "error", "0000_users")]
    assert told(a_history(a_repo, staged=True)) == []


def test_a_name_that_differs_in_case_alone_is_another(a_repo: GitRepository) -> None:
    folder = a_landed_folder(a_repo)
    a_repo.git("config", "core.ignoreCase", "true")
    (folder / "0000_users.sql").rename(folder / "0000_Users.sql")
    change_entry(folder, "0000_users", rename="0000_Users")
    assert told(a_history(a_repo)) == [("MC203", "error", "0000_Users")]


@pytest.mark.parametrize("junk", [b"", b"DIRC", b"garbage" * 99], ids=["empty", "cut", "garbage"])
def test_an_index_that_cannot_be_read_is_told(command: Command, a_repo: GitRepository, junk: bytes) -> None:
    a_landed_folder(a_repo)
    (a_repo / ".git/index").write_bytes(junk)
    for way in ((), ("--staged",), ("--staged", "--if-changed")):
        ran = command("verify", FOLDER, "--offline", *way, cwd=a_repo.top)
        assert (ran.code, "git ls-files failed" in ran.err) == (3, True), ran.out + ran.err


def test_an_index_that_somebody_holds_is_read_and_left_alone(command: Command, a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    (a_repo / ".git/index.lock").touch()
    before = state(a_repo.top)
    assert command("verify", FOLDER, "--offline", cwd=a_repo.top).code == 0
    assert command("verify", FOLDER, "--offline", "--staged", cwd=a_repo.top).code == 0
    a_repo.git("config", "core.splitIndex", "true")
    before = state(a_repo.top)
    assert command("verify", FOLDER, "--offline", "--revision", "HEAD", cwd=a_repo.top).code == 0
    assert state(a_repo.top) == before


def test_objects_that_cannot_be_read_are_told(command: Command, a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    tree = a_repo.git("rev-parse", "HEAD:drizzle")
    stored = a_repo / f".git/objects/{tree[:2]}/{tree[2:]}"
    stored.chmod(0o644)
    stored.write_bytes(b"garbage")
    ran = command("verify", FOLDER, "--offline", cwd=a_repo.top)
    assert (ran.code, "git ls-tree failed" in ran.out, "run `git fsck`" in ran.out) == (3, True, True), ran.out
