"""A scratch server that is the target's own: names do not hide it."""

import json

import pytest
from tests.support.command import Command
from tests.support.folders import a_folder
from tests.support.repositories import GitRepository
from tests.support.servers import Servers
from tests.support.target_server import Database, TargetServer

NEWER = 17
"""Of most targets' servers: that is told, where it is so."""
pytestmark = [pytest.mark.server, pytest.mark.usefixtures("lent_scratch")]


def warned(command: Command, repo: GitRepository, app: Database, scratch: str) -> list[str]:
    """What `verify` says of the scratch server; it must be clear."""
    env = {"DATABASE_URL": app.url, "MIGCHECK_SCRATCH_URL": scratch}
    ran = command("verify", "drizzle", "--format", "json", "--scratch", "dsn", cwd=repo.top, env=env)
    assert ran.code == 0, ran
    return [each["code"] for each in json.loads(ran.out)["findings"]]


def test_it_is_told_under_whatever_name(
    command: Command, a_repo: GitRepository, target_server: TargetServer, app: Database, servers: Servers
) -> None:
    a_folder(a_repo / "drizzle", {"0000_users": "create table users ();"})
    a_repo.commit()
    alias = target_server.admin.url.replace("127.0.0.1", "localhost")
    assert warned(command, a_repo, app, alias) == ["MC407"]
    other = [] if target_server.major == NEWER else ["MC406"]
    assert warned(command, a_repo, app, servers.admin_url(NEWER)) == other


def test_nothing_is_said_of_a_server_that_does_not_tell(
    command: Command, a_repo: GitRepository, target_server: TargetServer, app: Database
) -> None:
    a_folder(a_repo / "drizzle", {"0000_users": "create table users ();"})
    a_repo.commit()
    Database(app.port, app.name, "postgres", target_server.password).run(
        "revoke execute on function pg_catalog.pg_control_system() from public"
    )
    assert warned(command, a_repo, app, target_server.admin.url) == []
