"""A connection over a WebSocket is the one over TCP: what goes through it, and what it says when it breaks."""

import socket
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import psycopg
import pytest

from migcheck.drizzle.ledger import Batching
from migcheck.errors import UndecidableError
from migcheck.postgres.running.migrating import due_in, run_batches
from migcheck.postgres.running.watched import ConnectionLostError
from migcheck.postgres.target.address import Address, parse_address
from migcheck.postgres.target.connecting import connect
from migcheck.postgres.websocket import pump
from migcheck.redact import said_by
from migcheck.route import Route, Transport
from tests.support.deploys import NAME, written
from tests.support.standin import Standin, standin
from tests.support.target_server import CLEARTEXT, Database, TargetServer
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.server

MIB = 1_048_576
CANCEL_REQUEST = 16
"""Bytes of one."""


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


@pytest.mark.parametrize("proxy", ["wss"], indirect=True)
def test_what_tls_holds_back_is_taken(address: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where less is read at once than TLS has deciphered, no socket tells of the rest."""
    monkeypatch.setattr(pump, "AT_ONCE", 1000)
    with connect(address, "migcheck") as connection:
        assert connection.execute("select repeat('x', 100000)").fetchone() == ("x" * 100_000,)


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
    assert said_by(broken.value).endswith(
        "server closed the connection unexpectedly (over a WebSocket: unexpected end of stream)"
    )


def test_what_broke_while_connecting_is_told(address: Address, proxy: Standin) -> None:
    proxy.faults.up = lambda _chunk: True
    with (
        pytest.raises(UndecidableError, match=r"\(over a WebSocket: (unexpected end of stream|.*reset by peer.*)\)"),
        connect(address, "x"),
    ):
        pass


def test_a_wsproxy_whose_database_is_down_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with standin(("127.0.0.1", port)) as proxy:
        url = f"postgresql://app:s3cret-word@127.0.0.1:{port}/app"
        address = parse_address(url, "DATABASE_URL", Route(Transport.WEBSOCKET, proxy.url))
        told = r"the WebSocket was closed: 1011 the database does not answer"
        with pytest.raises(UndecidableError, match=told), connect(address, "migcheck"):
            pass


def test_a_migration_that_is_cut_says_why(address: Address, proxy: Standin, tmp_path: Path) -> None:
    folder = written(tmp_path, {"0000_a": "create table a (id int); select 'the ' || 'answer';"})
    proxy.faults.down = lambda chunk: b"the answer" in chunk
    with pytest.raises(ConnectionLostError) as broken, connect(address, "migcheck") as connection:
        run_batches(connection, NAME, due_in(connection, NAME, folder, Batching.ALL), folder.layout)
    assert said_by(broken.value).endswith("(over a WebSocket: unexpected end of stream)")


def test_an_error_that_is_the_servers_own_has_no_note(address: Address, proxy: Standin) -> None:
    """Nor has one that follows a cancel request that went nowhere."""
    with ExitStack() as open_until_then:
        connection = open_until_then.enter_context(connect(address, "migcheck"))
        proxy.faults.up = lambda chunk: len(chunk) == CANCEL_REQUEST
        with suppress(psycopg.Error):
            connection.cancel_safe(timeout=PATIENCE)
        assert len(proxy.links) == 2
        with pytest.raises(psycopg.errors.UndefinedColumn) as refused:
            connection.execute("select no_such_column")
        with pytest.raises(psycopg.errors.UndefinedColumn), open_until_then:
            raise refused.value
    assert not hasattr(refused.value, "__notes__")


UNHELPFUL = {
    "PGHOSTADDR": "192.0.2.1",
    "PGPORT": "1",
    "PGSSLMODE": "verify-full",
    "PGSSLNEGOTIATION": "direct",
    "PGSSLROOTCERT": "system",
    "PGSSLCERTMODE": "require",
    "PGSSLCERT": "/nonexistent",
    "PGSSLKEY": "/nonexistent",
    "PGSSLCRL": "/nonexistent",
    "PGSSLMINPROTOCOLVERSION": "TLSv1.3",
    "PGCHANNELBINDING": "require",
    "PGGSSENCMODE": "require",
    "PGREQUIREPEER": "nobody-else",
}


@pytest.mark.parametrize("variables", [*([each] for each in UNHELPFUL), list(UNHELPFUL)], ids=str)
def test_libpqs_own_tls_is_out_of_the_way(
    address: Address, monkeypatch: pytest.MonkeyPatch, variables: list[str]
) -> None:
    """It could say nothing about the server, and would refuse the socket of the bridge."""
    with monkeypatch.context() as patch:
        for name in variables:
            patch.setenv(name, UNHELPFUL[name])
        with connect(address, "migcheck") as connection:
            assert connection.execute("select 1").fetchone() == (1,)


@pytest.mark.parametrize(
    "option", ["sslnegotiation=direct", "sslcertmode=require", "requirepeer=nobody-else", "hostaddr=192.0.2.1"]
)
def test_nor_does_an_option_of_the_url_get_in(app: Database, proxy: Standin, option: str) -> None:
    trusted = f"&sslrootcert={proxy.certificates}" if proxy.certificates else ""
    route = Route(Transport.WEBSOCKET, proxy.url)
    with connect(parse_address(f"{app.url}?{option}{trusted}", route=route), "migcheck") as connection:
        assert connection.execute("select 1").fetchone() == (1,)


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
