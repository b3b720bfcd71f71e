"""Bytes between libpq's socket and an open WebSocket, both ways, in one thread.

One thread, because reading and writing one TLS socket from two is undefined in CPython: 3.13.6 hangs for good
(cpython#137583).
"""

import socket
import ssl
from collections.abc import Callable
from selectors import EVENT_READ, EVENT_WRITE, DefaultSelector
from time import monotonic

from websockets.frames import Close, CloseCode, Frame, Opcode

from migcheck.postgres.websocket.opening import AT_ONCE, Link

PING_SECONDS = 30.0
"""How often a silent link is pinged. No answer is waited for: a busy proxy must not end a long statement."""
_CLOSING_SECONDS = 2.0
# A side that reads slowly is not read for: its bytes would pile up here.
_ENOUGH = 1_048_576
_ORDERLY = {CloseCode.NORMAL_CLOSURE, CloseCode.NO_STATUS_RCVD}


class Pump:
    """What goes between `local`, where libpq writes and reads, and a WebSocket."""

    def __init__(self, local: socket.socket, link: Link, tell: Callable[[str], None], end: socket.socket) -> None:
        """Takes both sockets over. `tell` hears what broke, before libpq can notice; `end` is ready when all ends."""
        self._tell, self._end = tell, end
        self._local, self._remote, self._protocol = local, link.socket, link.protocol
        self._to_local, self._to_remote = bytearray(), bytearray()
        self._local_ended = self._remote_ended = False
        # When the WebSocket is given up: soon after libpq has ended, or the connection it was opened for.
        self._given_up: float | None = None
        self._next_ping = monotonic() + PING_SECONDS

    def run(self) -> None:
        """Pump until either side has ended and the other has all that was on its way."""
        with self._local, self._remote, DefaultSelector() as selector:
            self._local.settimeout(0)
            self._remote.settimeout(0)
            self._take()  # What came together with the handshake.
            while self._goes_on():
                self._turn(selector)

    def _goes_on(self) -> bool:
        if self._given_up is not None and monotonic() >= self._given_up:
            return False
        return not self._remote_ended or bool(self._to_local and not self._local_ended)

    def _turn(self, selector: DefaultSelector) -> None:
        """Wait until something can be read or written, then do it."""
        reads_local = not (self._local_ended or self._remote_ended) and len(self._to_remote) < _ENOUGH
        reads_remote = not self._remote_ended and len(self._to_local) < _ENOUGH
        _watch(selector, self._local, reads=reads_local, writes=bool(self._to_local))
        _watch(selector, self._remote, reads=reads_remote, writes=bool(self._to_remote))
        # Whoever reads nothing keeps all else from being noticed.
        _watch(selector, self._end, reads=self._given_up is None, writes=False)
        # What TLS has read already makes no socket ready.
        buffered = reads_remote and isinstance(self._remote, ssl.SSLSocket) and self._remote.pending() > 0
        ready = {key.fileobj for key, _ in selector.select(0 if buffered else self._patience())}
        if self._end in ready:
            self._given_up = monotonic() + _CLOSING_SECONDS
        if reads_local and self._local in ready:
            self._read_local()
        if reads_remote and (buffered or self._remote in ready):
            self._read_remote()
        if monotonic() >= self._next_ping:
            self._ping()
        self._write_both()

    def _patience(self) -> float:
        return max(0.0, min(self._next_ping, self._given_up or self._next_ping) - monotonic())

    def _ping(self) -> None:
        self._next_ping = monotonic() + PING_SECONDS
        if not self._remote_ended:
            self._protocol.send_ping(b"")

    def _read_local(self) -> None:
        try:
            received = _read(self._local)
        except OSError:
            received = b""  # libpq left before it had read everything.
        if received:
            self._protocol.send_binary(received)
        elif received == b"":
            self._local_ended = True
            self._given_up = self._given_up or monotonic() + _CLOSING_SECONDS
            self._protocol.send_close(CloseCode.NORMAL_CLOSURE)

    def _read_remote(self) -> None:
        try:
            received = _read(self._remote)
        except OSError as error:
            self._lose(str(error) or type(error).__name__)
            return
        if received:
            self._protocol.receive_data(received)
        elif received == b"":
            self._protocol.receive_eof()
        self._take()

    def _write_both(self) -> None:
        # libpq first: what the server says last must reach it, whatever comes of what is still sent.
        try:
            _write(self._local, self._to_local)
        except OSError:
            self._to_local.clear()  # libpq has gone; what it said last is still to be read.
        self._to_remote += b"".join(self._protocol.data_to_send())
        try:
            _write(self._remote, self._to_remote)
        except OSError:
            self._to_remote.clear()  # The server takes no more, and may have said why: what is read last tells.

    def _take(self) -> None:
        """Take what the protocol has understood, up to where it is no more what Postgres sent."""
        for event in self._protocol.events_received():
            match event:
                case Frame(opcode=Opcode.TEXT):
                    self._lose("text came over the WebSocket, not Postgres")
                    return
                case Frame(opcode=Opcode.CLOSE):
                    self._lose(_told(self._protocol.close_rcvd))
                case Frame(opcode=Opcode.BINARY | Opcode.CONT, data=data) if not self._local_ended:
                    self._to_local += data
        if self._protocol.parser_exc is not None:
            self._lose(str(self._protocol.parser_exc))

    def _lose(self, why: str) -> None:
        """Nothing more comes over the WebSocket; `why` is empty where it was closed in order."""
        if why and not self._local_ended and not self._remote_ended:
            self._tell(why)
        self._remote_ended = True


def _told(close: Close | None) -> str:
    if close is None or close.code in _ORDERLY:
        return ""
    return f"the WebSocket was closed: {close.code}{f' {close.reason}' if close.reason else ''}"


def _watch(selector: DefaultSelector, side: socket.socket, *, reads: bool, writes: bool) -> None:
    events = (EVENT_READ if reads else 0) | (EVENT_WRITE if writes else 0)
    known = side in selector.get_map()
    if events and known:
        selector.modify(side, events)
    elif events:
        selector.register(side, events)
    elif known:
        selector.unregister(side)


def _read(side: socket.socket) -> bytes | None:
    """What can be read now; None where there is nothing yet, empty at the end."""
    try:
        return side.recv(AT_ONCE)
    except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
        return None


def _write(side: socket.socket, waiting: bytearray) -> None:
    """Write what can be written now of what is waiting."""
    try:
        while waiting:
            # Let go of before the bytes go: no bytearray shrinks while it is looked at.
            with memoryview(waiting) as view:
                sent = side.send(view[:AT_ONCE])
            del waiting[:sent]
    except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
        return
