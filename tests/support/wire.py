"""A network between a deploy and its server that is cut at a chosen message, once or for good."""

import contextlib
import itertools
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum, auto
from functools import partial

from tests.support.target_server import Database
from tests.support.waiting import eventually

COMMITS = "select pid from pg_stat_activity where application_name like 'migcheck %' and query = 'commit'"

DEPLOYED = b"create table "


class Cut(Enum):
    """When the network goes, seen from the message that it goes at."""

    BEFORE = auto()
    AFTER = auto()
    FOR_GOOD = auto()


class Wire:
    """The network between a deploy and its server. It goes at the message with `words` behind the commit, or at that.

    DEPLOYED is looked for before the commit as well. It goes once or for good. `accepted` hears of each connection that
    is made, by its number. `dead` is called when nothing can be sent any more for good, and nobody has heard of it.
    """

    def __init__(
        self, app: Database, cut: Cut, accepted: Callable[[int], object], words: bytes, dead: Callable[[], object]
    ) -> None:
        self._app, self._when, self._accepted, self._words, self._dead = app, cut, accepted, words, dead
        self._committed = self._gone = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._links: list[socket.socket] = []
        self._silent = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        shut(self._listener)
        for link in list(self._links):
            shut(link)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            for number in itertools.count(1):
                client, _ = self._listener.accept()
                self._accepted(number)
                server = socket.create_connection(("127.0.0.1", self._app.port))
                self._links += [client, server]
                for pump in (partial(self._ask, client, server), partial(self._answer, server, client)):
                    threading.Thread(target=pump, daemon=True).start()

    def _ask(self, client: socket.socket, server: socket.socket) -> None:
        before = b""
        with contextlib.suppress(OSError):
            while data := client.recv(65_536):
                self._committed = self._committed or b"commit\0" in data or DEPLOYED in self._words
                if self._committed and not self._gone and self._words in before + data:
                    self._go(server, data)
                    return
                # A long message comes in parts.
                before = data[-len(self._words) :]
                server.sendall(data)
        shut(server)

    def _answer(self, server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65_536):
                if not self._silent.is_set():
                    client.sendall(data)
        shut(client)

    def _go(self, server: socket.socket, data: bytes) -> None:
        self._gone = True
        if self._when is Cut.AFTER:
            self._silent.set()
            server.sendall(data)
            eventually(lambda: self._app.ask(COMMITS))
        if self._when is Cut.FOR_GOOD:
            shut(self._listener)
            self._dead()
        links, self._links = self._links, []
        for link in links:
            shut(link)
        self._silent.clear()


def shut(link: socket.socket) -> None:
    """Close a socket under the thread that waits on it."""
    with contextlib.suppress(OSError):
        link.shutdown(socket.SHUT_RDWR)
    link.close()


@contextmanager
def wire(
    app: Database,
    cut: Cut,
    accepted: Callable[[int], object] = lambda _number: None,
    words: bytes = b"commit\0",
    dead: Callable[[], object] = lambda: None,
) -> Iterator[Database]:
    """`app` as it is reached through a wire that is cut at the commit, or behind it at what has `words`."""
    between = Wire(app, cut, accepted, words, dead)
    try:
        yield Database(between.port, app.name, app.role, app.password)
    finally:
        between.close()
