"""A compute of Neon's that was suspended is waited for without being asked: connecting is tried again, no statement."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest

from migcheck.errors import UndecidableError
from migcheck.postgres.target import waiting
from migcheck.postgres.target.address import Address, parse_address
from migcheck.postgres.target.refusals import AsleepError, refusal
from migcheck.postgres.target.waiting import connect_when_ready
from migcheck.route import Route, Transport
from tests.support.doorman import Answer, Doorman, doorman, hangs_up, refuses
from tests.support.standin import standin
from tests.support.target_server import Database

pytestmark = pytest.mark.server

NEON = "ep-cool-rain-123.eu-central-1.aws.neon.tech"
NODE = refuses("Couldn't connect to compute node", "08006", "ERROR")


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "_PAUSES", (0.01,))


@contextmanager
def suspended(app: Database, *answers: Answer, transport: Transport) -> Iterator[tuple[Address, Doorman]]:
    """`app` as Neon has it, whose proxy says `answers` before it lets anybody through."""
    with doorman(app.port, answers) as door, standin(("127.0.0.1", door.port)) as proxy:
        url = f"postgresql://{app.role}:{app.password}@{NEON}:{door.port}/{app.name}?sslmode=prefer"
        route = Route(transport, proxy.url if transport is Transport.WEBSOCKET else "")
        yield parse_address(url if transport is Transport.WEBSOCKET else f"{url}&hostaddr=127.0.0.1", route=route), door


@pytest.mark.parametrize("transport", [Transport.TCP, Transport.WEBSOCKET])
@pytest.mark.parametrize(
    "answer",
    [
        NODE,
        refuses("Control plane request failed", "XX000", "ERROR"),
        refuses("Failed to acquire permit to connect to the database. Too many database connection attempts.", "XX000"),
        refuses("the database system is starting up"),
    ],
)
def test_what_its_proxy_says_meanwhile_is_waited_out(app: Database, answer: Answer, transport: Transport) -> None:
    told = list[str]()
    with suspended(app, answer, answer, transport=transport) as (address, door):
        with connect_when_ready(address, "migcheck", told.append) as connection:
            assert connection.execute("select current_user::text").fetchone() == (app.role,)
        assert door.visitors == 3
    assert len(told) == 1
    assert told[0].startswith("waiting up to 60 s: ")


@pytest.mark.parametrize("transport", [Transport.TCP, Transport.WEBSOCKET])
@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (refuses("Control plane request failed: endpoint is disabled", "XX000", "ERROR"), "Neon does not open "),
        (refuses("password authentication failed for user 'app'", "28P01", "ERROR"), "refuses the user"),
        (hangs_up, "cannot be reached"),
    ],
)
def test_what_is_no_waking_up_is_told_at_once(app: Database, answer: Answer, told: str, transport: Transport) -> None:
    with suspended(app, answer, transport=transport) as (address, door):
        with pytest.raises(UndecidableError, match=told), connect_when_ready(address, "migcheck"):
            pass
        assert door.visitors == 1


def test_the_time_is_bounded(app: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "WAKING_SECONDS", 1)
    with (
        suspended(app, *[NODE] * 500, transport=Transport.TCP) as (address, _),
        pytest.raises(UndecidableError, match=r"^the compute of .* does not wake up: .* \(waited 1 s\)$"),
        connect_when_ready(address, "migcheck"),
    ):
        pass


def test_who_asked_to_wait_longer_does(app: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "WAKING_SECONDS", 0)
    with suspended(app, NODE, transport=Transport.TCP) as (address, door):
        patient = replace(address, route=replace(address.route, wait=60))
        with connect_when_ready(patient, "migcheck"):
            assert door.visitors == 2


@pytest.mark.parametrize(("host", "neon"), [(NEON, True), ("db.example.org", False)])
@pytest.mark.parametrize("said", ["connection timeout expired", "over a WebSocket: x: does not answer in time"])
def test_silence_is_a_waking_up_of_neon_alone(host: str, said: str, neon: bool) -> None:  # noqa: FBT001 - the case is that
    address = parse_address(f"postgresql://app:s3cret-word@{host}/app")
    assert isinstance(refusal(address, psycopg.OperationalError(said)), AsleepError) is neon
