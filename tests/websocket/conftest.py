"""A database behind the stand-in, with and without TLS."""

import signal
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import pytest

from migcheck.postgres.target.address import Address, parse_address
from migcheck.route import Route, Transport
from tests.support.standin import Standin, standin
from tests.support.target_server import Database
from tests.support.waiting import PATIENCE


@pytest.fixture(autouse=True)
def bounded() -> Iterator[None]:
    """No test blocks for ever: what breaks here is mostly seen in something that never comes."""

    def give_up(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError("the test waits for something that does not come")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, 3 * PATIENCE, PATIENCE)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(params=["ws", "wss"])
def proxy(app: Database, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Standin]:
    """The stand-in in front of `app`'s server."""
    with standin(("127.0.0.1", app.port), tmp_path if request.param == "wss" else None) as running:
        yield running


@pytest.fixture
def address(app: Database, proxy: Standin) -> Address:
    """Where `app` is, reached over a WebSocket as Neon writes its URLs."""
    trusted = f"&sslrootcert={proxy.certificates}" if proxy.certificates else ""
    url = f"{app.url}?sslmode=require&channel_binding=require{trusted}"
    return parse_address(url, "DATABASE_URL", Route(Transport.WEBSOCKET, proxy.url))
