"""The action as GitHub would run it: on each event's own checkout, with outputs, annotations and summary."""

import json
from pathlib import Path

import pytest

from tests.ci.conftest import Start, gate
from tests.support.actions import events
from tests.support.actions.events import Event
from tests.support.histories import NO_COMMIT
from tests.support.repositories import GitRepository

pytestmark = pytest.mark.action

EDITED = {"drizzle/0001_posts.sql": "select 'edited';"}
WAIVER = """
[[waiver]]
code = "MC201"
migration = "0001_posts"
reason = "never applied"
until = 2099-01-31
"""


def edit(origin: GitRepository) -> str:
    """Edit on `feature` what has landed; give the commit."""
    origin.switch("feature")
    commit = origin.commit(EDITED)
    origin.switch("main")
    return commit


def base_told(log: str) -> str:
    """Why the base was taken, as the report says."""
    (line,) = [line for line in log.splitlines() if line.startswith("base  ")]
    return line.partition(", ")[2]


def the_push(origin: GitRepository) -> Event:
    before = origin.head
    origin.merge("feature")
    return events.push(origin, before)


EVENTS = {
    "push": (the_push, "what the branch pointed at before this push"),
    "pull_request": (lambda origin: events.pull_request(origin, "feature"), "the pull request's target branch"),
    "fork": (lambda origin: events.pull_request(origin, "feature", fork=True), "the pull request's target branch"),
    "merge_group": (lambda origin: events.merge_group(origin, "feature"), "the base of the merge queue's group"),
}


@pytest.mark.parametrize("kind", EVENTS)
def test_a_sound_change_is_clear(origin: GitRepository, start: Start, kind: str) -> None:
    make, why = EVENTS[kind]
    done = gate(start(origin, make(origin)))
    assert done.ok, done.log
    assert (done.outputs["verdict"], done.outputs["findings"]) == ("clear", "0")
    assert base_told(done.log) == why
    assert json.loads(Path(done.outputs["report"]).read_bytes())["verdict"] == "clear"


@pytest.mark.parametrize("kind", EVENTS)
def test_a_change_of_what_landed_is_blocked(origin: GitRepository, start: Start, kind: str) -> None:
    edit(origin)
    done = gate(start(origin, EVENTS[kind][0](origin)))
    assert not done.ok
    assert (done.outputs["verdict"], done.outputs["findings"]) == ("blocked", "1")
    assert "::error file=drizzle/0001_posts.sql,line=1,title=MC201 landed-migration-edited::" in done.log
    assert "### migcheck: blocked · <code>drizzle</code>" in done.summary


def test_what_is_waived_does_not_count(origin: GitRepository, start: Start) -> None:
    edit(origin)
    origin.switch("feature")
    origin.commit({"migcheck.toml": WAIVER})
    origin.switch("main")
    done = gate(start(origin, events.pull_request(origin, "feature")))
    assert done.ok, done.log
    assert (done.outputs["verdict"], done.outputs["findings"]) == ("clear", "0")
    assert "::notice file=drizzle/0001_posts.sql,line=1,title=MC201" in done.log


@pytest.mark.parametrize("kind", EVENTS)
def test_a_shallow_checkout_is_undecided_and_says_what_to_do(origin: GitRepository, start: Start, kind: str) -> None:
    done = gate(start(origin, EVENTS[kind][0](origin)), depth=1)
    assert not done.ok
    assert (done.outputs["verdict"], done.outputs["findings"]) == ("undecided", "0")
    (told,) = [line for line in done.log.splitlines() if line.startswith("::error ")]
    assert "fetch-depth: 0" in told


def test_a_branch_that_is_new(origin: GitRepository, start: Start) -> None:
    done = gate(start(origin, events.push(origin, NO_COMMIT, "feature")))
    assert (done.outputs["verdict"], base_told(done.log)) == (
        "clear",
        "the merge base with origin/main, the default branch",
    )
