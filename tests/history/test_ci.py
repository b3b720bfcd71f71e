"""The base that a CI job's event names, for the checkouts that CI systems make."""

import json
import shlex
from pathlib import Path

import pytest

from migcheck.errors import UndecidableError
from migcheck.facts.git.repository import WHOLE_HISTORY
from migcheck.facts.history.history import Base
from tests.support.histories import NO_COMMIT, a_history, a_landed_folder, add, base_of, told
from tests.support.repositories import GitRepository


def github(tmp_path: Path, name: str, payload: object) -> dict[str, str]:
    """The environment of a GitHub Actions job."""
    path = tmp_path / "event.json"
    path.write_text(json.dumps(payload), "utf-8")
    return {"GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": str(path)}


def pull_request(base: str, head: str) -> dict[str, object]:
    return {"pull_request": {"base": {"ref": "main", "sha": base}, "head": {"sha": head}}}


def the_least(shallow: GitRepository, error: UndecidableError) -> str:
    """The command that an error names beside the whole history; it is run."""
    assert error.remedy.startswith(f"{WHOLE_HISTORY}; the least that is needed: `")
    command = error.remedy.split("`")[-2]
    shallow.git(*shlex.split(command)[1:])
    return command


def test_a_pull_request_cannot_name_a_commit_of_its_own_as_base(
    a_repo: GitRepository, landed: str, tmp_path: Path
) -> None:
    environ = github(tmp_path, "pull_request", pull_request(landed, a_repo.head))
    base = a_history(a_repo, configured="HEAD~1", environ=environ).base
    add(a_repo, "0004_more")
    hidden = a_history(a_repo, configured="HEAD~1", environ=environ).base

    assert base == Base(landed, "HEAD~1 (the configured base)")
    assert hidden == Base(
        landed,
        f"the pull request's merge base with its target, {landed}; HEAD~1 (the configured base) is part of this change",
        unlanded=True,
    )


def test_a_pull_request_checked_out_as_github_merges_it(a_repo: GitRepository, landed: str, tmp_path: Path) -> None:
    change = a_repo.head
    a_repo.switch("main")
    newer = a_repo.commit({"README.md": "meanwhile"})
    a_repo.git("switch", "--quiet", "--detach", "main")
    a_repo.merge("feature")

    # The payload's base is where the branch began, and stale by now.
    environ = github(tmp_path, "pull_request", pull_request(landed, change))
    assert base_of(a_repo, environ=environ) == (newer, "the pull request's target branch")


def test_a_pull_request_checked_out_as_it_is(a_repo: GitRepository, landed: str, tmp_path: Path) -> None:
    change = a_repo.head
    a_repo.switch("main")
    tip = a_repo.commit({"README.md": "meanwhile"})
    a_repo.switch("feature")
    clone = a_repo.clone(tmp_path / "clone")

    environ = github(tmp_path, "pull_request", pull_request(tip, change))
    assert base_of(clone, environ=environ) == (landed, "the pull request's merge base with its target, origin/main")
    assert base_of(a_repo, environ=environ) == (landed, f"the pull request's merge base with its target, {tip}")


def test_a_pull_request_in_a_shallow_checkout_is_undecided(a_repo: GitRepository, landed: str, tmp_path: Path) -> None:
    change = a_repo.head
    a_repo.switch("main")
    a_repo.git("switch", "--quiet", "--create", "merged")
    a_repo.merge("feature")
    shallow = a_repo.clone(tmp_path / "clone", depth=1)
    environ = github(tmp_path, "pull_request", pull_request(landed, change))

    with pytest.raises(UndecidableError) as error:
        a_history(shallow, environ=environ)

    assert str(error.value) == f"the target branch ({landed}) cannot be reached in this clone"
    assert the_least(shallow, error.value) == f"git fetch --depth=1 origin {landed}"
    assert base_of(shallow, environ=environ) == (landed, "the pull request's target branch")


def test_the_least_that_a_shallow_checkout_of_a_pull_request_needs(
    a_repo: GitRepository, landed: str, tmp_path: Path
) -> None:
    change = a_repo.commit({"drizzle/0001_posts.sql": "select 'edited';"})
    a_repo.switch("main")
    a_repo.commit({"README.md": "meanwhile"})
    a_repo.switch("feature")
    shallow = a_repo.clone(tmp_path / "clone", "--branch=feature", depth=1)
    environ = github(tmp_path, "pull_request", pull_request("1" * 40, change))

    with pytest.raises(UndecidableError) as error:
        a_history(shallow, environ=environ)

    branch = "+refs/heads/main:refs/remotes/origin/main"
    assert the_least(shallow, error.value) == f"git fetch --unshallow origin {branch}"
    history = a_history(shallow, environ=environ)
    assert history.base == Base(landed, "the pull request's merge base with its target, origin/main", unlanded=True)
    assert told(history) == [("MC201", "error", "0001_posts")]


@pytest.mark.parametrize("name", ["pull_request_review", "pull_request_review_comment"])
def test_a_review_of_a_pull_request(a_repo: GitRepository, landed: str, tmp_path: Path, name: str) -> None:
    environ = github(tmp_path, name, pull_request(landed, a_repo.head))

    assert base_of(a_repo, environ=environ) == (landed, f"the pull request's merge base with its target, {landed}")


@pytest.mark.parametrize("local", [True, False])
def test_a_shallow_checkout_of_a_pull_request_by_another_event(
    a_repo: GitRepository, landed: str, tmp_path: Path, *, local: bool
) -> None:
    """actions/checkout keeps it at refs/remotes/pull, which is not a remote, and on no branch."""
    shallow = a_repo.clone(tmp_path / "clone", "--branch=feature", depth=1)
    shallow.git("switch", "--quiet", "--detach")
    shallow.git("update-ref", "refs/remotes/pull/7/merge", "HEAD")
    if not local:
        shallow.git("branch", "--delete", "--force", "feature")
    shallow.git("update-ref", "-d", "refs/remotes/origin/feature")
    assert landed

    with pytest.raises(UndecidableError) as error:
        a_history(shallow, environ=github(tmp_path, "workflow_dispatch", {"repository": {"default_branch": "main"}}))

    assert error.value.remedy == WHOLE_HISTORY


def test_a_feature_branch_alone_in_a_shallow_checkout(a_repo: GitRepository, landed: str, tmp_path: Path) -> None:
    shallow = a_repo.clone(tmp_path / "clone", "--branch=feature", depth=1)
    environ = github(tmp_path, "workflow_dispatch", {"repository": {"default_branch": "main"}})

    with pytest.raises(UndecidableError) as error:
        a_history(shallow, environ=environ)

    assert str(error.value) == "the default branch main is not in this clone"
    assert the_least(shallow, error.value).startswith("git fetch --unshallow origin ")
    assert base_of(shallow, environ=environ) == (landed, "the merge base with origin/main, the default branch")


def test_the_target_of_a_pull_request_was_never_fetched(a_repo: GitRepository, tmp_path: Path) -> None:
    a_landed_folder(a_repo)

    with pytest.raises(UndecidableError) as error:
        a_history(a_repo, environ=github(tmp_path, "pull_request", pull_request("1" * 40, "2" * 40)))

    assert str(error.value) == "the pull request's target branch cannot be reached in this clone"
    assert error.value.remedy == (
        "`git fetch origin +refs/heads/main:refs/remotes/origin/main`, or name a base with `--base`"
    )


def test_what_is_checked_out_is_not_the_pull_request(a_repo: GitRepository, landed: str, tmp_path: Path) -> None:
    """`pull_request_target` checks out the target: a green answer would say nothing of the change."""
    change = a_repo.head
    a_repo.switch("main")
    environ = github(tmp_path, "pull_request_target", pull_request(landed, change))

    with pytest.raises(UndecidableError) as error:
        a_history(a_repo, environ=environ)

    assert str(error.value) == "what is checked out is not the pull request, but its target branch"
    assert "github.event.pull_request.head.sha" in error.value.remedy


def test_a_push_of_several_commits(a_repo: GitRepository, landed: str, tmp_path: Path) -> None:
    """The first of the commits pushed has a fault that the last one does not show."""
    a_repo.switch("main")
    a_repo.commit({"drizzle/0001_posts.sql": "select 'edited';"})
    a_repo.commit({"README.md": "unrelated"})
    push = {"before": landed, "ref": "refs/heads/main", "repository": {"default_branch": "main"}}
    environ = github(tmp_path, "push", push)

    history = a_history(a_repo, environ=environ)

    assert history.base == Base(landed, "what the branch pointed at before this push")
    assert told(history) == [("MC201", "error", "0001_posts")]
    assert base_of(a_repo, environ=github(tmp_path, "push", {"before": landed})) == (
        landed,
        "what the branch pointed at before this push",
    )


def test_a_push_that_makes_a_branch(a_repo: GitRepository, landed: str, tmp_path: Path) -> None:
    environ = github(tmp_path, "push", {"before": NO_COMMIT, "ref": "refs/heads/feature"})

    assert base_of(a_repo, environ=environ) == (landed, "the merge base with main, the default branch")


@pytest.mark.parametrize("forced", [False, True])
def test_on_a_branch_of_its_own_what_never_landed_may_be_mended(
    a_repo: GitRepository, landed: str, tmp_path: Path, *, forced: bool
) -> None:
    """A second push to a feature branch fixes the migration of the first one."""
    before = "1" * 40 if forced else a_repo.head
    a_repo.commit({"drizzle/0003_likes.sql": "select 'mended';"})
    clone = a_repo.clone(tmp_path / "clone")
    push = {"before": before, "ref": "refs/heads/feature", "repository": {"default_branch": "main"}}

    history = a_history(clone, environ=github(tmp_path, "push", push))

    assert history.base == Base(landed, "the merge base with origin/main, the default branch", unlanded=True)
    assert told(history) == []


def test_a_branch_that_is_deployed_goes_by_what_it_had(a_repo: GitRepository, landed: str, tmp_path: Path) -> None:
    a_repo.switch("main")
    a_repo.merge("feature")
    a_repo.branch("production")
    clone = a_repo.clone(tmp_path / "clone")
    push = {"before": landed, "ref": "refs/heads/production", "repository": {"default_branch": "main"}}

    assert base_of(clone, environ=github(tmp_path, "push", push)) == (
        landed,
        "what the branch pointed at before this push",
    )


@pytest.mark.parametrize(("branch", "guard"), [("main", {}), ("production", {"GITHUB_REF_PROTECTED": "true"})])
def test_a_branch_that_changes_land_on_goes_by_what_it_had_whatever_the_default_is(
    a_repo: GitRepository, landed: str, tmp_path: Path, branch: str, guard: dict[str, str]
) -> None:
    """Releases are merged into it, and each merge makes a commit that the default branch never gets."""
    a_repo.switch("main")
    a_repo.branch("develop")
    a_repo.branch("production")
    a_repo.switch(branch)
    a_repo.merge("feature")
    before = a_repo.commit({"hotfix.md": "of this branch alone"})
    a_repo.commit({"drizzle/0003_likes.sql": "select 'edited';"})
    clone = a_repo.clone(tmp_path / "clone")
    push = {"before": before, "ref": f"refs/heads/{branch}", "repository": {"default_branch": "develop"}}

    history = a_history(clone, environ=github(tmp_path, "push", push) | guard)

    assert history.base == Base(before, "what the branch pointed at before this push")
    assert told(history) == [("MC201", "error", "0003_likes")]
    assert landed


def test_a_forced_push_to_main_is_undecided(a_repo: GitRepository, landed: str, tmp_path: Path) -> None:
    push = {"before": "1" * 40, "ref": "refs/heads/main", "repository": {"default_branch": "main"}}

    with pytest.raises(UndecidableError) as error:
        a_history(a_repo, environ=github(tmp_path, "push", push))

    assert str(error.value) == f"the revision before this push ({'1' * 40}) cannot be reached in this clone"
    assert error.value.remedy == f"`git fetch` it, or name what has landed with `--base` ({'1' * 40} may be gone)"
    assert landed


def test_a_merge_queue(a_repo: GitRepository, landed: str, tmp_path: Path) -> None:
    environ = github(tmp_path, "merge_group", {"merge_group": {"base_sha": landed}})

    assert base_of(a_repo, environ=environ) == (landed, "the base of the merge queue's group")


@pytest.mark.parametrize("event", ["workflow_dispatch", "schedule", "release"])
def test_an_event_that_says_nothing(a_repo: GitRepository, landed: str, tmp_path: Path, event: str) -> None:
    assert base_of(a_repo, environ=github(tmp_path, event, {})) == (
        landed,
        "the merge base with main, the default branch",
    )


def test_the_event_names_the_default_branch(a_repo: GitRepository, landed: str, tmp_path: Path) -> None:
    a_repo.git("branch", "--move", "main", "trunk")
    a_repo.git("branch", "other")
    environ = github(tmp_path, "workflow_dispatch", {"repository": {"default_branch": "trunk"}})

    assert base_of(a_repo, environ=environ) == (landed, "the merge base with trunk, the default branch")


@pytest.mark.parametrize("content", [None, b"{", b"\xff"])
def test_an_event_file_that_cannot_be_read_is_undecided(
    a_repo: GitRepository, landed: str, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "event.json"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(UndecidableError, match="event file"):
        a_history(a_repo, environ={"GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": str(path)})

    assert landed


def test_what_was_named_wins_over_the_event(a_repo: GitRepository, landed: str, tmp_path: Path) -> None:
    add(a_repo, "0004_more")
    environ = github(tmp_path, "push", {"before": landed})

    assert a_history(a_repo, base="HEAD~1", environ=environ).base == Base(
        a_repo.git("rev-parse", "HEAD~1"), "HEAD~1 (--base)"
    )
