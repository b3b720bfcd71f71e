"""The bridge: a private Unix socket on which libpq finds the Postgres at the other end of a WebSocket."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from threading import Thread

from migcheck.errors import UndecidableError
from migcheck.postgres.rundir import run_directory
from migcheck.postgres.websocket.endpoint import Endpoint
from migcheck.postgres.websocket.opening import AT_ONCE, NoLinkError, open_link
from migcheck.postgres.websocket.pump import Pump

PORT = 5432
"""The port in the socket's name; nothing listens on a network."""
_CLOSING_SECONDS = 5.0
_GREETING_SECONDS = 1.0


class Bridge:
    """Where libpq finds the database, and what broke on the way to it last."""

    def __init__(self, directory: Path, endpoint: Endpoint, seconds: float) -> None:
        """Nothing is opened before libpq asks."""
        self.directory, self.fault = directory, ""
        self._endpoint, self._seconds = endpoint, seconds
        self._links: list[Thread] = []

    def accept(self, listener: socket.socket, end: socket.socket) -> None:
        """Open a WebSocket for each connection to `listener`, a cancel request's as well, until `end` is closed."""
        with DefaultSelector() as selector:
            for each in (listener, end):
                selector.register(each, EVENT_READ)
            while end not in {key.fileobj for key, _ in selector.select()}:
                link = Thread(target=self._link, args=(listener.accept()[0],), daemon=True)
                self._links.append(link)
                link.start()

    def wait(self) -> None:
        """Wait until what was still on its way has been sent."""
        for each in self._links:
            each.join(_CLOSING_SECONDS)

    def _link(self, local: socket.socket) -> None:
        try:
            link = open_link(self._endpoint, self._seconds)
        except NoLinkError as error:
            self._note(str(error))
            with local, suppress(OSError):
                _refuse(local, self.fault)
            return
        Pump(local, link, self._note).run()

    def _note(self, fault: str) -> None:
        self.fault = fault


@contextmanager
def bridged(endpoint: Endpoint, seconds: float) -> Iterator[Bridge]:
    """A bridge to `endpoint`, as long as the context lasts. `seconds` bounds the opening of each connection.

    Raises UndecidableError where this system has no Unix sockets.
    """
    if not hasattr(socket, "AF_UNIX"):
        raise UndecidableError("a WebSocket needs Unix sockets, which this system lacks", "connect over TCP")
    with run_directory(0) as directory, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(directory / f".s.PGSQL.{PORT}"))
        listener.listen()
        bridge = Bridge(directory, endpoint, seconds)
        end, ending = socket.socketpair()
        accepting = Thread(target=bridge.accept, args=(listener, end), daemon=True)
        accepting.start()
        try:
            yield bridge
        finally:
            ending.close()
            accepting.join()
            end.close()
            bridge.wait()


def _refuse(local: socket.socket, why: str) -> None:
    """Say in Postgres's own words why there is no connection, so that libpq repeats it."""
    local.settimeout(_GREETING_SECONDS)
    local.recv(AT_ONCE)  # What libpq begins with: closed unread, it would take our answer for a broken line.
    fields = f"SFATAL\0VFATAL\0C08001\0M{why}\0\0".encode()
    local.sendall(b"E" + (len(fields) + 4).to_bytes(4) + fields)
