"""What actions/checkout leaves on a runner.

Fact: github.com/actions/checkout v7.0.1, src/ref-helper.ts and src/git-source-provider.ts.
"""

from collections.abc import Mapping
from pathlib import Path

from tests.support.actions.events import Event
from tests.support.repositories import GitRepository, init


def check_out(origin: GitRepository, event: Event, place: Path, given: Mapping[str, str]) -> GitRepository:
    """Fetch the event's commit and check it out at `place`, as a step with the inputs `given` does."""
    assert set(given) <= {"fetch-depth", "persist-credentials"}, f"not known here: {given}"
    depth = int(given.get("fetch-depth", "1"))
    here = init(place)
    here.git("remote", "add", "origin", origin.top.as_uri())
    tracked = _tracked(event.ref)
    specs = [f"+{event.sha}:{tracked}"]
    if depth:
        here.git("fetch", "--quiet", "--no-tags", "--prune", f"--depth={depth}", "origin", *specs)
    else:
        everything = ["+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"]
        specs = specs if tracked.startswith("refs/remotes/pull/") else []
        here.git("fetch", "--quiet", "--prune", "origin", *everything, *specs)
    if event.ref.startswith("refs/heads/"):
        here.git("checkout", "--quiet", "--force", "-B", event.ref.removeprefix("refs/heads/"), tracked)
    else:
        here.git("checkout", "--quiet", "--force", tracked)
    assert here.head == event.sha
    return here


def _tracked(ref: str) -> str:
    """The ref of the clone that holds the event's commit."""
    return ref.replace("refs/heads/", "refs/remotes/origin/", 1).replace("refs/pull/", "refs/remotes/pull/", 1)
