"""The bridge: a private Unix socket on which libpq finds the Postgres at the other end of a WebSocket."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from selectors import EVENT_READ, PollSelector
from threading import Thread, current_thread
from time import monotonic

from migcheck.postgres.scratch.rundir import run_directory
from migcheck.postgres.websocket.endpoint import Endpoint
from migcheck.postgres.websocket.opening import AT_ONCE, open_link
from migcheck.postgres.websocket.pump import Pump
from migcheck.redact import said_by

PORT = 5432
"""The port in the socket's name; nothing listens on a network."""
_CLOSING_SECONDS = 5.0
_GREETING_SECONDS = 1.0
_PAUSE_SECONDS = 0.1


class Bridge:
    """Where libpq finds the database, and what broke its connection: the first one, not that of a cancel request."""

    def __init__(self, directory: Path, endpoint: Endpoint, seconds: float, end: socket.socket) -> None:
        """Nothing is opened before libpq asks. `end` is ready to be read when all ends."""
        self.directory, self.fault = directory, ""
        self._endpoint, self._seconds, self._end = endpoint, seconds, end
        self._asked = 0
        self._pumping: list[Thread] = []

    def accept(self, listener: socket.socket) -> None:
        """Open a WebSocket for each connection to `listener`, a cancel request's as well, until the end."""
        # Unlike the usual one, this selector takes no file descriptor: there may be none left.
        with PollSelector() as selector:
            for each in (listener, self._end):
                selector.register(each, EVENT_READ)
            while self._end not in {key.fileobj for key, _ in selector.select()}:
                self._admit(listener)

    def wait(self) -> None:
        """Wait until what was still on its way has been sent. A WebSocket that is being opened is not waited for."""
        end = monotonic() + _CLOSING_SECONDS
        for each in tuple(self._pumping):
            each.join(max(0.0, end - monotonic()))

    def _admit(self, listener: socket.socket) -> None:
        tell = self._break if self._asked == 0 else _nobody
        try:
            local = listener.accept()[0]
        except OSError as error:
            # This process may have no file descriptor left, until it closes one.
            tell(said_by(error))
            with PollSelector() as ending:
                ending.register(self._end, EVENT_READ)
                ending.select(_PAUSE_SECONDS)
            return
        self._asked += 1
        try:
            Thread(target=self._link, args=(local, tell), daemon=True).start()
        except RuntimeError as error:
            _refuse(local, tell, said_by(error))

    def _link(self, local: socket.socket, tell: Callable[[str], None]) -> None:
        try:
            link = open_link(self._endpoint, self._seconds)
        except Exception as error:  # noqa: BLE001 - what a thread raises nobody is told
            _refuse(local, tell, said_by(error))
            return
        self._pumping.append(current_thread())
        try:
            Pump(local, link, tell, self._end).run()
        except Exception as error:  # noqa: BLE001 - likewise
            tell(said_by(error))

    def _break(self, fault: str) -> None:
        self.fault = fault


@contextmanager
def bridged(endpoint: Endpoint, seconds: float) -> Iterator[Bridge]:
    """A bridge to `endpoint`, as long as the context lasts. `seconds` bounds the opening of each connection."""
    end, ending = socket.socketpair()
    with run_directory(0) as directory, socket.socket(socket.AF_UNIX) as listener, end, ending:
        listener.bind(str(directory / f".s.PGSQL.{PORT}"))
        listener.listen()
        bridge = Bridge(directory, endpoint, seconds, end)
        accepting = Thread(target=bridge.accept, args=(listener,), daemon=True)
        accepting.start()
        try:
            yield bridge
        finally:
            ending.close()
            accepting.join()
            bridge.wait()


def _nobody(_fault: str) -> None:
    """A cancel request that went nowhere is told by who sent it."""


def _refuse(local: socket.socket, tell: Callable[[str], None], why: str) -> None:
    """Say in Postgres's own words why there is no connection, so that libpq repeats it."""
    why = why.replace("\0", "")
    tell(why)
    with local, suppress(OSError):
        local.settimeout(_GREETING_SECONDS)
        local.recv(AT_ONCE)  # What libpq begins with: closed unread, it would take our answer for a broken line.
        fields = f"SFATAL\0VFATAL\0C08001\0M{why}\0\0".encode()
        local.sendall(b"E" + (len(fields) + 4).to_bytes(4) + fields)
