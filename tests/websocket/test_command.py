"""The commands over a WebSocket: asked for, configured, or taken because the port is closed; and Neon's own client."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command import CHECKS, Command
from tests.support.deploys import deploy_at, ledger_rows, tables
from tests.support.drizzle import Ran, drizzle_migrate
from tests.support.folders import a_folder, add_migration
from tests.support.repositories import GitRepository
from tests.support.standin import Standin, standin
from tests.support.target_server import CLEARTEXT, Database, TargetServer
from tests.support.waiting import PATIENCE, eventually

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("lent_scratch")]

SQL = {"0000_users": "create table users (id int);", "0001_posts": "create table posts (id int);"}
WAITS = "select 1 from pg_stat_activity where query like 'insert into users%' and wait_event_type = 'Lock'"


@pytest.fixture
def secured(app: Database, tmp_path: Path) -> Iterator[Standin]:
    """The stand-in in front of `app`'s server, over TLS."""
    with standin(("127.0.0.1", app.port), tmp_path) as running:
        yield running


@pytest.fixture
def landed(a_repo: GitRepository) -> GitRepository:
    a_folder(a_repo / "drizzle", SQL, snapshots=False)
    a_repo.commit(message="Add migrations")
    return a_repo


def reached(app: Database, proxy: Standin, port: int | None = None) -> dict[str, str]:
    """The environment of somebody who reaches `app` through `proxy`, and knows it by another `port`."""
    url = app.url.replace(f":{app.port}/", f":{port or app.port}/")
    return {"DATABASE_URL": url, "MIGCHECK_WEBSOCKET_PROXY": proxy.url, "SSL_CERT_FILE": proxy.certificates}


def test_a_whole_deploy(command: Command, landed: GitRepository, app: Database, secured: Standin) -> None:
    env = reached(app, secured)
    looked = command("verify", "--transport", "websocket", cwd=landed.top, env=env)
    assert (looked.code, f"target  127.0.0.1:{app.port}/{app.name}, over a WebSocket\n" in looked.out) == (0, True), (
        looked
    )
    ran = command("apply", "--transport", "websocket", cwd=landed.top, env=env)
    assert (ran.code, tables(app)) == (0, ["posts", "users"]), ran
    status = command("status", "--transport", "websocket", cwd=landed.top, env=env)
    assert (status.code, "\n2 applied\n" in status.out) == (0, True), status
    assert f"target  127.0.0.1:{app.port}/{app.name}, over a WebSocket\n" in status.out
    assert secured.links


def test_a_clearance_given_over_tcp_is_for_the_same_database(
    command: Command, landed: GitRepository, app: Database, secured: Standin, tmp_path: Path
) -> None:
    file = str(tmp_path / "clearance.json")
    assert command("verify", "--clearance", file, cwd=landed.top, env={"DATABASE_URL": app.url}).code == 0
    away = ("apply", "--transport", "websocket", "--clearance", file)
    ran = command(*away, cwd=landed.top, env=reached(app, secured))
    assert (ran.code, tables(app)) == (0, ["posts", "users"]), ran


def test_a_clearance_is_not_for_another_database_behind_the_same_proxy(
    command: Command,
    landed: GitRepository,
    app: Database,
    secured: Standin,
    *,
    tmp_path: Path,
    target_server: TargetServer,
) -> None:
    file = str(tmp_path / "clearance.json")
    env = reached(app, secured)
    assert command("verify", "--transport", "websocket", "--clearance", file, cwd=landed.top, env=env).code == 0
    other = target_server.database()
    away = ("apply", "--transport", "websocket", "--clearance", file)
    ran = command(*away, cwd=landed.top, env=reached(other, secured))
    assert (ran.code, tables(other)) == (1, []), ran
    assert "is not the database that was cleared" in ran.out


def test_it_is_taken_where_the_port_is_closed(
    command: Command, landed: GitRepository, app: Database, secured: Standin
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    ran = command("apply", cwd=landed.top, env=reached(app, secured, port))
    assert (ran.code, tables(app)) == (0, ["posts", "users"]), ran
    told = f"target  127.0.0.1:{port}/{app.name}, over a WebSocket: its port {port} is closed from here\n"
    assert told in ran.out
    assert {each.partition("?")[2] for each in secured.links} == {f"address=127.0.0.1:{port}"}


def test_an_open_port_is_taken(command: Command, landed: GitRepository, app: Database, secured: Standin) -> None:
    ran = command("apply", cwd=landed.top, env=reached(app, secured))
    assert (ran.code, secured.links, "WebSocket" in ran.out) == (0, [], False), ran


def test_a_closed_port_of_anybody_else_is_told(
    command: Command, landed: GitRepository, app: Database, secured: Standin
) -> None:
    env = reached(app, secured)
    del env["MIGCHECK_WEBSOCKET_PROXY"]
    with socket.create_server(("127.0.0.1", 0)) as free:
        env["DATABASE_URL"] = app.url.replace(f":{app.port}/", f":{free.getsockname()[1]}/")
    ran = command("apply", cwd=landed.top, env=env)
    assert (ran.code, "Connection refused" in ran.out) == (3, True), ran


def test_what_the_folder_says_and_what_the_command_says(
    command: Command, landed: GitRepository, app: Database, secured: Standin
) -> None:
    (landed / "migcheck.toml").write_text('[[folder]]\npath = "drizzle"\ntransport = "websocket"\n')
    landed.commit(message="Configure")
    status = command("status", "--format", "json", cwd=landed.top, env=reached(app, secured))
    assert (status.code, json.loads(status.out)["folders"][0]["reached"]) == (0, "over a WebSocket")
    assert len(secured.links) == 1
    assert command("status", "--transport", "tcp", cwd=landed.top, env=reached(app, secured)).code == 0
    assert len(secured.links) == 1


def test_ctrl_c_cancels_what_runs(landed: GitRepository, app: Database, secured: Standin) -> None:
    env = reached(app, secured)
    deploy_at(app, landed.top)
    add_migration(landed / "drizzle", "0002_row", "insert into users values (1);", snapshot=False)
    landed.commit(message="Add a row")
    with app.connect() as other, other.transaction():
        other.execute("lock table users")
        program = [sys.executable, "-m", "migcheck", "apply", "--transport", "websocket"]
        whole = {"PATH": os.environ["PATH"], "PYTHONPATH": str(CHECKS), **env}
        with subprocess.Popen(program, cwd=landed.top, env=whole, stdout=subprocess.PIPE) as ran:
            assert eventually(lambda: app.ask(WAITS))
            ran.send_signal(signal.SIGINT)
            out, _ = ran.communicate(timeout=PATIENCE)
    assert (ran.returncode, b"interrupted" in out) == (130, True), out
    assert app.ask("select from users") == []


@pytest.mark.node
def test_neons_own_client_finds_what_was_deployed(
    command: Command, landed: GitRepository, app: Database, secured: Standin, target_server: TargetServer
) -> None:
    folder = landed / "drizzle"
    assert command("apply", "--transport", "websocket", cwd=landed.top, env=reached(app, secured)).code == 0
    rows = ledger_rows(app)
    assert drizzle_migrate(app, folder, driver="neon", proxy=secured).ok
    assert (ledger_rows(app), tables(app)) == (rows, ["posts", "users"])
    theirs = target_server.database()
    with standin(("127.0.0.1", theirs.port)) as plain:
        assert drizzle_migrate(theirs, folder, driver="neon", proxy=plain).ok
        ran = command("apply", "--transport", "websocket", cwd=landed.top, env=reached(theirs, plain))
        assert (ran.code, "nothing to do" in ran.out) == (0, True), ran
    assert target_server.dump(app).replace(app.role, "") == target_server.dump(theirs).replace(theirs.role, "")


@pytest.mark.node
def test_so_does_that_client_as_it_is_with_a_role_that_is_asked_for_the_password_itself(
    command: Command, landed: GitRepository, app: Database, secured: Standin, target_server: TargetServer
) -> None:
    target_server.admin.run(f"grant {CLEARTEXT} to {app.role}")
    assert command("apply", "--transport", "websocket", cwd=landed.top, env=reached(app, secured)).code == 0
    rows = ledger_rows(app)
    assert drizzle_migrate(app, landed / "drizzle", driver="neon-as-it-is", proxy=secured) == Ran(ok=True)
    assert ledger_rows(app) == rows
    other = target_server.database()
    with standin(("127.0.0.1", other.port)) as plain:
        refused = drizzle_migrate(other, landed / "drizzle", driver="neon-as-it-is", proxy=plain)
    assert (refused.ok, refused.code) == (False, "08P01")
