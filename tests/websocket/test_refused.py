"""Where there is no WebSocket to be had, one sentence says why, nothing of the password, and what to look at."""

import datetime as dt
import http.server
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from migcheck.errors import UndecidableError, UsageError
from migcheck.postgres.target.address import parse_address
from migcheck.postgres.target.connecting import connect
from migcheck.route import Route, Transport

DATABASE = "postgresql://app:s3cret-word@db.example.org/app"


@contextmanager
def answering(answer: Callable[[socket.socket], object]) -> Iterator[int]:
    """A server on a port of the loopback that does `answer` with its first visitor."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with listener.accept()[0] as visitor:
                answer(visitor)

        thread = threading.Thread(target=serve)
        thread.start()
        yield int(listener.getsockname()[1])
        thread.join()


def says(text: str) -> Callable[[socket.socket], object]:
    """Read the request and answer with `text`."""

    def answer(visitor: socket.socket) -> None:
        visitor.recv(4096)
        visitor.sendall(text.replace("\n", "\r\n").encode())

    return answer


def refusal(proxy: str, url: str = DATABASE, https_proxy: str = "", *, remedy: str = "") -> str:
    """Why there is no connection through `proxy`, of which the remedy begins so."""
    address = parse_address(url, "DATABASE_URL", Route(Transport.WEBSOCKET, proxy, https_proxy))
    with pytest.raises(UndecidableError) as caught, connect(address, "migcheck"):
        pass
    told = f"{caught.value.problem} {caught.value.remedy} {caught.value.__cause__}"
    assert "s3cret" not in told
    assert "migcheck-run-" not in caught.value.problem
    assert caught.value.remedy.startswith(remedy)
    return caught.value.problem


class TestAnswers:
    def test_nobody_listens(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        proxy = f"ws://127.0.0.1:{port}/v1"
        assert refusal(proxy, remedy=f"check MIGCHECK_WEBSOCKET_PROXY ({proxy}) and what runs there; `--wait") == (
            "db.example.org/app cannot be reached: connection failed: over a WebSocket: "
            "127.0.0.1: [Errno 111] Connection refused"
        )

    @pytest.mark.parametrize(
        ("answer", "told"),
        [
            ("HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", "answers with HTTP 200: hello"),
            (
                "HTTP/1.1 404 Not Found\nContent-Length: 19\n\n404 page not found\n",
                "answers with HTTP 404: 404 page",
            ),
            ("HTTP/1.1 302 Found\nLocation: ws://evil.example.org/\nContent-Length: 0\n\n", "answers with HTTP 302"),
            ("SSH-2.0-OpenSSH_9.2\n", "does not speak WebSocket"),
            ("", "does not speak WebSocket"),
        ],
    )
    def test_something_else_answers(self, answer: str, told: str) -> None:
        with answering(says(answer)) as port:
            assert f"over a WebSocket: 127.0.0.1: {told}" in refusal(f"ws://127.0.0.1:{port}/v1")

    def test_what_is_answered_decides_nothing(self) -> None:
        """A proxy may repeat what Postgres would say."""
        body = "FATAL: password authentication failed\0"
        with answering(says(f"HTTP/1.1 403 Forbidden\nContent-Length: {len(body)}\n\n{body}")) as port:
            told = refusal(f"ws://127.0.0.1:{port}/v1")
        assert told.startswith("db.example.org/app cannot be reached: ")
        assert "answers with HTTP 403: FATAL: password authentication failed" in told

    def test_nothing_is_answered(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            proxy = f"ws://127.0.0.1:{silent.getsockname()[1]}/v1"
            assert "127.0.0.1: does not answer in time" in refusal(proxy, f"{DATABASE}?connect_timeout=1")


class TestCertificates:
    @contextmanager
    def shown(self, name: str, not_after: dt.datetime | None = None) -> Iterator[tuple[int, trustme.CA]]:
        authority = trustme.CA()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name, not_after=not_after).configure_cert(context)

        def answer(visitor: socket.socket) -> None:
            with pytest.raises((ssl.SSLError, OSError)), context.wrap_socket(visitor, server_side=True) as secured:
                assert secured.recv(4096) == b"nothing is ever asked"

        with answering(answer) as port:
            yield port, authority

    def trusting(self, authority: trustme.CA, directory: Path) -> str:
        authority.cert_pem.write_to_path(str(directory / "ca.pem"))
        return f"{DATABASE}?sslrootcert={directory / 'ca.pem'}"

    def test_of_an_unknown_authority(self) -> None:
        with self.shown("localhost") as (port, _):
            told = refusal(f"wss://localhost:{port}/v1", remedy="see the certificate of what answers there; `sslroot")
        assert told.startswith("db.example.org/app and this machine cannot agree on TLS: ")
        assert "unable to get local issuer certificate" in told

    def test_of_another_host(self, tmp_path: Path) -> None:
        with self.shown("other.example.org") as (port, authority):
            told = refusal(f"wss://localhost:{port}/v1", self.trusting(authority, tmp_path))
        assert "Hostname mismatch, certificate is not valid for 'localhost'" in told

    def test_that_has_expired(self, tmp_path: Path) -> None:
        past = dt.datetime.now(tz=dt.UTC) - dt.timedelta(days=1)
        with self.shown("localhost", not_after=past) as (port, authority):
            assert "certificate has expired" in refusal(
                f"wss://localhost:{port}/v1", self.trusting(authority, tmp_path)
            )


@pytest.mark.parametrize(
    ("proxy", "told"),
    [
        ("ws://proxy.example.org/v1", "MIGCHECK_WEBSOCKET_PROXY would send the password over an open line to proxy."),
        ("https://proxy.example.org", "MIGCHECK_WEBSOCKET_PROXY is no WebSocket's URL"),
        ("wss://a:b@proxy.example.org/v1", "MIGCHECK_WEBSOCKET_PROXY is no WebSocket's URL"),
        ("wss://proxy.example.org:port/v1", "MIGCHECK_WEBSOCKET_PROXY is no WebSocket's URL"),
        ("wss://proxy.example.org/v1?address=x", "MIGCHECK_WEBSOCKET_PROXY is no WebSocket's URL"),
    ],
)
def test_what_is_no_place_for_a_password(proxy: str, told: str) -> None:
    address = parse_address(DATABASE, "DATABASE_URL", Route(Transport.WEBSOCKET, proxy))
    with pytest.raises(UsageError) as caught, connect(address, "migcheck"):
        pass
    assert caught.value.problem.startswith(told)
    assert caught.value.remedy == "write it as wss://HOST/v1"


class Tunnel(http.server.BaseHTTPRequestHandler):
    """An HTTPS proxy that lets nobody through."""

    asked: list[tuple[str, str]]

    def do_CONNECT(self) -> None:
        self.asked.append((self.path, self.headers.get("Proxy-Authorization", "")))
        self.send_error(403, "Not to databases")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize("login", ["", "me:pass@"])
def test_an_https_proxy_is_asked_where_one_is_named(login: str) -> None:
    Tunnel.asked = []
    with http.server.HTTPServer(("127.0.0.1", 0), Tunnel) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        proxy = f"127.0.0.1:{server.server_port}"
        told = refusal("", DATABASE, f"http://{login}{proxy}", remedy="check MIGCHECK_HTTPS_PROXY, and")
        thread.join()
    assert f"over a WebSocket: the HTTPS proxy {proxy}: answers with HTTP 403: Not to databases" in told
    assert Tunnel.asked == [("db.example.org:443", "Basic bWU6cGFzcw==" if login else "")]


def test_a_database_that_is_not_neons_needs_a_proxy_to_be_named() -> None:
    told = refusal("", DATABASE.replace("db.example.org", "127.0.0.1"), remedy="name a wsproxy in MIGCHECK_WEBSOCKET")
    assert "over a WebSocket: 127.0.0.1: " in told


@pytest.mark.parametrize("proxy", ["https://proxy.example.org", "proxy:3128", "http://"])
def test_an_https_proxy_is_spoken_to_by_http(proxy: str) -> None:
    address = parse_address(DATABASE, "DATABASE_URL", Route(Transport.WEBSOCKET, "", proxy))
    with pytest.raises(UsageError, match=r"MIGCHECK_HTTPS_PROXY is no http:// URL"), connect(address, "migcheck"):
        pass
