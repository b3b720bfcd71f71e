"""The pump between libpq and a WebSocket: what each side said last reaches the other, and what broke is told."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from msgspec import Struct
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.uri import parse_uri

from migcheck.postgres.websocket import pump
from migcheck.postgres.websocket.opening import Link
from migcheck.postgres.websocket.pump import Pump
from tests.support.waiting import PATIENCE, eventually

MIB = 1_048_576
TERMINATE = b"X\0\0\0\4"
"""What libpq says last."""


class Rig(Struct):
    """A pump that runs between `libpq` and `server`, which speaks by `protocol`."""

    libpq: socket.socket
    server: socket.socket
    protocol: ServerProtocol
    faults: list[str]
    thread: threading.Thread
    ending: socket.socket

    def say(self, *words: bytes) -> None:
        for each in words:
            self.protocol.send_binary(each)
        self.send()

    def send(self) -> None:
        self.server.sendall(b"".join(self.protocol.data_to_send()))

    def frames(self) -> list[Frame]:
        """What has come from the client by now; waits for the first."""
        self.protocol.receive_data(self.server.recv(65_536))
        return [each for each in self.protocol.events_received() if isinstance(each, Frame)]

    def heard(self) -> bytes:
        """All that libpq is told, to the end."""
        told = b""
        with suppress(ConnectionResetError):
            while chunk := self.libpq.recv(65_536):
                told += chunk
        return told

    def ended(self) -> list[str]:
        """What was told to have broken, when the pump has ended."""
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()
        return self.faults


@pytest.fixture
def rig() -> Iterator[Rig]:
    libpq, local = socket.socketpair()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        remote = socket.create_connection(listener.getsockname())
        server = listener.accept()[0]
    link = Link(remote, ClientProtocol(parse_uri("ws://localhost"), state=State.OPEN))
    faults: list[str] = []
    end, ending = socket.socketpair()
    thread = threading.Thread(target=Pump(local, link, faults.append, end).run, daemon=True)
    with libpq, server, end, ending:
        for each in (libpq, server):
            each.settimeout(PATIENCE)
        thread.start()
        yield Rig(libpq, server, ServerProtocol(state=State.OPEN), faults, thread, ending)
        libpq.close()
        server.close()
        thread.join(PATIENCE)
        assert not thread.is_alive()


@pytest.mark.parametrize(
    ("code", "reason", "told"),
    [
        (1000, "", []),
        (1000, "bye", []),
        (None, "", []),
        (1011, "the database does not answer", ["the WebSocket was closed: 1011 the database does not answer"]),
        (1001, "", ["the WebSocket was closed: 1001"]),
    ],
)
def test_why_the_server_closed_is_told(rig: Rig, code: int | None, reason: str, told: list[str]) -> None:
    rig.say(b"rows")
    rig.protocol.send_close(code, reason)
    rig.send()
    assert (rig.heard(), rig.ended()) == (b"rows", told)


def closes(rig: Rig) -> None:
    """Close in order, and the socket with it."""
    rig.protocol.send_close(1000)
    rig.send()
    rig.server.close()


def ends(rig: Rig) -> None:
    """Go without a word."""
    rig.server.close()


def resets(rig: Rig) -> None:
    """Tear the connection down."""
    rig.server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    rig.server.close()


@pytest.mark.parametrize(
    ("goes", "told"),
    [(closes, []), (ends, ["unexpected end of stream"]), (resets, ["[Errno 104] Connection reset by peer"])],
)
def test_what_the_server_said_last_is_heard(rig: Rig, goes: Callable[[Rig], None], told: list[str]) -> None:
    """More than a socket holds: libpq still has it to take when the server has gone, and goes on speaking."""
    rig.say(b"x" * MIB)
    assert rig.libpq.recv(1) == b"x"
    goes(rig)
    assert eventually(lambda: rig.faults == told)
    rig.libpq.sendall(b"more")
    assert len(rig.heard()) == MIB - 1
    assert rig.ended() == told


def test_a_server_that_goes_while_libpq_sends_much_is_heard(rig: Rig) -> None:
    def send() -> None:
        with suppress(OSError):
            while True:
                rig.libpq.sendall(b"x" * 65_536)

    sending = threading.Thread(target=send, daemon=True)
    sending.start()
    assert rig.server.recv(1)
    rig.say(b"terminating connection due to administrator command")
    closes(rig)
    assert rig.heard() == b"terminating connection due to administrator command"
    assert rig.ended() in ([], ["[Errno 104] Connection reset by peer"])
    sending.join(PATIENCE)
    assert not sending.is_alive()


def test_libpq_that_goes_before_it_has_heard_all_is_no_fault(rig: Rig) -> None:
    """What it said last reaches the server all the same: a session that stayed would hold its locks."""
    rig.say(b"x" * MIB)
    assert rig.libpq.recv(1) == b"x"
    rig.libpq.sendall(TERMINATE)
    rig.libpq.close()
    frames: list[Frame] = []
    while not frames or frames[-1].opcode is not Opcode.CLOSE:
        frames += rig.frames()
    assert [each.data for each in frames if each.opcode is Opcode.BINARY] == [TERMINATE]
    rig.send()
    assert rig.ended() == []


@pytest.mark.parametrize("side", ["libpq", "server"])
def test_who_does_not_read_is_not_read_for(rig: Rig, side: str) -> None:
    """Or all of what the other side says would pile up here."""
    frame = b"x" * 65_536
    if side == "libpq":
        rig.protocol.send_binary(frame)
        frame = b"".join(rig.protocol.data_to_send())
    assert not takes_all(rig.server if side == "libpq" else rig.libpq, frame)


def takes_all(side: socket.socket, frame: bytes) -> bool:
    """Whether 64 MiB go in one after the other, though nobody reads them at the other end."""
    side.settimeout(1)
    with suppress(TimeoutError):
        for _ in range(64 * MIB // len(frame)):
            side.sendall(frame)
        return True
    return False


def test_a_server_that_takes_nothing_keeps_no_session_alive(rig: Rig) -> None:
    """Where libpq's end is not read, what it was opened for ends, and the WebSocket soon after."""
    assert not takes_all(rig.libpq, b"x" * 65_536)
    rig.libpq.close()
    rig.ending.close()
    assert rig.ended() == []


def test_text_is_not_postgres(rig: Rig) -> None:
    rig.protocol.send_text(b"rows")
    rig.send()
    assert (rig.heard(), rig.ended()) == (b"", ["text came over the WebSocket, not Postgres"])


def test_a_message_in_pieces_is_one_stream(rig: Rig) -> None:
    rig.protocol.send_binary(b"ro", fin=False)
    rig.protocol.send_ping(b"?")
    rig.protocol.send_continuation(b"ws", fin=True)
    closes(rig)
    assert (rig.heard(), rig.ended()) == (b"rows", [])


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ping twenty times a second."""
    monkeypatch.setattr(pump, "PING_SECONDS", 0.05)


@pytest.mark.usefixtures("hurried")
def test_a_silent_link_is_pinged_and_no_answer_is_waited_for(rig: Rig) -> None:
    pings = 0
    while pings < 3:
        pings += sum(each.opcode is Opcode.PING for each in rig.frames())
    # None was answered; what the database says still comes.
    rig.protocol.data_to_send()
    rig.say(b"rows")
    assert rig.libpq.recv(4096) == b"rows"
    closes(rig)
    assert rig.ended() == []
