"""A relay in front of a server, which stops after so many messages: what a test cuts off, it can cut off anywhere."""

import itertools
import selectors
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from tests.support.waiting import PATIENCE


@dataclass(frozen=True)
class Relay:
    """Listens on `port` of the loopback for one client of the server at `to`."""

    listener: socket.socket
    to: int

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    def carry(self, most: int, then: Callable[[], object]) -> None:
        """Pass on `most` messages, either way, call `then` and drop the link; all of them, if they are fewer."""
        client, server = self.listener.accept()[0], socket.create_connection(("127.0.0.1", self.to))
        with client, server:
            if _pass_on(client, server, most) == most:
                then()

    def carry_on(self) -> None:
        """Pass on all of whoever else comes, one after the other, until the relay ends."""
        with suppress(OSError):
            while True:
                self.carry(sys.maxsize, lambda: None)


@contextmanager
def relay(to: int) -> Iterator[Relay]:
    """A relay to the port `to` of the loopback."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE)
        yield Relay(listener, to)
        # Who waits for another client hears of the end.
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


def _pass_on(client: socket.socket, server: socket.socket, most: int) -> int:
    """How many messages there were until one side had ended."""
    other = {client: server, server: client}
    with selectors.DefaultSelector() as ready:
        for each in other:
            ready.register(each, selectors.EVENT_READ)
        for number in itertools.count():
            if number == most:
                return number
            waiting = ready.select(PATIENCE)
            assert waiting, "neither side says anything"
            source = waiting[0][0].fileobj
            assert isinstance(source, socket.socket)
            data = source.recv(1 << 20)
            if not data:
                return number
            other[source].sendall(data)
    raise AssertionError
