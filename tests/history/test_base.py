"""Which revision has landed, and why: design.md "Landed and applied", case by case, on real clones."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from migcheck.errors import UndecidableError
from migcheck.facts.git import client
from migcheck.facts.git.command import Answer, run_git
from migcheck.facts.history.base import BaseChoice, find_base
from migcheck.facts.history.history import Base, NothingLanded
from tests.support.folders import a_folder, add_migration
from tests.support.histories import FOLDER, LANDED, a_history, a_landed_folder, add, base_of, opened, told
from tests.support.repositories import GitRepository, init


@pytest.fixture
def clone(a_repo: GitRepository, tmp_path: Path) -> GitRepository:
    """A clone, on the branch `feature`, of a remote whose main has a folder that landed."""
    a_landed_folder(a_repo)
    a_repo.switch("main")
    found = a_repo.clone(tmp_path / "clone")
    found.branch("feature")
    return found


def test_the_merge_base_with_the_remotes_default_branch(clone: GitRepository, a_repo: GitRepository) -> None:
    landed = clone.head
    add(clone, "0003_likes")
    add(a_repo, "0003_theirs")
    clone.git("fetch", "--quiet")

    assert base_of(clone) == (landed, "the merge base with origin/main, the default branch")


def test_what_the_commits_tell_git_is_not_asked(a_repo: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each process that is started for an ordinary change adds to every hook and every job."""
    a_landed_folder(a_repo)
    add(a_repo, "0003_likes")
    repository, asked = opened(a_repo.top), list[str]()

    def counted(place: Path, words: Sequence[str], stdin: bytes, index: Path | None, objects: Path | None) -> Answer:
        asked.append(words[0])
        return run_git(place, words, stdin, index, objects)

    monkeypatch.setattr(client, "run_git", counted)
    base = find_base(repository, BaseChoice(environ={}), uncommitted=False)

    assert isinstance(base, Base)
    assert base.why == "the merge base with main, the default branch"
    assert asked == ["for-each-ref"]


def test_the_parent_is_the_merge_base_also_where_a_clone_hides_that_it_is_one(
    a_repo: GitRepository, tmp_path: Path
) -> None:
    a_landed_folder(a_repo)
    landed = a_repo.head
    add(a_repo, "0003_likes")
    a_repo.switch("main")
    clone = a_repo.clone(tmp_path / "clone", "--branch=feature", "--no-single-branch", depth=1)

    assert base_of(clone) == (landed, "the merge base with origin/main, the default branch")


def test_the_remotes_default_branch_has_any_name(tmp_path: Path) -> None:
    origin = init(tmp_path / "origin")
    a_landed_folder(origin)
    origin.git("branch", "--move", "main", "trunk")
    landed = origin.head
    origin.switch("trunk")
    clone = origin.clone(tmp_path / "clone")
    clone.branch("mine")
    add(clone, "0003_likes")

    assert base_of(clone) == (landed, "the merge base with origin/trunk, the default branch")


def test_a_remote_that_never_told_its_default_branch(clone: GitRepository) -> None:
    clone.git("remote", "set-head", "origin", "--delete")
    landed = clone.head
    add(clone, "0003_likes")

    assert base_of(clone) == (landed, "the merge base with origin/main, the default branch")


def test_no_branch_stands_out(clone: GitRepository) -> None:
    clone.git("remote", "set-head", "origin", "--delete")
    clone.git("update-ref", "refs/remotes/origin/one", "HEAD")
    clone.git("update-ref", "refs/remotes/origin/two", "HEAD")
    clone.git("update-ref", "-d", "refs/remotes/origin/main")

    with pytest.raises(UndecidableError) as error:
        a_history(clone)

    assert str(error.value) == "nothing says which branch of the remote origin changes land on"
    assert error.value.remedy == (
        "`git remote set-branches origin '*'`, `git fetch origin` and `git remote set-head origin --auto`, "
        "or name a base with `--base`"
    )


def test_a_branch_that_follows_another(clone: GitRepository) -> None:
    landed = clone.head
    clone.git("remote", "set-head", "origin", "--delete")
    clone.git("update-ref", "refs/remotes/origin/develop", landed)
    clone.git("update-ref", "refs/remotes/origin/other", landed)
    clone.git("update-ref", "-d", "refs/remotes/origin/main")
    clone.git("branch", "--set-upstream-to", "origin/develop")
    add(clone, "0003_likes")

    assert base_of(clone) == (landed, "the merge base with origin/develop, the default branch")


def test_without_a_remote_the_local_main(a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    landed = a_repo.head
    add(a_repo, "0003_likes")

    assert base_of(a_repo) == (landed, "the merge base with main, the default branch")


def test_head_is_the_default_branch_itself(a_repo: GitRepository) -> None:
    a_folder(a_repo / FOLDER, LANDED, snapshots=False)
    first = a_repo.commit()
    add(a_repo, "0003_likes")

    assert base_of(a_repo) == (first, "the first parent of HEAD, which is on main")


def test_a_merge_into_the_default_branch_is_judged_by_its_first_parent(a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    landed = a_repo.head
    add(a_repo, "0003_likes")
    a_repo.switch("main")
    a_repo.merge("feature")

    assert base_of(a_repo) == (landed, "the first parent of HEAD, which is on main")


def test_work_that_is_not_committed_yet_stands_on_head(a_repo: GitRepository) -> None:
    a_folder(a_repo / FOLDER, LANDED, snapshots=False)
    a_repo.commit()
    landed = add(a_repo, "0003_likes")
    add_migration(a_repo / FOLDER, "0004_new", "select 4;", snapshot=False)

    assert base_of(a_repo) == (landed, "HEAD, which main has: what is judged is not committed yet")


def test_the_first_commit(a_repo: GitRepository) -> None:
    a_folder(a_repo / FOLDER, LANDED, snapshots=False)
    a_repo.commit()

    history = a_history(a_repo)

    assert history.base == NothingLanded("HEAD is the first commit")
    assert [each.tag for each in history.new()] == list(LANDED)
    assert told(history) == []


def test_no_commit_yet(a_repo: GitRepository) -> None:
    a_folder(a_repo / FOLDER, LANDED, snapshots=False)
    a_repo.stage()

    assert a_history(a_repo, staged=True).base == NothingLanded("the repository has no commit yet", unlanded=True)


def test_what_is_ahead_of_the_branch_that_it_lands_on_has_not_landed(a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    add(a_repo, "0003_likes")
    named = [None, "main", "HEAD~1", "HEAD"]
    assert [a_history(a_repo, base=each).unlanded for each in named] == [True, True, False, False]
    add_migration(a_repo / FOLDER, "0004_new", "select 4;", snapshot=False)
    assert [a_history(a_repo, base=each).unlanded for each in named] == [True, True, False, True]

    a_repo.commit()
    a_repo.switch("main")
    a_repo.merge("feature")
    assert [a_history(a_repo, base=each).unlanded for each in [None, "main", "HEAD~1"]] == [False, False, False]
    a_repo.branch("empty")
    a_repo.switch("empty")
    a_repo.commit({"README.md": "hello"})
    assert not a_history(a_repo).unlanded


def test_a_new_folder(a_repo: GitRepository) -> None:
    base = a_repo.commit({"README.md": "hello"})
    a_repo.branch("feature")
    a_folder(a_repo / FOLDER, LANDED, snapshots=False)
    a_repo.commit()

    history = a_history(a_repo)

    assert history.base == NothingLanded(
        "base has no migrations in drizzle; it is the merge base with main, the default branch", base, unlanded=True
    )
    assert (history.before, told(history)) == (None, [])


def test_a_base_that_was_named(clone: GitRepository) -> None:
    landed = clone.head
    add(clone, "0003_likes")
    second = add(clone, "0004_more")

    assert base_of(clone, base="origin/main") == (landed, "origin/main (--base)")
    assert base_of(clone, base="HEAD~1") == (clone.git("rev-parse", "HEAD~1"), "HEAD~1 (--base)")
    assert base_of(clone, base=second[:10]) == (second, f"{second[:10]} (--base)")
    assert base_of(clone, base=second) == (second, "named by --base")
    assert base_of(clone, configured="origin/main") == (landed, "origin/main (the configured base)")


def test_a_named_branch_that_went_on_counts_from_where_it_was_left(clone: GitRepository, a_repo: GitRepository) -> None:
    landed = clone.head
    add(clone, "0003_likes")
    add(a_repo, "0003_theirs")
    clone.git("fetch", "--quiet")

    assert base_of(clone, base="origin/main") == (landed, "the merge base with origin/main (--base)")


def test_a_configured_branch_that_head_is_on_does_not_hide_the_last_change(a_repo: GitRepository) -> None:
    a_folder(a_repo / FOLDER, LANDED, snapshots=False)
    first = a_repo.commit()
    add(a_repo, "0003_likes")

    assert base_of(a_repo, configured="main") == (first, "the first parent of HEAD, which is on main")


@pytest.mark.parametrize("revision", ["nowhere", "0" * 39 + "1", "--all", "HEAD:drizzle", "origin/gone"])
def test_a_named_base_that_cannot_be_reached_is_undecided(clone: GitRepository, revision: str) -> None:
    with pytest.raises(UndecidableError) as error:
        a_history(clone, base=revision)

    assert str(error.value) == f"--base ({revision}) cannot be reached in this clone"
    assert error.value.remedy == f"`git fetch` it, or name what has landed with `--base` ({revision} may be gone)"


def test_a_reverted_merge_that_lands_again(a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    add(a_repo, "0003_likes")
    a_repo.switch("main")
    merge = a_repo.merge("feature")
    revert = a_repo.revert(merge)
    assert told(a_history(a_repo)) == [("MC202", "error", "0003_likes")]

    a_repo.branch("again")
    a_repo.revert(revert)

    history = a_history(a_repo)
    assert [each.tag for each in history.new()] == ["0003_likes"]
    assert told(history) == []


def test_a_merge_in_the_making_counts_what_is_merged_as_landed(clone: GitRepository, a_repo: GitRepository) -> None:
    """In the hook of a merge commit HEAD is still the branch alone, but the index has what main brought."""
    add(clone, "0003_likes")
    theirs = add(a_repo, "0003_theirs")
    clone.git("fetch", "--quiet")
    clone.git("merge", "--quiet", "--no-commit", "-X", "theirs", "origin/main")

    history = a_history(clone, staged=True)

    assert history.base == Base(theirs, "the merge base with origin/main, the default branch", unlanded=True)
    assert [each.tag for each in history.after.migrations] == [*LANDED, "0003_theirs"]


def test_a_merge_that_git_makes_by_itself_names_what_is_merged_in_the_environment_alone(
    clone: GitRepository, a_repo: GitRepository
) -> None:
    """In pre-merge-commit there is no MERGE_HEAD yet."""
    add(clone, "0003_likes")
    theirs = add(a_repo, "0003_theirs")
    clone.git("fetch", "--quiet")
    clone.git("merge", "--quiet", "--no-commit", "-X", "theirs", "origin/main")
    (clone / ".git/MERGE_HEAD").unlink()

    history = a_history(
        clone, staged=True, environ={f"GITHEAD_{theirs}": "origin/main", "GITHEAD_x": "", "GITHEAD": ""}
    )

    assert history.base == Base(theirs, "the merge base with origin/main, the default branch", unlanded=True)


def test_two_histories_that_were_never_one(a_repo: GitRepository) -> None:
    a_landed_folder(a_repo)
    landed = a_repo.head
    a_repo.git("switch", "--quiet", "--orphan", "fresh")
    a_folder(a_repo / FOLDER, LANDED, snapshots=False)
    a_repo.commit()

    assert base_of(a_repo) == (landed, "the merge base with main, the default branch")
