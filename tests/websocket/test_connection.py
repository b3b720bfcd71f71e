"""A connection over a WebSocket is the one over TCP: what goes through it, and what it says when it breaks."""

import threading
import time

import psycopg
import pytest

from migcheck.postgres.address import Address
from migcheck.postgres.connecting import connect
from migcheck.redact import said_by
from tests.support.standin import Standin
from tests.support.target_server import CLEARTEXT, Database, TargetServer
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.server

MIB = 1_048_576


def test_what_goes_over_tcp_goes_over_it(address: Address, proxy: Standin, app: Database) -> None:
    with connect(address, "migcheck") as connection:
        connection.execute("create table users (id int); insert into users values (1), (2)")
        with connection.transaction(), connection.cursor() as cursor:
            cursor.execute("select sum(id) from users")
            assert cursor.fetchone() == (3,)
        assert connection.execute("show application_name").fetchone() == ("migcheck",)
    assert app.ask("select count(*) from users") == [(2,)]
    assert proxy.links == [f"/v1?address=127.0.0.1:{app.port}"]


@pytest.mark.parametrize("proxy", ["wss"], indirect=True)
def test_60_mib_both_ways(address: Address) -> None:
    with connect(address, "migcheck") as connection:
        assert connection.execute("select length(%s)", ("x" * 60 * MIB,)).fetchone() == (60 * MIB,)
        assert connection.execute("select repeat('x', 60 * 1048576)").fetchone() == ("x" * 60 * MIB,)


def test_a_statement_is_cancelled_over_a_link_of_its_own(address: Address, proxy: Standin) -> None:
    with connect(address, "migcheck") as connection:
        threading.Timer(0.3, connection.cancel_safe).start()
        begun = time.monotonic()
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute(f"select pg_sleep({PATIENCE})")
        assert time.monotonic() - begun < PATIENCE
        assert connection.execute("select 1").fetchone() == (1,)
    assert len(proxy.links) == 2


def test_whoever_ends_the_session_is_heard(address: Address, app: Database) -> None:
    with connect(address, "victim") as connection:
        app.run("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'victim'")
        with pytest.raises(psycopg.errors.AdminShutdown):
            connection.execute("select 1")


def test_a_link_that_is_cut_says_so(address: Address, proxy: Standin) -> None:
    proxy.faults.down = lambda chunk: b"the answer" in chunk
    with pytest.raises(psycopg.OperationalError) as broken, connect(address, "migcheck") as connection:
        connection.execute("select 'the ' || 'answer'")
    assert "server closed the connection unexpectedly" in said_by(broken.value)
    assert said_by(broken.value).endswith("(unexpected end of stream)")


def test_a_session_that_ends_is_ended_on_the_server(address: Address, app: Database) -> None:
    """What libpq says last is not lost: a session that stayed would hold its locks."""
    with connect(address, "gone") as connection:
        connection.execute("select pg_advisory_lock(1)")
    query = "select 1 from pg_stat_activity where application_name = 'gone'"
    end = time.monotonic() + PATIENCE
    while app.ask(query) and time.monotonic() < end:
        time.sleep(0.02)
    assert app.ask(query) == []


def test_a_role_that_is_asked_for_the_password_itself(
    address: Address, app: Database, target_server: TargetServer
) -> None:
    """As Neon does over a WebSocket, whatever it asks for over TCP."""
    target_server.admin.run(f"grant {CLEARTEXT} to {app.role}")
    with connect(address, "migcheck") as connection:
        assert connection.execute("select current_user::text").fetchone() == (app.role,)
