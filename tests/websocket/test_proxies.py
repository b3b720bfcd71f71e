"""Who may name a proxy, and which of two is spoken to: it sees the password."""

import http.server
import socket
import threading
from pathlib import Path

import pytest

from migcheck.errors import UndecidableError
from migcheck.postgres.target.address import parse_address
from migcheck.postgres.target.connecting import connect
from migcheck.route import Route, Transport
from tests.support.command import Command
from tests.support.doorman import lead
from tests.support.folders import a_folder
from tests.support.repositories import GitRepository
from tests.support.standin import standin
from tests.support.target_server import Database

DATABASE = "postgresql://app:s3cret-word@db.example.org/app?connect_timeout=2"


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("MIGCHECK_WEBSOCKET_PROXY", "wss://proxy.example.org/v1"),
        ("MIGCHECK_HTTPS_PROXY", "http://me:pass@proxy.example.org:3128"),
    ],
)
def test_a_file_names_no_proxy(a_repo: GitRepository, command: Command, name: str, url: str) -> None:
    """A tracked file is one that a pull request changes."""
    a_folder(a_repo / "drizzle", {"0000_a": "create table a (id int);"}, snapshots=False)
    (a_repo / ".env").write_text(f"{name}={url}\n")
    a_repo.commit(message="Add migrations")
    told = f".env sets {name}: whoever may change that file would be sent the password"
    ran = command("status", "--env-file", ".env", cwd=a_repo.top, env={"DATABASE_URL": DATABASE})
    assert (ran.code, told in ran.err, "pass" in ran.err.replace(told, "")) == (2, True, False), ran


@pytest.mark.parametrize("scheme", ["ws", "WS"])
def test_an_https_proxy_sees_nothing_of_a_wsproxy_on_this_machine(scheme: str) -> None:
    """`ws://` is in clear, and stays on the loopback: through an HTTPS proxy the password would leave it."""
    with socket.create_server(("127.0.0.1", 0)) as outside, socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        free.close()
        proxy = f"http://me:pass@127.0.0.1:{outside.getsockname()[1]}"
        route = Route(Transport.WEBSOCKET, f"{scheme}://127.0.0.1:{port}/v1", proxy)
        with (
            pytest.raises(UndecidableError, match=r"127\.0\.0\.1: .*Connection refused"),
            connect(parse_address(DATABASE, route=route), "migcheck"),
        ):
            pass
        outside.settimeout(0)
        with pytest.raises(BlockingIOError):
            outside.accept()


class Leading(http.server.BaseHTTPRequestHandler):
    """An HTTPS proxy that leads on to the port of this machine that it is asked for."""

    asked: list[tuple[str, str]]

    def do_CONNECT(self) -> None:
        self.asked.append((self.path, self.headers.get("Proxy-Authorization", "")))
        self.send_response(200)
        self.end_headers()
        lead(self.connection, int(self.path.rpartition(":")[2]))

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.mark.server
def test_what_an_https_proxy_leads_to_is_the_database(app: Database, tmp_path: Path) -> None:
    """Every link goes that way: that of a cancel request as well."""
    Leading.asked = []
    with (
        standin(("127.0.0.1", app.port), tmp_path) as proxy,
        http.server.ThreadingHTTPServer(("127.0.0.1", 0), Leading) as server,
    ):
        threading.Thread(target=server.serve_forever).start()
        route = Route(Transport.WEBSOCKET, proxy.url, f"http://me:pass@127.0.0.1:{server.server_port}")
        with connect(parse_address(f"{app.url}?sslrootcert={proxy.certificates}", route=route), "migcheck") as session:
            assert session.execute("select current_user::text").fetchone() == (app.role,)
            session.cancel_safe()
        server.shutdown()
    assert Leading.asked == [(f"localhost:{proxy.port}", "Basic bWU6cGFzcw==")] * 2
    assert proxy.links == [f"/v1?address=127.0.0.1:{app.port}"] * 2
