"""A port in front of a Postgres whose first visitors are turned away, each in its own way; the others go through."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress

from msgspec import Struct

Answer = Callable[[socket.socket], object]
"""What happens to a visitor who has said who they are."""
_SSL_REQUEST = (80877103).to_bytes(4)
_STARTS = b"\0\3\0"


class Doorman(Struct):
    """`visitors` counts all that came."""

    port: int
    visitors: int = 0


def refuses(message: str, code: str = "57P03", severity: str = "FATAL") -> Answer:
    """Postgres's own words for no."""
    fields = f"S{severity}\0V{severity}\0C{code}\0M{message}\0\0".encode()
    return lambda visitor: visitor.sendall(b"E" + (len(fields) + 4).to_bytes(4) + fields)


def hangs_up(_visitor: socket.socket) -> None:
    """Not a word."""


def resets(visitor: socket.socket) -> None:
    """A line that breaks."""
    visitor.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def says_http(visitor: socket.socket) -> None:
    """Another protocol."""
    visitor.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


def takes_the_password(visitor: socket.socket) -> None:
    """Ask for it, and hang up."""
    visitor.sendall(b"R" + (8).to_bytes(4) + (3).to_bytes(4))
    visitor.recv(4096)


@contextmanager
def deaf(address: str) -> Iterator[int]:
    """A port that answers no more: its queue is full."""
    with ExitStack() as held:
        listener = held.enter_context(socket.socket())
        listener.bind((address, 0))
        listener.listen(0)
        for _ in range(3):
            waiting = held.enter_context(socket.socket())
            waiting.settimeout(0)
            waiting.connect_ex(listener.getsockname())
        yield int(listener.getsockname()[1])


@contextmanager
def doorman(database: int, answers: Sequence[Answer] = (), tls: ssl.SSLContext | None = None) -> Iterator[Doorman]:
    """Turn away a visitor with each of `answers`, and lead those after them to the port `database` of the loopback.

    Whoever is turned away, and asks for TLS, is given it where `tls` has it.
    """
    turned, threads = iter(answers), list[threading.Thread]()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        standing = Doorman(int(listener.getsockname()[1]))

        def serve() -> None:
            with suppress(OSError):
                while True:
                    visitor = listener.accept()[0]
                    standing.visitors += 1
                    answer = next(turned, None)
                    work = (_turn_away, visitor, answer, tls) if answer else (lead, visitor, database)
                    threads.append(threading.Thread(target=work[0], args=work[1:], daemon=True))
                    threads[-1].start()

        serving = threading.Thread(target=serve, daemon=True)
        serving.start()
        try:
            yield standing
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            serving.join(10)
            for each in threads:
                each.join(10)


def _turn_away(visitor: socket.socket, answer: Answer, tls: ssl.SSLContext | None) -> None:
    with visitor, suppress(OSError):
        if _SSL_REQUEST not in (asked := visitor.recv(4096)):
            pass
        elif tls is None:
            visitor.sendall(b"N")
            asked = visitor.recv(4096)
        else:
            visitor.sendall(b"S")
            with tls.wrap_socket(visitor, server_side=True) as secured:
                assert secured.recv(4096) == b"", "nothing is ever said"
            return
        if _STARTS in asked:
            answer(visitor)


def lead(visitor: socket.socket, database: int) -> None:
    """Pass bytes both ways between `visitor` and the port `database` of the loopback, until both sides have ended."""
    with visitor, socket.create_connection(("127.0.0.1", database)) as inside:
        back = threading.Thread(target=_pass_on, args=(inside, visitor), daemon=True)
        back.start()
        _pass_on(visitor, inside)
        back.join(10)


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while received := source.recv(65_536):
            sink.sendall(received)
    for each in (source, sink):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
