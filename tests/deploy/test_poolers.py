"""A pooler that hands the deploy's session on is refused before anything is changed; one that keeps it is none."""

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from migcheck.deploy import alone
from migcheck.deploy.apply import apply
from migcheck.deploy.lock import deploy_lock
from migcheck.deploy.outcome import Applied, Outcome, Refused
from migcheck.deploy.pooler import is_handed_on
from migcheck.drizzle.folder import Folder
from migcheck.postgres.target.address import parse_address
from migcheck.route import Route, Transport
from tests.support.command import Command
from tests.support.deploys import NAME, order_for, tables, written
from tests.support.doorman import doorman
from tests.support.folders import a_folder
from tests.support.pgbouncer import pooled
from tests.support.repositories import GitRepository
from tests.support.standin import standin
from tests.support.target_server import Database

pytestmark = [pytest.mark.server, pytest.mark.pgbouncer]

REFUSED = Refused(
    "there is a transaction pooler on the way: it hands the deploy's session, and with it the lock, to others",
    "give DATABASE_URL the direct host and port of the database",
)
LEFT = """
    select 'a lock', count(*) from pg_locks where locktype = 'advisory'
    union all select 'a schema', count(*) from pg_namespace where nspname = 'drizzle'
"""


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return written(tmp_path, {"0000_a": "create table a (id int);"})


def through(pool: Database, app: Database, folder: Folder, transport: Transport = Transport.TCP) -> Outcome:
    """Deploy `folder` by way of `pool`."""
    order = order_for(app, folder)
    if transport is Transport.TCP:
        return apply(replace(order, address=parse_address(pool.url)))
    with standin(("127.0.0.1", pool.port)) as proxy:
        return apply(replace(order, address=parse_address(pool.url, route=Route(transport, proxy.url))))


@pytest.mark.parametrize("transport", [Transport.TCP, Transport.WEBSOCKET])
@pytest.mark.parametrize("mode", ["transaction", "statement"])
def test_one_that_hands_sessions_on_is_refused(app: Database, folder: Folder, mode: str, transport: Transport) -> None:
    """Also while nobody else is there, so that every transaction is on one session."""
    with pooled(app, mode) as pool:
        assert through(pool, app, folder, transport) == REFUSED
        assert sorted(app.ask(LEFT)) == [("a lock", 0), ("a schema", 0)]
    assert tables(app) == []


@pytest.mark.parametrize("transport", [Transport.TCP, Transport.WEBSOCKET])
def test_one_that_keeps_them_is_as_good_as_none(app: Database, folder: Folder, transport: Transport) -> None:
    """And it gives the session to the next one as it was: this one asks for no DISCARD ALL in between."""
    with pooled(app, "session", server_reset_query="") as pool:
        assert isinstance(through(pool, app, folder, transport), Applied)
        set_by_us = "select name from pg_settings where source = 'session' and name ~ '_(timeout|interval)$'"
        assert pool.ask(set_by_us) == []
    assert tables(app) == ["a"]


@pytest.mark.parametrize("setting", ["default_pool_size", "max_client_conn"])
def test_also_where_it_has_no_second_one(app: Database, folder: Folder, setting: str) -> None:
    """It lets the second connection wait, or refuses it."""
    with pooled(app, "session", **{setting: 1}) as pool:
        assert isinstance(through(pool, app, folder), Applied)


def test_a_lock_that_somebody_else_was_given_with_the_session(app: Database) -> None:
    with (
        pooled(app, "transaction") as pool,
        pool.connect() as ours,
        deploy_lock(ours, NAME, wait=0, tell=lambda _line: None) as lock,
        pool.connect() as other,
    ):
        other.execute("begin")
        assert other.execute("select pg_backend_pid()").fetchone() == (lock.pid,)
        assert is_handed_on(ours, parse_address(pool.url), lock, "migcheck")


def test_a_session_that_changes_later_is_met_before_the_first_piece(
    app: Database, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alone, "is_handed_on", lambda *_: False)
    with pooled(app, "transaction") as pool, ExitStack() as others:

        def take_it(_line: str) -> None:
            others.enter_context(pool.connect()).execute("begin; select 1")

        assert apply(replace(order_for(app, folder), address=parse_address(pool.url), tell=take_it)) == REFUSED
    assert tables(app) == []


def test_nobody_is_asked_where_nobody_is_in_between(app: Database, folder: Folder) -> None:
    with doorman(app.port) as door:
        assert isinstance(through(replace(app, port=door.port), app, folder), Applied)
        assert door.visitors == 1


def test_nor_where_neons_proxy_is(app: Database) -> None:
    """It names a process of its own, and keeps the session."""
    with pooled(app, "session") as pool, doorman(pool.port) as door, pool.connect() as ours:
        address = parse_address(f"{pool.url.replace('127.0.0.1', 'ep-x.aws.neon.tech')}?hostaddr=127.0.0.1")
        address = replace(address, parameters={**address.parameters, "port": str(door.port)})
        with deploy_lock(ours, NAME, wait=0, tell=lambda _line: None) as lock:
            assert ours.info.backend_pid != lock.pid
            assert not is_handed_on(ours, address, lock, "migcheck")
        assert door.visitors == 0


def test_who_only_reads_may_go_through_one(a_repo: GitRepository, app: Database, command: Command) -> None:
    a_folder(a_repo / "drizzle", {"0000_a": "create table a (id int);"}, snapshots=False)
    a_repo.commit(message="Add migrations")
    with pooled(app, "transaction") as pool:
        there = {"DATABASE_URL": f"{pool.url}?pgbouncer=true"}
        looked = command("status", cwd=a_repo.top, env=there)
        refused = command("apply", cwd=a_repo.top, env=there)
    assert looked.code == 0, looked
    assert refused.code == 3, refused
    assert "DATABASE_URL leads to a transaction pooler" in refused.out
    assert tables(app) == []
