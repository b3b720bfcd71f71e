"""Opening a WebSocket: within one deadline, whoever dawdles on the way, and with what notices a dead network."""

import contextlib
import gc
import socket
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from itertools import chain, repeat
from pathlib import Path

import pytest
from websockets.exceptions import PayloadTooBig

from migcheck.postgres.websocket.dialing import dial
from migcheck.postgres.websocket.endpoint import Endpoint
from migcheck.postgres.websocket.opening import NoLinkError, open_link
from tests.support.doorman import deaf
from tests.support.standin import standin
from tests.support.waiting import PATIENCE

SECONDS = 1.0


@contextlib.contextmanager
def dawdling(begin: bytes, more: bytes = b"") -> Iterator[int]:
    """A server that answers with `begin`, and then with a byte of `more` every now and then, for ever."""
    end = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            with contextlib.suppress(OSError), listener.accept()[0] as visitor:
                visitor.recv(4096)
                visitor.sendall(begin)
                for each in chain(more, repeat(ord("x"))):
                    if end.wait(0.05):
                        break
                    visitor.sendall(bytes([each]))

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            end.set()
            thread.join(PATIENCE)


def waited(opens: Callable[[], object]) -> float:
    """How long it took to give up."""
    begun = time.monotonic()
    with pytest.raises(NoLinkError, match="does not answer in time"):
        opens()
    return time.monotonic() - begun


def test_a_handshake_that_drips() -> None:
    with dawdling(b"HTTP/1.1 101 Switching Protocols\r\nX: ") as port:
        assert waited(lambda: open_link(Endpoint(f"ws://127.0.0.1:{port}/v1"), SECONDS)) < 5 * SECONDS


# The second begins a record of TLS, with a long message of a server's.
@pytest.mark.parametrize("more", [b"X: ", b"\r\n\x16\x03\x03\x40\x00\x02\x00\x3f\xfc\x03\x03"])
def test_an_https_proxy_that_drips(more: bytes) -> None:
    with dawdling(b"HTTP/1.1 200 OK\r\n", more) as port:
        through = Endpoint("wss://db.example.org/v2", https_proxy=f"http://127.0.0.1:{port}")
        assert waited(lambda: open_link(through, SECONDS)) < 5 * SECONDS


def test_several_addresses_share_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last of them is asked as well, though the first takes all that it is given."""
    with deaf("127.0.0.2") as port, socket.create_server(("127.0.0.3", port)) as last:
        asked: list[float] = []
        connect = socket.create_connection

        def note(address: tuple[str, int], timeout: float) -> socket.socket:
            asked.append(timeout)
            return connect(address, timeout=timeout)

        look_up = socket.getaddrinfo

        def both(host: str, *given: int, **named: int) -> list[object]:
            hosts = ("127.0.0.2", "127.0.0.3") if host == "ep.example.org" else (host,)
            return [found for each in hosts for found in look_up(each, *given, **named)]

        monkeypatch.setattr(socket, "create_connection", note)
        monkeypatch.setattr(socket, "getaddrinfo", both)
        with dial("ep.example.org", port, time.monotonic() + SECONDS) as opened:
            assert opened.getpeername() == last.getsockname()
    assert sum(asked) <= 1.5 * SECONDS
    assert asked[0] <= SECONDS / 2


def test_a_dead_network_is_noticed() -> None:
    """Linux sends no probes while a ping is outstanding: TCP_USER_TIMEOUT bounds that."""
    with standin(("127.0.0.1", 9)) as proxy:
        link = open_link(Endpoint(f"{proxy.url}?address=127.0.0.1:9"), PATIENCE)
        with link.socket as opened:
            assert opened.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            tcp = {
                name: opened.getsockopt(socket.IPPROTO_TCP, getattr(socket, name))
                for name in ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT", "TCP_USER_TIMEOUT")
                if hasattr(socket, name)
            }
    assert (
        tcp.items()
        <= {
            "TCP_KEEPIDLE": 45,
            "TCP_KEEPINTVL": 15,
            "TCP_KEEPCNT": 4,
            "TCP_USER_TIMEOUT": 105_000,
        }.items()
    )


@pytest.mark.parametrize(("mib", "fault"), [(16, None), (17, PayloadTooBig)])
def test_no_message_fills_the_memory(mib: int, fault: type[Exception] | None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as database, standin(database.getsockname()) as proxy:
        link = open_link(Endpoint(f"{proxy.url}?address=127.0.0.1:9"), PATIENCE)
        with link.socket:
            link.protocol.receive_data(b"\x82\x7f" + (mib * 1_048_576).to_bytes(8))
    assert isinstance(link.protocol.parser_exc, fault or type(None))


def test_no_socket_is_left_open(tmp_path: Path) -> None:
    """Of a TLS connection whose handshake fails."""
    with standin(("127.0.0.1", 9), tmp_path) as proxy, warnings.catch_warnings():
        gc.collect()
        warnings.simplefilter("error", ResourceWarning)
        with pytest.raises(NoLinkError, match="answers with HTTP 404: 404 page not found"):
            open_link(Endpoint(proxy.url.replace("/v1", "/nowhere"), proxy.certificates), PATIENCE)
        gc.collect()


def test_a_file_of_certificates_is_named_where_it_is_none(tmp_path: Path) -> None:
    missing = tmp_path / "ca.pem"
    with pytest.raises(NoLinkError, match=f"the certificates of {missing} cannot be read: .*No such file"):
        open_link(Endpoint("wss://db.example.org/v2", str(missing)), SECONDS)


def test_an_https_proxy_that_cannot_be_had_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    through = Endpoint("wss://db.example.org/v2", https_proxy=f"http://me:pass@127.0.0.1:{port}")
    with pytest.raises(NoLinkError, match=f"the HTTPS proxy 127.0.0.1:{port}: .*Connection refused"):
        open_link(through, SECONDS)
