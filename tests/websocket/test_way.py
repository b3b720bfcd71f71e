"""Which way a target is reached, and that every way leads to the same database."""

import socket

import pytest

from migcheck.errors import UndecidableError, UsageError
from migcheck.postgres.target import way
from migcheck.postgres.target.address import parse_address, refuse_pooler
from migcheck.postgres.target.connecting import connect, conninfo_of
from migcheck.postgres.target.way import way_to
from migcheck.postgres.websocket.endpoint import Endpoint, endpoint_of
from migcheck.project import Asked
from migcheck.route import Route, Transport
from tests.support.doorman import deaf

PROXY = "wss://proxy.example.org/v1"


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every port is closed."""
    monkeypatch.setattr(way, "_closed", lambda _host, _port: True)


def auto(place: str, proxy: str = "") -> Endpoint | None:
    """Where AUTO leads."""
    return way_to(parse_address(f"postgresql://app:s3cret-word@{place}/app", route=Route(Transport.AUTO, proxy)))


@pytest.mark.usefixtures("closed")
@pytest.mark.parametrize(
    ("host", "taken"),
    [
        ("ep-x.us-east-2.aws.neon.tech", True),
        ("EP-x.us-east-2.aws.Neon.Tech", True),
        ("ep-x.us-east-2.aws.neon.build.", True),
        ("neon.tech", False),
        ("notneon.tech", False),
        ("neon.tech.example.org", False),
    ],
)
def test_a_host_of_neons(host: str, taken: bool) -> None:  # noqa: FBT001 - the case is that
    assert (auto(host) is not None) is taken


@pytest.mark.usefixtures("closed")
@pytest.mark.parametrize(
    "place", ["a.neon.tech:5432,b.neon.tech:5433", "127.0.0.1:1,127.0.0.1:2", "%2Frun%2Fpostgresql"]
)
def test_what_has_no_websocket_is_reached_over_tcp(place: str) -> None:
    assert auto(place, PROXY) is None


@pytest.mark.parametrize("host", ["a..b", "x" * 64 + ".example.org"])
def test_an_odd_host_is_the_drivers_to_refuse(host: str) -> None:
    assert auto(host, PROXY) is None
    address = parse_address(f"postgresql://app:s3cret-word@{host}/app")
    with pytest.raises(UndecidableError, match=r"cannot be reached|is not known"), connect(address, "migcheck"):
        pass


def test_a_closed_port_is_looked_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert auto(f"127.0.0.1:{port}", PROXY) == Endpoint(f"{PROXY}?address=127.0.0.1:{port}")


def test_a_port_that_is_filtered_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(way, "_LOOK_SECONDS", 0.2)
    with deaf("127.0.0.1") as port:
        assert auto(f"127.0.0.1:{port}", PROXY) == Endpoint(f"{PROXY}?address=127.0.0.1:{port}")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("postgresql://app@one,two/app", "one,two/app names several"),
        ("postgresql:///app?service=prod", "localhost/app is named by a service of libpq's"),
        ("postgresql:///app?host=/run/postgresql", "/run/postgresql/app is a socket on this machine"),
    ],
)
def test_a_websocket_that_is_asked_for_leads_to_one_host(url: str, why: str) -> None:
    with pytest.raises(UsageError) as caught:
        way_to(parse_address(url, route=Route(Transport.WEBSOCKET)))
    assert caught.value.problem == f"a WebSocket leads to one host, and {why}"


@pytest.mark.parametrize("transport", [Transport.WEBSOCKET, Transport.AUTO])
def test_where_there_is_no_unix_socket_it_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, transport: Transport
) -> None:
    """As on Windows. What needs no WebSocket needs none."""
    monkeypatch.delattr(socket, "AF_UNIX")
    monkeypatch.setattr(way, "_closed", lambda _host, _port: True)
    neons = "postgresql://app@ep-cool-1.eu-central-1.aws.neon.tech/app"
    with pytest.raises(UsageError) as caught:
        way_to(parse_address(neons, route=Route(transport)))
    assert caught.value.problem == "libpq is led to a WebSocket by a Unix socket, which Python on Windows has not"
    assert caught.value.remedy == "run migcheck in WSL, or where the database's own port is open"
    assert way_to(parse_address(neons, route=Route(Transport.TCP))) is None


def test_an_ipv6_host_stands_in_brackets() -> None:
    assert endpoint_of("::1", "5432", Route()).url == "wss://[::1]/v2"
    assert endpoint_of("::1", "5432", Route(websocket_proxy=PROXY)).url == f"{PROXY}?address=[::1]:5432"


@pytest.mark.parametrize("url", ["postgresql://app@db.example.org/app", "postgresql://app@db.example.org:5432/app"])
def test_every_way_leads_to_one_port(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """libpq takes PGPORT where the URL has none, and so do Drizzle's drivers."""
    monkeypatch.setenv("PGPORT", "6000")
    address = parse_address(url, route=Route(Transport.WEBSOCKET, PROXY))
    endpoint = way_to(address)
    port = "5432" if ":5432" in url else "6000"
    assert endpoint is not None
    assert endpoint.url.endswith(f"?address=db.example.org:{port}")
    assert f"port={port}" in conninfo_of(address, "migcheck").split()
    assert address.name == f"db.example.org{'' if port == '5432' else ':6000'}/app"


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [("2", 2), ("007", 7), ("61", 60), ("9" * 5000, 60), ("0", 15), ("-1", 15), ("²", 15), ("", 15)],
    ids=lambda each: str(each)[:5],
)
def test_how_long_connecting_may_take(asked: str, seconds: int) -> None:
    address = parse_address(f"postgresql://app@db.example.org/app?connect_timeout={asked}")
    assert f"connect_timeout={seconds}" in conninfo_of(address, "migcheck").split()


def test_a_pooler_of_neons_is_one_however_it_is_written() -> None:
    address = parse_address("postgresql://app@EP-x-Pooler.aws.neon.tech/app")
    with pytest.raises(UndecidableError, match="leads to a transaction pooler"):
        refuse_pooler(address, "DATABASE_URL")


def test_nothing_shows_a_password() -> None:
    route = Route(Transport.AUTO, PROXY, "http://me:s3cret@proxy:3128")
    target = parse_address("postgresql://u:s3cret@h/d", route=route)
    asked = Asked(target=target, scratch="postgresql://u:s3cret@h/d")
    shown = repr((route, endpoint_of("db.example.org", "5432", route), asked))
    assert "s3cret" not in shown
