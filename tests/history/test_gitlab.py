"""What GitLab tells a job about the change under review."""

from pathlib import Path

from tests.support.histories import NO_COMMIT, base_of
from tests.support.repositories import GitRepository


def test_a_merge_request_of_gitlab(a_repo: GitRepository, landed: str) -> None:
    environ = {"CI_MERGE_REQUEST_DIFF_BASE_SHA": landed, "CI_COMMIT_BEFORE_SHA": NO_COMMIT}

    assert base_of(a_repo, environ=environ) == (landed, f"the pull request's merge base with its target, {landed}")


def test_a_merged_results_pipeline_of_gitlab(a_repo: GitRepository, landed: str) -> None:
    """It checks out a merge into the target's tip, which is newer than where the branch began."""
    a_repo.switch("main")
    tip = a_repo.commit({"README.md": "meanwhile"})
    a_repo.git("switch", "--quiet", "--detach", "main")
    a_repo.merge("feature")
    environ = {"CI_MERGE_REQUEST_DIFF_BASE_SHA": landed, "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": tip}

    assert base_of(a_repo, environ=environ) == (tip, f"the pull request's merge base with its target, {tip}")


def test_a_push_on_gitlab(a_repo: GitRepository, landed: str) -> None:
    environ = {"CI_COMMIT_BEFORE_SHA": landed, "CI_COMMIT_BRANCH": "main", "CI_DEFAULT_BRANCH": "main"}

    assert base_of(a_repo, environ=environ) == (landed, "what the branch pointed at before this push")
    assert base_of(a_repo, environ=environ | {"CI_COMMIT_BEFORE_SHA": NO_COMMIT}) == (
        landed,
        "the merge base with main, the default branch",
    )


def test_a_push_to_a_protected_branch_on_gitlab(a_repo: GitRepository, landed: str, tmp_path: Path) -> None:
    before = a_repo.head
    a_repo.commit({"drizzle/0003_likes.sql": "select 'edited';"})
    clone = a_repo.clone(tmp_path / "clone")
    environ = {"CI_COMMIT_BEFORE_SHA": before, "CI_COMMIT_BRANCH": "feature", "CI_DEFAULT_BRANCH": "main"}

    assert base_of(clone, environ=environ) == (landed, "the merge base with origin/main, the default branch")
    assert base_of(clone, environ=environ | {"CI_COMMIT_REF_PROTECTED": "true"}) == (
        before,
        "what the branch pointed at before this push",
    )
