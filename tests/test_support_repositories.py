"""The builder itself: what the history tests stand on."""

from pathlib import Path

import pytest

from tests.support.repositories import FIRST_COMMIT, GitRepository, init


def test_a_repository_is_built_branch_by_branch(a_repo: GitRepository, tmp_path: Path) -> None:
    first = a_repo.commit({"drizzle/ü.sql": "select 1;"})
    a_repo.branch("feature")
    a_repo.commit({"feature.txt": "x"})
    a_repo.switch("main")
    merged = a_repo.merge("feature")
    shallow = a_repo.clone(tmp_path / "clone", depth=1)

    assert a_repo.git("rev-list", "--first-parent", "HEAD").split() == [merged, first]
    assert shallow.git("rev-list", "HEAD").split() == [merged]
    assert (shallow / "drizzle/ü.sql").read_bytes() == b"select 1;"


def test_a_commit_is_the_one_that_git_makes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.support.repositories._date", lambda: f"{FIRST_COMMIT} +0000")
    written, by_git = (init(tmp_path / name) for name in ("written", "git"))
    # Where anything is set, git makes it.
    by_git.git("config", "user.name", "Ada")
    for repository in (written, by_git):
        (repository / "link").symlink_to("a0")
        repository.commit(
            {"a.b": "1", "a/b": "2", "a0": "3", "\u00fc/d/e": b"\0\r\n", f"{'long' * 30}/{'name' * 40}": "4"}
        )
        repository.branch("feature/one")
        (repository / "a0").chmod(0o755)
        repository.commit({"a/b": "", "a.b": None}, "R\u00e9union (#1)")
        repository.commit()

    told = ["log", "--walk-reflogs", "--format=%H %gD %gs"], ["ls-files", "--stage"], ["show", "--summary", "HEAD~1"]
    assert [written.git(*each) for each in told] == [by_git.git(*each) for each in told]
    assert [(each / ".git/COMMIT_EDITMSG").exists() for each in (written, by_git)] == [False, True]
    assert (written.git("fsck", "--strict"), written.git("status", "--short")) == ("", "")


def test_what_git_alone_knows_is_left_to_it(a_repo: GitRepository) -> None:
    a_repo.commit({"kept": "", "left": ""})
    a_repo.git("update-index", "--assume-unchanged", "left")
    a_repo.commit({".gitignore": "ignored", "ignored": "", "left": "changed"})

    assert a_repo.git("ls-tree", "--name-only", "HEAD").split() == [".gitignore", "kept", "left"]
    assert a_repo.git("show", "HEAD:left") == ""
