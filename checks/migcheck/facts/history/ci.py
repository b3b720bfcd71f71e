"""What a CI system says of the event that started it: which revision had landed before.

Facts: docs.github.com "Events that trigger workflows" and "Webhook events and payloads", docs.gitlab.com "Predefined
CI/CD variables reference".
"""

import json
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from migcheck.errors import UndecidableError

_NOTHING = {"", "0" * 40, "0" * 64}


class Push(Struct, frozen=True):
    """Commits were pushed; `before` is what the branch pointed at until then.

    `branch` and `default` are names, empty where the event does not tell them. `protected`: the CI system guards the
    branch, so that changes land on it and are not mended there.
    """

    before: str
    branch: str = ""
    default: str = ""
    protected: bool = False


class PullRequest(Struct, frozen=True):
    """A change asks to be merged. `targets` name the target branch, the best first; `head` is the change's own tip."""

    targets: tuple[str, ...]
    head: str = ""


class MergeQueue(Struct, frozen=True):
    """A group of changes is about to land on `base`."""

    base: str


class NoEvent(Struct, frozen=True):
    """No CI, or an event that says nothing about what landed. `default` is the default branch, where it is told."""

    default: str = ""


Event = Push | PullRequest | MergeQueue | NoEvent


def read_event(environ: Mapping[str, str]) -> Event:
    """The event, from the variables of GitHub Actions or GitLab CI.

    Raises UndecidableError where GitHub's event file cannot be read.
    """
    if environ.get("GITHUB_EVENT_NAME"):
        payload = _payload(environ.get("GITHUB_EVENT_PATH", ""))
        protected = environ.get("GITHUB_REF_PROTECTED") == "true"
        return _github(environ["GITHUB_EVENT_NAME"], payload, protected=protected)
    return _gitlab(environ)


def _github(name: str, payload: Mapping[str, object], *, protected: bool) -> Event:
    default = _text(payload, "repository", "default_branch")
    match name:
        case "merge_group":
            return MergeQueue(_text(payload, "merge_group", "base_sha"))
        case "push" if _text(payload, "before") not in _NOTHING:
            branch = _text(payload, "ref").removeprefix("refs/heads/")
            return Push(_text(payload, "before"), branch, default, protected)
        case _ if "pull_request" in payload:  # Also of reviews and their comments.
            return _pull_request(payload)
        case _:
            return NoEvent(default)


def _pull_request(payload: Mapping[str, object]) -> PullRequest:
    branch, tip = (_text(payload, "pull_request", "base", key) for key in ("ref", "sha"))
    targets = (f"refs/remotes/origin/{branch}" if branch else "", tip)
    return PullRequest(tuple(filter(None, targets)), _text(payload, "pull_request", "head", "sha"))


def _gitlab(environ: Mapping[str, str]) -> Event:
    # A merged-results pipeline knows the target's tip, which is newer than where the branch began.
    targets = (environ.get(f"CI_MERGE_REQUEST_{name}", "") for name in ("TARGET_BRANCH_SHA", "DIFF_BASE_SHA"))
    if known := tuple(filter(None, targets)):
        return PullRequest(known, environ.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", ""))
    default = environ.get("CI_DEFAULT_BRANCH", "")
    before = environ.get("CI_COMMIT_BEFORE_SHA", "")
    if before in _NOTHING:
        return NoEvent(default)
    return Push(before, environ.get("CI_COMMIT_BRANCH", ""), default, environ.get("CI_COMMIT_REF_PROTECTED") == "true")


def _payload(path: str) -> Mapping[str, object]:
    try:
        payload = json.loads(Path(path).read_bytes())
    except (OSError, ValueError) as error:
        raise UndecidableError(
            f"GITHUB_EVENT_NAME is set, but the event file GITHUB_EVENT_PATH ({path or 'not set'}) cannot be read",
            "name the base yourself: `--base origin/main`",
        ) from error
    return payload if isinstance(payload, dict) else {}


def _text(payload: object, *keys: str) -> str:
    """The string at `keys`; empty where the payload has none."""
    for key in keys:
        payload = payload.get(key) if isinstance(payload, dict) else None
    return payload if isinstance(payload, str) else ""
