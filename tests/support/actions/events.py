"""What GitHub tells a job of the event that started it: its file, and the variables that go with it.

Facts: docs.github.com "Webhook events and payloads", "Events that trigger workflows" and "Store information in
variables". Each builder leaves on `origin` the refs that GitHub would make.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.support.histories import NO_COMMIT
from tests.support.repositories import GitRepository

_NAME = "ada/shop"


@dataclass(frozen=True, slots=True)
class Event:
    """An event of a repository. `ref` and `sha` are what actions/checkout takes by default.

    `trusted`: the job gets the secrets. A pull request from a fork does not.
    """

    name: str
    ref: str
    sha: str
    payload: Mapping[str, object]
    variables: Mapping[str, str] = field(default_factory=dict)
    trusted: bool = True


def push(origin: GitRepository, before: str, branch: str = "main") -> Event:
    """The tip of `branch` was pushed; `before`, it pointed elsewhere."""
    sha = origin.git("rev-parse", branch)
    payload = {
        "ref": f"refs/heads/{branch}",
        "before": before,
        "after": sha,
        "created": before == NO_COMMIT,
        "forced": False,
        "deleted": False,
        "repository": _repository(),
    }
    return Event("push", f"refs/heads/{branch}", sha, payload)


def pull_request(origin: GitRepository, head: str, base: str = "main", *, fork: bool = False) -> Event:
    """The branch `head` asks to be merged into `base`; GitHub has merged them for the check."""
    tip, target = origin.git("rev-parse", head), origin.git("rev-parse", base)
    origin.git("switch", "--quiet", "--detach", base)
    merged = origin.merge(head)
    origin.git("update-ref", "refs/pull/7/merge", merged)
    origin.switch(base)
    payload = {
        "action": "synchronize",
        "number": 7,
        "pull_request": {
            "number": 7,
            "state": "open",
            "merge_commit_sha": merged,
            "head": {"ref": head, "sha": tip, "repo": _repository("eve/shop" if fork else _NAME, fork=fork)},
            "base": {"ref": base, "sha": target, "repo": _repository()},
        },
        "repository": _repository(),
    }
    branches = {"GITHUB_HEAD_REF": head, "GITHUB_BASE_REF": base}
    return Event("pull_request", "refs/pull/7/merge", merged, payload, branches, trusted=not fork)


def merge_group(origin: GitRepository, head: str, base: str = "main") -> Event:
    """The merge queue tries `head` on top of `base`."""
    target = origin.git("rev-parse", base)
    queue = f"gh-readonly-queue/{base}/pr-7-{target}"
    origin.branch(queue, base)
    merged = origin.merge(head)
    origin.switch(base)
    payload = {
        "action": "checks_requested",
        "merge_group": {
            "head_sha": merged,
            "head_ref": f"refs/heads/{queue}",
            "base_sha": target,
            "base_ref": f"refs/heads/{base}",
        },
        "repository": _repository(),
    }
    return Event("merge_group", f"refs/heads/{queue}", merged, payload)


def _repository(name: str = _NAME, *, fork: bool = False) -> dict[str, object]:
    return {"full_name": name, "fork": fork, "private": False, "default_branch": "main"}
