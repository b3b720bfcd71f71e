"""Finding a repository, and reading its trees: whatever the environment or its configuration would like."""

import os
import shutil
from pathlib import Path

import pytest

from migcheck.drizzle.folder import CONFLICT
from migcheck.errors import UndecidableError
from migcheck.facts.git.open_repository import NoRepository, open_repository
from migcheck.facts.read_folder import read_folder
from migcheck.facts.tree import LINK_OUT, Tree
from tests.support.folders import add_migration
from tests.support.histories import FOLDER, a_history, a_landed_folder, opened, told
from tests.support.repositories import GitRepository, init


def contents(tree: Tree, under: str = FOLDER) -> dict[str, bytes | str]:
    """Everything below `under`: bytes, or the problem."""
    return {each.path: each.problem or tree.read(each.path) for each in tree.files(under)}


def test_no_repository(tmp_path: Path) -> None:
    assert open_repository(tmp_path) == NoRepository(
        f"{tmp_path} is in no git repository, so nothing is known of what landed",
        "run migcheck in a clone (in an image: copy .git, too), or `git init` and commit",
    )


def test_a_bare_repository(a_repo: GitRepository, tmp_path: Path) -> None:
    a_repo.commit()
    a_repo.clone(tmp_path / "bare", "--bare")

    assert open_repository(tmp_path / "bare") == NoRepository(
        f"{tmp_path / 'bare'} is in a bare repository, which has no files", "run migcheck in a clone of it"
    )


def test_a_repository_of_another_user(a_repo: GitRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only root can give a directory away, so git is told to take the repository for another user's."""
    a_repo.commit()
    _stand_before_git(tmp_path / "bin", "GIT_TEST_ASSUME_DIFFERENT_OWNER=1")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    (a_repo / "below").mkdir()

    assert open_repository(a_repo / "below") == NoRepository(
        f"git refuses to read the repository at {a_repo.top}: it belongs to another user",
        f"`git config --global --add safe.directory {a_repo.top}`",
    )


def _stand_before_git(directory: Path, variable: str) -> None:
    """A `git` in `directory` that is the real one with `variable` set: migcheck keeps the caller's from it."""
    directory.mkdir()
    (directory / "git").write_text(f'#!/bin/sh\n{variable} exec {shutil.which("git")} "$@"\n')
    (directory / "git").chmod(0o755)


def test_a_broken_repository(a_repo: GitRepository) -> None:
    (a_repo / ".git/config").write_text("[core\n")

    found = open_repository(a_repo.top)

    assert isinstance(found, NoRepository)
    assert "bad config line 1" in found.reason


def test_no_git_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert open_repository(tmp_path) == NoRepository(
        "git cannot be started, so nothing is known of what landed", "install git 2.31 or newer"
    )


def test_the_three_trees_are_told_apart(a_repo: GitRepository) -> None:
    a_repo.commit({"drizzle/0000_a.sql": "committed", "elsewhere.sql": "x"})
    a_repo.stage({"drizzle/0000_a.sql": "staged", "drizzle/0001_b.sql": "staged, too"})
    a_repo.write({"drizzle/0000_a.sql": "lies about", "drizzle/0001_b.sql": None, "drizzle/0002_c.sql": "new"})
    repository = opened(a_repo.top)

    assert contents(repository.revision("HEAD")) == {"drizzle/0000_a.sql": b"committed"}
    assert contents(repository.index()) == {"drizzle/0000_a.sql": b"staged", "drizzle/0001_b.sql": b"staged, too"}
    assert contents(repository.worktree()) == {"drizzle/0000_a.sql": b"lies about", "drizzle/0002_c.sql": b"new"}
    assert repository.index().find("elsewhere.sql") == b"x"
    assert repository.index().find("nowhere.sql") is None


def test_a_file_that_is_only_announced_is_not_staged(a_repo: GitRepository) -> None:
    a_repo.commit({"drizzle/0000_a.sql": "", "drizzle/0001_b.sql": "gone from disk"})
    a_repo.write({"drizzle/0002_c.sql": "select 1;", "drizzle/0001_b.sql": None})
    a_repo.git("add", "--intent-to-add", "drizzle/0002_c.sql")

    assert contents(opened(a_repo.top).index()) == {
        "drizzle/0000_a.sql": b"",
        "drizzle/0001_b.sql": b"gone from disk",
    }


@pytest.mark.parametrize("name", ["0000_größe.sql", "0000 a b.sql", "0000\tnew\nline.sql", '0000_"quoted".sql'])
def test_any_name_is_read(a_repo: GitRepository, name: str) -> None:
    a_repo.commit({f"drizzle ü/[x]*/{name}": "select 1;", "drizzle ü/xx/other.sql": "select 2;"})
    repository = opened(a_repo.top)

    for tree in (repository.worktree(), repository.index(), repository.revision("HEAD")):
        assert contents(tree, "drizzle ü/[x]*") == {f"drizzle ü/[x]*/{name}": b"select 1;"}


def test_a_repository_with_sha_256(tmp_path: Path) -> None:
    repo = init(tmp_path / "repo", "--object-format=sha256")
    a_landed_folder(repo)
    repo.commit({"drizzle/0000_users.sql": "select 'edited';"})

    assert told(a_history(repo)) == [("MC201", "error", "0000_users")]


def test_links_are_followed_within_the_folder_only(a_repo: GitRepository) -> None:
    a_repo.write({"drizzle/shared/real.sql": "select 1;", "secret.sql": "secret"})
    (a_repo / "drizzle/0000_in.sql").symlink_to("shared/real.sql")
    (a_repo / "drizzle/0001_out.sql").symlink_to("../secret.sql")
    (a_repo / "drizzle/0002_far.sql").symlink_to("/etc/passwd")
    a_repo.commit()
    repository = opened(a_repo.top)

    for tree in (repository.worktree(), repository.index(), repository.revision("HEAD")):
        assert contents(tree) == {
            "drizzle/0000_in.sql": b"select 1;",
            "drizzle/0001_out.sql": LINK_OUT,
            "drizzle/0002_far.sql": LINK_OUT,
            "drizzle/shared/real.sql": b"select 1;",
        }


def test_a_link_to_itself(a_repo: GitRepository) -> None:
    a_repo.write({"drizzle/0001_a.sql": "x"})
    (a_repo / "drizzle/0000_loop.sql").symlink_to("0000_loop.sql")
    a_repo.commit()

    assert contents(opened(a_repo.top).revision("HEAD"))["drizzle/0000_loop.sql"] == (
        "a symbolic link that leads to itself"
    )


def test_an_index_in_conflict(a_repo: GitRepository) -> None:
    drizzle = a_landed_folder(a_repo)
    add_migration(drizzle, "0003_mine", "select 1;", snapshot=False)
    a_repo.commit()
    a_repo.switch("main")
    add_migration(drizzle, "0003_theirs", "select 2;", when=1_800_000_000_000, snapshot=False)
    a_repo.commit()
    with pytest.raises(AssertionError, match="git merge"):
        a_repo.git("merge", "feature")

    folder = read_folder(opened(a_repo.top).index(), FOLDER)

    assert [each.path for each in opened(a_repo.top).index().files(FOLDER) if each.problem == CONFLICT] == [
        "drizzle/meta/_journal.json"
    ]
    assert "in conflict" in getattr(folder.journal, "problem", "")


def test_git_variables_do_not_misdirect(a_repo: GitRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hook of another repository started this run: its repository, index and objects are none of ours."""
    a_landed_folder(a_repo)
    a_repo.commit({"drizzle/0000_users.sql": "select 'edited';"})
    other = init(tmp_path / "other")
    other.commit({"drizzle/9999_other.sql": "select 1;"})
    misleading = {
        "GIT_DIR": str(other / ".git"),
        "GIT_WORK_TREE": str(other.top),
        "GIT_COMMON_DIR": str(other / ".git"),
        "GIT_INDEX_FILE": str(other / ".git/index"),
        "GIT_OBJECT_DIRECTORY": str(other / ".git/objects"),
        "GIT_NAMESPACE": "other",
        "GIT_CEILING_DIRECTORIES": str(a_repo.top),
        "GIT_CONFIG_PARAMETERS": "'core.bare=true'",
        "GIT_EXTERNAL_DIFF": "false",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_TRACE": str(tmp_path / "trace"),
        "GIT_SHALLOW_FILE": "/dev/null",
        "GIT_REPLACE_REF_BASE": "refs/heads/",
    }
    for name, value in misleading.items():
        monkeypatch.setenv(name, value)
    before = dict(os.environ)

    history = a_history(a_repo, environ=os.environ, staged=True)

    assert told(history) == [("MC201", "error", "0000_users")]
    assert history.lookup("0" * 64) is None
    assert dict(os.environ) == before
    assert not (tmp_path / "trace").exists()


def test_what_the_configuration_names_is_never_started(a_repo: GitRepository, tmp_path: Path) -> None:
    drizzle = a_landed_folder(a_repo)
    a_repo.write({".gitattributes": "*.sql filter=evil diff=evil\n"})
    add_migration(drizzle, "0003_likes", "select 1;", snapshot=False)
    a_repo.commit()
    sign = tmp_path / "was-here"
    program = tmp_path / "evil"
    program.write_text(f"#!/bin/sh\ntouch {sign}\ncat\n")
    program.chmod(0o755)
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for hook in ("post-index-change", "reference-transaction", "fsmonitor-watchman"):
        (hooks / hook).symlink_to(program)
    for key in (
        "core.fsmonitor",
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.evil.process",
        "diff.evil.textconv",
        "diff.evil.command",
        "diff.external",
        "core.pager",
        "pager.ls-tree",
        "pager.rev-list",
        "core.sshCommand",
        "core.editor",
        "credential.helper",
        "gpg.program",
    ):
        a_repo.git("config", key, str(program))
    for alias in ("rev-parse", "ls-tree", "cat-file", "ls-files", "merge-base", "for-each-ref"):
        a_repo.git("config", f"alias.{alias}", f"!{program}")
    a_repo.git("config", "core.hooksPath", str(hooks))
    a_repo.git("config", "log.showSignature", "true")
    sign.unlink(missing_ok=True)

    history = a_history(a_repo)
    staged = a_history(a_repo, staged=True)
    ignored = opened(a_repo.top).ignored(["drizzle/0003_likes.sql"])

    assert (told(history), told(staged), ignored, history.lookup("0" * 64)) == ([], [], (), None)
    assert not sign.exists()


def test_a_clone_that_lacks_blobs_is_undecided_and_fetches_nothing(a_repo: GitRepository, tmp_path: Path) -> None:
    a_landed_folder(a_repo)
    a_repo.commit({"drizzle/0000_users.sql": "select 'edited';"})
    a_repo.git("config", "uploadpack.allowFilter", "true")
    clone = a_repo.clone(tmp_path / "clone", "--filter=blob:none")

    with pytest.raises(UndecidableError) as error:
        a_history(clone)

    assert "this clone of the repository lacks objects (" in str(error.value)
    assert error.value.remedy == (
        "make it whole: `git fetch --refetch --no-filter` (in CI: check out without `filter:`)"
    )


def test_a_clone_without_trees_is_told_how_to_get_them(a_repo: GitRepository, tmp_path: Path) -> None:
    a_landed_folder(a_repo)
    a_repo.commit({"drizzle/0000_users.sql": "select 'edited';"})
    a_repo.git("config", "uploadpack.allowFilter", "true")
    clone = a_repo.clone(tmp_path / "clone", "--filter=tree:0")
    a_repo.top.rename(tmp_path / "gone")
    with pytest.raises(UndecidableError) as error:
        a_history(clone)
    assert error.value.problem == "this clone of the repository lacks objects (git ls-tree needs some)"
    assert error.value.remedy.startswith("make it whole: `git fetch --refetch --no-filter`")


def test_replaced_objects_do_not_stand_in_for_what_landed(a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    a_repo.commit({"drizzle/0000_users.sql": "select 'edited';"})
    old, new = (a_repo.git("rev-parse", f"{revision}:drizzle/0000_users.sql") for revision in ("HEAD~1", "HEAD"))
    a_repo.git("replace", old, new)

    assert told(a_history(a_repo)) == [("MC201", "error", "0000_users")]


def test_what_git_ignores(a_repo: GitRepository) -> None:
    a_repo.commit({".gitignore": "*.sql\n", "drizzle/a.txt": ""})
    a_repo.write({"drizzle/0000_ü.sql": "", "drizzle/0001_tracked.sql": ""})
    a_repo.git("add", "--force", "drizzle/0001_tracked.sql")

    paths = ["drizzle/0000_ü.sql", "drizzle/0001_tracked.sql", "drizzle/a.txt"]
    assert opened(a_repo.top).ignored(paths) == ("drizzle/0000_ü.sql",)
    assert opened(a_repo.top).ignored([]) == ()


def test_a_commit_that_cannot_be_read_is_not_taken_for_none(a_repo: GitRepository) -> None:
    """An image that copies .git without its objects."""
    a_landed_folder(a_repo)
    assert not opened(a_repo.top).differs("drizzle/meta/_journal.json")
    shutil.rmtree(a_repo / ".git/objects")
    (a_repo / ".git/objects").mkdir()

    with pytest.raises(UndecidableError, match=r"the commit of HEAD \([0-9a-f]{12}\) cannot be read"):
        a_history(a_repo)
    assert opened(a_repo.top).differs("drizzle/meta/_journal.json")
