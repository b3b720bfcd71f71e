"""This repository's workflows, job by job: a gate that needs no secret, and a deploy of exactly what was verified."""

from dataclasses import replace

import pytest

from tests.ci.conftest import Start
from tests.support.actions import events
from tests.support.actions.runner import Runner
from tests.support.actions.workflow import run_job, run_workflow
from tests.support.deploys import ledger_rows, tables
from tests.support.histories import LANDED, add
from tests.support.repositories import GitRepository
from tests.support.target_server import Database, TargetServer

pytestmark = pytest.mark.server

CONTAINER = "postgresql://postgres:scratch@localhost:5432/postgres"
"""Where the service container of both workflows answers on GitHub."""
ASKED = {"DEPLOY": "true"}
"""The variable of a repository that deploys."""


@pytest.fixture
def scratch(target_server: TargetServer) -> dict[str, str]:
    """The service container of the workflows, which answers elsewhere here."""
    return {CONTAINER: target_server.admin.url}


def test_the_gate_rehearses_a_pull_request_from_a_fork(
    origin: GitRepository, start: Start, scratch: dict[str, str]
) -> None:
    runner = start(origin, events.pull_request(origin, "feature", fork=True))
    ended = run_workflow("gate", runner, scratch)
    assert ended["verify"].ok, ended["verify"].log
    assert "rehearsed on PostgreSQL" in ended["verify"].log
    assert "**Runs next:** <code>0003&#95;likes</code>" in ended["verify"].summary


def pushed(origin: GitRepository, start: Start, app: Database, name: str = "runner") -> Runner:
    """A runner for the push of `feature` to main, with the secrets and the variable that a deploy takes."""
    before = origin.head
    origin.merge("feature")
    secrets = {"LEDGER_URL": app.url, "DATABASE_URL": app.url}
    return replace(start(origin, events.push(origin, before), name), secrets=secrets, variables=ASKED)


def test_what_was_verified_is_deployed_once(
    origin: GitRepository, start: Start, app: Database, scratch: dict[str, str]
) -> None:
    first = run_workflow("deploy", pushed(origin, start, app), scratch)
    assert [done.ok for done in first.values()] == [True, True], first
    assert len(ledger_rows(app)) == len(LANDED) + 1

    origin.switch("feature")
    add(origin, "0004_more")
    origin.switch("main")
    second = run_workflow("deploy", pushed(origin, start, app, "second"), scratch)
    assert [done.ok for done in second.values()] == [True, True], second
    assert "### migcheck: applied · <code>drizzle</code>" in second["deploy"].summary
    assert len(ledger_rows(app)) == len(LANDED) + 2


def test_nothing_is_deployed_that_was_not_cleared(
    origin: GitRepository, start: Start, app: Database, scratch: dict[str, str]
) -> None:
    origin.switch("feature")
    origin.commit({"drizzle/0003_likes.sql": "select no_such_function();"})
    origin.switch("main")
    ended = run_workflow("deploy", pushed(origin, start, app), scratch)
    assert [(job, done.ok) for job, done in ended.items()] == [("verify", False)]
    assert tables(app) == []


def test_a_target_that_moved_on_is_left_alone(
    origin: GitRepository, start: Start, app: Database, scratch: dict[str, str]
) -> None:
    runner = pushed(origin, start, app)
    assert run_workflow("deploy", runner, scratch)["deploy"].ok
    app.run("delete from drizzle.__drizzle_migrations where id > 2")

    again = run_job("deploy", "deploy", runner)
    assert not again.ok
    assert "::error title=drizzle%3A deploy refused::" in again.log
    assert len(ledger_rows(app)) == 2


@pytest.mark.parametrize(("ref", "variables"), [("refs/heads/other", ASKED), ("refs/heads/main", {})])
def test_nothing_is_deployed_from_elsewhere_or_unasked(
    origin: GitRepository, start: Start, ref: str, variables: dict[str, str]
) -> None:
    event = replace(events.push(origin, origin.head), ref=ref)
    assert run_workflow("deploy", replace(start(origin, event), variables=variables)) == {}
