"""A stand-in for Neon's WebSocket proxy, which Neon's own client and Drizzle's migrator take for the real one.

As `neondatabase/wsproxy` (`main.go`): `/v1?address=host:port` dials what the allow-list lets through, HTTP 400 for the
rest, 404 elsewhere; binary frames alone, no compression, close 1000 when the database ends. As Neon itself: `/v2`,
which dials the database it stands for, whoever asks.
"""

import asyncio
import re
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import trustme
from msgspec import Struct
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

CHUNK = 32_768
ALLOWED = re.compile(r"(127\.0\.0\.1|localhost|[\w.-]+\.neon\.tech):\d+")


class Faults(Struct):
    """What goes wrong on the way, asked before each chunk: `up` of what the client sends, `down` of what it gets.

    Where one says so, the link is cut there and then, without a word.
    """

    up: Callable[[bytes], bool] = lambda _chunk: False
    down: Callable[[bytes], bool] = lambda _chunk: False
    delay: float = 0.0


class Standin(Struct):
    """A running one. `links` are the requests it took, `certificates` its CA's file, empty without TLS."""

    port: int
    faults: Faults
    links: list[str]
    certificates: str = ""

    @property
    def url(self) -> str:
        """Where a wsproxy listens."""
        return f"{'wss' if self.certificates else 'ws'}://localhost:{self.port}/v1"


class Cutter(Struct):
    """Cuts the link at one chunk, counted over all links, and lets everything else pass."""

    at: int
    seen: int = 0

    def __call__(self, _chunk: bytes) -> bool:
        self.seen += 1
        return self.seen == self.at + 1


@contextmanager
def standin(database: tuple[str, int], directory: Path | None = None, name: str = "localhost") -> Iterator[Standin]:
    """Run one in front of `database`; over TLS, with a CA of its own in `directory`, where that is given."""
    secure = None
    if directory is not None:
        authority = trustme.CA()
        secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name).configure_cert(secure)
        authority.cert_pem.write_to_path(str(directory / "ca.pem"))
    running = Standin(0, Faults(), [], str(directory / "ca.pem") if directory else "")
    loop = asyncio.new_event_loop()
    started, end = threading.Event(), asyncio.Event()

    async def run() -> None:
        proxy = _Proxy(running, database)
        async with serve(
            proxy.link, "127.0.0.1", 0, ssl=secure, process_request=proxy.check, compression=None, max_size=None
        ) as server:
            running.port = next(iter(server.sockets)).getsockname()[1]
            started.set()
            await end.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()))
    thread.start()
    assert started.wait(10)
    try:
        yield running
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join()
        loop.close()


class _Proxy(Struct):
    """What happens to one link after the other."""

    standin: Standin
    database: tuple[str, int]

    def check(self, connection: ServerConnection, request: Request) -> Response | None:
        """Refuse what Neon's wsproxy refuses."""
        asked = urlsplit(request.path)
        self.standin.links.append(request.path)
        if asked.path == "/v2":
            return None
        if asked.path != "/v1":
            return connection.respond(HTTPStatus.NOT_FOUND, "404 page not found\n")
        address = parse_qs(asked.query).get("address", [""])[0]
        if not ALLOWED.fullmatch(address):
            return connection.respond(HTTPStatus.BAD_REQUEST, f"address {address} is not allowed\n")
        return None

    async def link(self, connection: ServerConnection) -> None:
        """Pass bytes both ways until one side has ended."""
        try:
            reader, writer = await asyncio.open_connection(*self.database)
        except OSError:
            await connection.close(1011, "the database does not answer")
            return
        with suppress(ConnectionClosed, OSError):
            ways = [
                asyncio.create_task(self._up(connection, writer)),
                asyncio.create_task(self._down(reader, connection)),
            ]
            _, left = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for each in left:
                each.cancel()
        writer.close()

    async def _up(self, connection: ServerConnection, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionClosed):
            async for message in connection:
                assert isinstance(message, bytes), "a text frame is an error"
                await asyncio.sleep(self.standin.faults.delay)
                if self.standin.faults.up(message):
                    connection.transport.abort()
                    return
                writer.write(message)
                await writer.drain()

    async def _down(self, reader: asyncio.StreamReader, connection: ServerConnection) -> None:
        while chunk := await reader.read(CHUNK):
            await asyncio.sleep(self.standin.faults.delay)
            if self.standin.faults.down(chunk):
                connection.transport.abort()
                return
            await connection.send(chunk)
        await connection.close()
