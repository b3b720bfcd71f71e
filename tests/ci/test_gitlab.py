"""docs/gitlab-ci.yml as GitLab would run it: which jobs a pipeline has, and what they do."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.ci.conftest import BUILDING
from tests.support.deploys import ledger_rows, tables
from tests.support.gitlab import Pipeline, a_merge_request, a_push, jobs_of
from tests.support.histories import LANDED
from tests.support.repositories import GitRepository, environment
from tests.support.target_server import Database, TargetServer

CONTAINER = "postgresql://postgres:scratch@scratch:5432/postgres"
"""Where the service answers on GitLab."""


@pytest.fixture
def machine(set_up: Mapping[str, str]) -> dict[str, str]:
    """An image with a Python of its own. It has this migcheck: what the file installs is there, if it is called so."""
    path = f"{set_up['home']}/venv/bin:{environment()['PATH']}"
    return {**BUILDING, "PATH": path}


@pytest.fixture
def scratch(target_server: TargetServer) -> dict[str, str]:
    """The service of the job `verify`, which answers elsewhere here."""
    return {CONTAINER: target_server.admin.url}


def test_a_merge_request_is_verified_and_deploys_nothing() -> None:
    assert jobs_of(a_merge_request("1" * 40, "2" * 40)) == ["verify"]
    assert jobs_of(a_push("1" * 40, "2" * 40, "feature")) == []
    assert jobs_of(a_push("1" * 40, "2" * 40)) == ["verify", "deploy"]


@pytest.mark.server
def test_a_merge_request_that_edits_what_landed(
    origin: GitRepository, tmp_path: Path, machine: dict[str, str], scratch: dict[str, str]
) -> None:
    base = origin.git("merge-base", "main", "feature")
    origin.switch("feature")
    edited = origin.commit({"drizzle/0001_posts.sql": "select 'edited';"})
    pipeline = Pipeline(tmp_path, origin, a_merge_request(edited, base), scratch)

    code, log = pipeline.run("verify", **machine)
    assert code == 1, log
    report = json.loads((pipeline.artifacts / "verify" / "migcheck.json").read_bytes())
    assert (report["verdict"], report["base"]["revision"]) == ("blocked", base)
    assert "MC201" in {each["code"] for each in report["findings"]}


@pytest.mark.server
def test_what_was_pushed_is_verified_and_then_deployed(
    origin: GitRepository, tmp_path: Path, app: Database, machine: dict[str, str], scratch: dict[str, str]
) -> None:
    before = origin.head
    origin.merge("feature")
    pipeline = Pipeline(tmp_path, origin, a_push(origin.head, before), scratch)

    code, log = pipeline.run("verify", LEDGER_URL=app.url, **machine)
    assert (code, tables(app)) == (0, []), log
    code, log = pipeline.run("deploy", DATABASE_URL=app.url, **machine)
    assert (code, len(ledger_rows(app))) == (0, len(LANDED) + 1), log
