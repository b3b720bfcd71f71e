"""A database that is still starting is waited for where that was asked; whatever refuses us is not asked again."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from migcheck.errors import UndecidableError
from migcheck.postgres.target import waiting
from migcheck.postgres.target.address import Address, parse_address
from migcheck.postgres.target.refusals import NotYetError, refusal
from migcheck.postgres.target.waiting import connect_when_ready
from migcheck.route import Route, Transport
from tests.support.command import Command
from tests.support.deploys import tables
from tests.support.doorman import Answer, Doorman, doorman, hangs_up, refuses, resets, takes_the_password
from tests.support.folders import a_folder
from tests.support.repositories import GitRepository
from tests.support.standin import standin
from tests.support.target_server import Database

pytestmark = pytest.mark.server

STARTING = refuses("the database system is starting up")
ADDRESS = parse_address("postgresql://app:s3cret-word@db.example.org/app")


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "_PAUSES", (0.01,))


@pytest.fixture(params=["tcp", "websocket"])
def transport(request: pytest.FixtureRequest) -> Transport:
    return Transport(request.param)


@contextmanager
def guarded(app: Database, *answers: Answer, transport: Transport, wait: int = 60) -> Iterator[tuple[Address, Doorman]]:
    """`app` behind a doorman who turns away the first visitors, reached over TCP or over the stand-in."""
    with doorman(app.port, answers) as door, standin(("127.0.0.1", door.port)) as proxy:
        route = Route(transport, proxy.url if transport is Transport.WEBSOCKET else "", wait=wait)
        yield parse_address(f"{app.url.replace(str(app.port), str(door.port))}?sslmode=prefer", route=route), door


@pytest.mark.parametrize("answer", [STARTING, refuses("the database system is not yet accepting connections")])
def test_who_says_to_be_starting_is_waited_for(app: Database, answer: Answer, transport: Transport) -> None:
    told = list[str]()
    with guarded(app, answer, answer, answer, transport=transport) as (address, door):
        with connect_when_ready(address, "migcheck", told.append) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
        assert door.visitors == 4
    assert len(told) == 1
    assert told[0].startswith(f"waiting up to 60 s: {address.name} is not ready: ")


@pytest.mark.parametrize("answer", [hangs_up, resets])
def test_who_says_nothing_is_waited_for(app: Database, answer: Answer, transport: Transport) -> None:
    """As the proxy of a container does before anybody listens in it."""
    with (
        guarded(app, answer, answer, transport=transport) as (address, door),
        connect_when_ready(address, "migcheck") as connection,
    ):
        assert connection.execute("select 1").fetchone() == (1,)
        assert door.visitors == 3


def test_a_port_that_nobody_listens_on_yet_is_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    came = threading.Event()

    def listen(_told: str) -> None:
        threading.Thread(target=serve, daemon=True).start()

    def serve() -> None:
        with socket.create_server(("127.0.0.1", port)) as listener, listener.accept()[0] as visitor:
            came.set()
            refuses("password authentication failed", "28P01")(visitor)

    address = parse_address(f"postgresql://app:pw@127.0.0.1:{port}/app?sslmode=disable", route=Route(wait=60))
    with pytest.raises(UndecidableError, match="refuses the user"), connect_when_ready(address, "migcheck", listen):
        pass
    assert came.is_set()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("pw-", "no-"), "refuses the user or the password"),
        (("?sslmode", "_none?sslmode"), "the database of "),
        (("sslmode=prefer", "sslmode=require"), "cannot agree on TLS"),
    ],
)
def test_what_refuses_us_is_not_asked_again(app: Database, change: tuple[str, str], told: str) -> None:
    with doorman(app.port, [STARTING]) as door:
        url = f"{app.url.replace(str(app.port), str(door.port))}?sslmode=prefer".replace(*change)
        with (
            pytest.raises(UndecidableError, match=told) as caught,
            connect_when_ready(parse_address(url, route=Route(wait=60)), "migcheck"),
        ):
            pass
        assert not isinstance(caught.value, NotYetError)
        # "prefer" asks again where TLS is refused, and a server without TLS refuses "require" before anything is said.
        assert door.visitors == (1 if "require" in url else 2)


def test_nor_who_was_given_the_password_and_hangs_up(app: Database) -> None:
    with guarded(app, takes_the_password, transport=Transport.TCP) as (address, door):
        with pytest.raises(UndecidableError, match="cannot be reached"), connect_when_ready(address, "migcheck"):
            pass
        assert door.visitors == 1


def test_no_statement_is_run_again(app: Database, transport: Transport) -> None:
    with guarded(app, transport=transport) as (address, door):
        end = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'victim'"
        with pytest.raises(psycopg.Error), connect_when_ready(address, "victim") as connection:
            connection.execute(f"select 1 from (select 1 where false) x; {end}".encode())
        assert door.visitors == 1


def test_the_time_is_over_once(app: Database, transport: Transport) -> None:
    with (
        guarded(app, *[STARTING] * 500, transport=transport, wait=1) as (address, _),
        pytest.raises(UndecidableError, match=r"is not ready: .*starting up.* \(waited 1 s\)$") as caught,
        connect_when_ready(address, "migcheck"),
    ):
        pass
    assert not isinstance(caught.value, NotYetError)


def test_nobody_waits_who_was_not_asked_to(app: Database, transport: Transport) -> None:
    told = list[str]()
    with guarded(app, STARTING, transport=transport, wait=0) as (address, door):
        with pytest.raises(UndecidableError, match="is not ready"), connect_when_ready(address, "x", told.append):
            pass
        assert (door.visitors, told) == (1, [])


@pytest.mark.parametrize(
    ("said", "waits"),
    [
        ("connection failed: connection refused... Connection refused\n\tIs the server running on that host", True),
        ("failed to resolve host 'db': [Errno -2] Name or service not known", True),
        ("could not translate host name", True),
        ("db: [Errno -3] Temporary failure in name resolution", True),
        ("No route to host", True),
        ("connection timeout expired", True),
        ("connection to server at db failed: FATAL:  the database system is shutting down", True),
        ("SSL SYSCALL error: EOF detected", True),
        ("SSL connection has been closed unexpectedly", True),
        ("SSL error: wrong version number; SSL SYSCALL error: EOF detected", False),
        ("over a WebSocket: db: does not answer in time", True),
        ("over a WebSocket: db: answers with HTTP 503: no healthy upstream", True),
        ("the WebSocket was closed: 1011 the database does not answer", True),
        ("over a WebSocket: db: answers with HTTP 404: Connection refused", False),
        ("over a WebSocket: db: answers with HTTP 400: answers with HTTP 503", False),
        ("the WebSocket was closed: 1008 Connection refused", False),
        ("db: does not speak WebSocket (Connection refused)", False),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.1"', False),
        ("FATAL:  sorry, too many clients already", False),
        ("certificate verify failed: Connection reset by peer", False),
        ('FATAL:  role "app" does not exist', False),
        ("FATAL:  something else", False),
        ('IPv4: FATAL:  role "app" is not permitted to log in - IPv6: Network is unreachable', False),
        ("IPv4: FATAL:  something else - IPv6: Network is unreachable", False),
        ("received invalid response to SSL negotiation: H; Connection refused", False),
    ],
)
def test_what_may_pass(said: str, waits: bool) -> None:  # noqa: FBT001 - the case is that
    assert isinstance(refusal(ADDRESS, psycopg.OperationalError(said)), NotYetError) is waits


@pytest.mark.parametrize(
    ("said", "problem", "remedy"),
    [
        ("FATAL:  sorry, too many clients already", "has no connection left", "try again later"),
        ("FATAL:  MaxClientsInSessionMode: max clients reached", "has no connection left", "try again later"),
        ("FATAL:  no more connections allowed (max_client_conn)", "has no connection left", "try again later"),
        ("FATAL:  Tenant or user not found", "knows no such project or user", "ROLE.PROJECT"),
        ("ERROR:  Your account or project has exceeded the compute time quota.", "Neon does not open", "quotas"),
        ("ERROR:  You have exceeded the limit of concurrently active endpoints.", "Neon does not open", "quotas"),
        ('FATAL:  permission denied for database "x"', "does not let this user in", "CONNECT"),
        ('FATAL:  role "SSL" is not permitted to log in', "does not let this user in", "LOGIN"),
        ('FATAL:  unsupported startup parameter: "x"', "refuses this connection", "see what it says"),
        ("[2600:1f18::1]: Network is unreachable", "cannot be reached", "Supabase's session pooler"),
    ],
)
def test_what_is_told_of_it(said: str, problem: str, remedy: str) -> None:
    address = parse_address("postgresql://app:s3cret-word@db.abcdefgh.supabase.co/app")
    told = refusal(address, psycopg.OperationalError(said))
    assert problem in told.problem
    assert remedy in told.remedy


@pytest.mark.parametrize("verb", ["status", "apply"])
def test_the_command_waits_and_says_so_once(a_repo: GitRepository, app: Database, command: Command, verb: str) -> None:
    a_folder(a_repo / "drizzle", {"0000_a": "create table a (id int);"}, snapshots=False)
    a_repo.commit(message="Add migrations")
    with doorman(app.port, [STARTING, STARTING]) as door:
        url = app.url.replace(str(app.port), str(door.port))
        ran = command(verb, "--wait", "60", cwd=a_repo.top, env={"DATABASE_URL": url})
    assert (ran.code, ran.err.count("waiting up to 60 s: ")) == (0, 1), ran
    assert tables(app) == (["a"] if verb == "apply" else [])
