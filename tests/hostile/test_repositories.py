"""Repositories that are not what they seem: what landed in one is never told of another's files."""

import shutil
from pathlib import Path

import pytest

from migcheck.errors import UndecidableError
from migcheck.facts.git.open_repository import NoRepository, open_repository
from migcheck.facts.git.repository import Repository
from migcheck.facts.history.history import NothingLanded
from tests.support.command import Command
from tests.support.folders import a_folder
from tests.support.histories import FOLDER, a_history, a_landed_folder, told
from tests.support.repositories import GitRepository, init


def refused(place: Path) -> NoRepository:
    found = open_repository(place, {})
    assert isinstance(found, NoRepository), found
    return found


def a_repository_among_the_files(repo: GitRepository, *, bare: str) -> None:
    """Commit, as plain files of the folder, a bare repository in which the edited folder has landed."""
    folder = repo / FOLDER
    repo.write({"drizzle/0000_users.sql": "select 'edited';"})
    inner = init(repo.top.parent / "inner")
    shutil.copytree(folder, inner.top, dirs_exist_ok=True)
    inner.commit()
    for name in ("HEAD", "config", "objects", "refs"):
        kept = inner / ".git" / name
        (shutil.copytree if kept.is_dir() else shutil.copy)(kept, folder / name)
    (folder / "config").write_text(f"[core]\n\trepositoryformatversion = 0\n\tbare = {bare}\n\tworktree = .\n")
    repo.commit()


def test_a_repository_that_was_committed_into_the_folder_proves_nothing(
    command: Command, a_repo: GitRepository
) -> None:
    a_landed_folder(a_repo)
    a_repository_among_the_files(a_repo, bare="false")
    ran = command("verify", FOLDER, "--offline", cwd=a_repo.top)
    assert (ran.code, "0000_users.sql" in ran.out) == (3, False), ran.out
    assert "is not where its files are said to be" in " ".join(ran.out.split())


def test_one_that_says_it_is_bare_has_no_files(a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    a_repository_among_the_files(a_repo, bare="true")
    (a_repo / FOLDER / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = true\n")
    assert refused(a_repo / FOLDER).reason == f"{a_repo / FOLDER} is in a bare repository, which has no files"


@pytest.mark.parametrize("elsewhere", ["other", "nowhere", ".."])
def test_a_repository_whose_files_are_said_to_be_elsewhere(
    a_repo: GitRepository, tmp_path: Path, elsewhere: str
) -> None:
    a_landed_folder(a_repo)
    a_landed_folder(init(tmp_path / "other"))
    a_repo.git("config", "core.worktree", str(tmp_path / elsewhere))
    assert "core.worktree" in refused(a_repo / FOLDER).remedy


def test_the_ways_a_work_tree_names_its_repository(a_repo: GitRepository, tmp_path: Path) -> None:
    a_landed_folder(a_repo)
    linked = a_repo.worktree(tmp_path / "linked", "other")
    apart = init(tmp_path / "apart", f"--separate-git-dir={tmp_path / 'kept'}")
    behind = init(tmp_path / "behind")
    (behind / ".git").rename(tmp_path / "moved")
    (behind / ".git").symlink_to(tmp_path / "moved")
    module = a_repo.submodule(linked, "packages/db")
    for each in (a_repo, linked, apart, behind, module):
        found = open_repository(each.top, {})
        assert isinstance(found, Repository), found
        assert found.top == each.top


@pytest.mark.parametrize("text", ["gitdir: /nowhere\n", "gitdir: .git\n"])
def test_a_file_that_names_a_repository_which_is_not_there(tmp_path: Path, text: str) -> None:
    (tmp_path / ".git").write_text(text)
    found = refused(tmp_path)
    assert f"{tmp_path / '.git'} names a repository that is not there" in found.reason
    assert "git submodule update --init" in found.remedy


def test_a_file_that_names_no_repository(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("garbage")
    assert "invalid gitfile format" in refused(tmp_path).reason


def test_a_format_that_this_git_does_not_know(a_repo: GitRepository) -> None:
    a_repo.git("config", "core.repositoryFormatVersion", "1")
    a_repo.git("config", "extensions.noSuchThing", "true")
    found = refused(a_repo.top)
    assert "nosuchthing" in found.reason
    assert found.remedy == "install a newer git; else see what `git status` says"


@pytest.mark.parametrize("content", ["", "garbage\n", "0" * 40 + "\n"], ids=["empty", "garbage", "zeros"])
@pytest.mark.parametrize("checked_out", ["main", "feature"])
def test_a_branch_that_cannot_be_read_is_not_taken_for_none(
    a_repo: GitRepository, content: str, checked_out: str
) -> None:
    """A machine that lost power leaves branches behind that are empty; then nothing, or another branch, had landed."""
    a_landed_folder(a_repo)
    a_repo.commit({"drizzle/0000_users.sql": "select 'edited';"})
    a_repo.switch(checked_out)
    (a_repo / ".git/refs/heads/main").write_text(content)
    with pytest.raises(UndecidableError, match="the branch refs/heads/main cannot be read") as error:
        a_history(a_repo)
    assert "`git update-ref -d refs/heads/main`" in error.value.remedy


def test_a_repository_without_a_commit_has_no_branch_that_is_broken(a_repo: GitRepository) -> None:
    a_folder(a_repo / FOLDER, {"0000_a": "select 1;"})
    assert a_history(a_repo).base == NothingLanded("the repository has no commit yet", unlanded=True)


@pytest.mark.parametrize("name", [":(exclude)x", ":!x", ":(glob)**", "-rf", "*"])
def test_a_folder_whose_name_is_a_pattern_of_gits(a_repo: GitRepository, name: str) -> None:
    a_landed_folder(a_repo, name)
    a_repo.commit({f"{name}/0000_users.sql": "select 'edited';"})
    for staged in (False, True):
        assert told(a_history(a_repo, name, staged=staged)) == [("MC201", "error", "0000_users")]
