"""Opening a WebSocket: the way there, TLS that is always verified, and the handshake. No redirect is followed."""

import base64
import socket
import ssl
from time import monotonic
from urllib.parse import unquote, urlsplit

from msgspec import Struct
from websockets.client import ClientProtocol
from websockets.exceptions import InvalidHandshake, InvalidStatus, InvalidURI
from websockets.protocol import State
from websockets.uri import WebSocketURI, parse_uri

from migcheck.postgres.websocket.dialing import dial, remaining
from migcheck.postgres.websocket.endpoint import Endpoint
from migcheck.redact import said_by
from migcheck.regex import regex

AT_ONCE = 65_536
"""How many bytes are read in one go."""

# Of one message. Servers send small frames (Neon 1 KiB, wsproxy 32 KiB): a larger one would only fill this memory.
_MOST = 16 * 1_048_576

# A network that went away is noticed after 45 + 4 x 15 seconds. Linux probes nothing while a ping waits for its
# acknowledgement: how long that may take is a setting of its own, in milliseconds. macOS names the first another way.
_KEEPALIVE = {
    "TCP_KEEPIDLE": 45,
    "TCP_KEEPALIVE": 45,
    "TCP_KEEPINTVL": 15,
    "TCP_KEEPCNT": 4,
    "TCP_USER_TIMEOUT": 105_000,
}
_STATUS = regex(rb"HTTP/1\.[01] (?P<code>\d{3})(?: (?P<reason>[^\r\n]*))?\r?\n")


class NoLinkError(Exception):
    """There is no WebSocket to be had; the message says why."""


class Link(Struct, frozen=True):
    """An open WebSocket: the socket, and the protocol that is spoken on it."""

    socket: socket.socket
    protocol: ClientProtocol


def open_link(endpoint: Endpoint, seconds: float) -> Link:
    """Open a WebSocket within `seconds`, whatever answers how slowly on the way. Raises NoLinkError."""
    end = monotonic() + seconds
    host = urlsplit(endpoint.url).hostname
    try:
        uri = parse_uri(endpoint.url)
        trusted = _trusted(endpoint) if uri.secure else None
        opened = _through(endpoint.https_proxy, uri, end) if endpoint.https_proxy else _dial(uri.host, uri.port, end)
        try:
            if trusted:
                opened.settimeout(remaining(end))
                opened = trusted.wrap_socket(opened, server_hostname=uri.host)
            return Link(opened, _shake_hands(opened, uri, end))
        except BaseException:
            opened.close()
            raise
    except (OSError, EOFError, InvalidHandshake, InvalidURI, UnicodeError) as error:
        raise NoLinkError(f"{host}: {_told(error)}") from error


def _dial(host: str, port: int, end: float) -> socket.socket:
    opened = dial(host, port, end)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE.items():
        if hasattr(socket, name):
            opened.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    return opened


def _through(proxy: str, uri: WebSocketURI, end: float) -> socket.socket:
    """A tunnel of an HTTP proxy. It sees the host's name, and nothing of what is said."""
    parsed = urlsplit(proxy)
    name = f"the HTTPS proxy {parsed.hostname}:{parsed.port or 80}"
    try:
        opened = _dial(parsed.hostname or "", parsed.port or 80, end)
        try:
            _ask(opened, uri, f"{unquote(parsed.username or '')}:{unquote(parsed.password or '')}", end)
        except BaseException:
            opened.close()
            raise
    except (OSError, EOFError, UnicodeError) as error:
        raise NoLinkError(f"{name}: {_told(error)}") from error
    return opened


def _ask(opened: socket.socket, uri: WebSocketURI, login: str, end: float) -> None:
    """Ask an HTTP proxy for a tunnel. Raises OSError or EOFError where there is none."""
    to = f"{f'[{uri.host}]' if ':' in uri.host else uri.host}:{uri.port}"
    lines = [f"CONNECT {to} HTTP/1.1", f"Host: {to}"]
    if login != ":":
        lines.append(f"Proxy-Authorization: Basic {base64.b64encode(login.encode()).decode()}")
    opened.sendall("\r\n".join([*lines, "", ""]).encode())
    head = b""
    while b"\n\r\n" not in head and len(head) < AT_ONCE:
        opened.settimeout(remaining(end))
        received = opened.recv(AT_ONCE)
        if not received:
            break
        head += received
    status = _STATUS.match(head)
    if status is None:
        raise EOFError("does not answer as an HTTP proxy")
    if status["code"] != b"200":
        raise EOFError(f"answers with HTTP {status['code'].decode()}: {(status['reason'] or b'').decode('latin-1')}")


def _trusted(endpoint: Endpoint) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=endpoint.certificates or None)
    except OSError as error:
        raise NoLinkError(f"the certificates of {endpoint.certificates} cannot be read: {said_by(error)}") from error


def _shake_hands(opened: socket.socket, uri: WebSocketURI, end: float) -> ClientProtocol:
    # No extension: Neon refuses compressed frames.
    protocol = ClientProtocol(uri, max_size=_MOST)
    protocol.send_request(protocol.connect())
    opened.sendall(b"".join(protocol.data_to_send()))
    while protocol.state is State.CONNECTING and protocol.handshake_exc is None:
        opened.settimeout(remaining(end))
        if received := opened.recv(AT_ONCE):
            protocol.receive_data(received)
        else:
            protocol.receive_eof()
    if protocol.handshake_exc is not None:
        raise protocol.handshake_exc
    return protocol


def _told(error: Exception) -> str:
    match error:
        case InvalidStatus():
            said = (error.response.body or b"").decode(errors="replace").partition("\n")[0].strip()
            return f"answers with HTTP {error.response.status_code}{': ' if said else ''}{said[:200]}"
        case InvalidHandshake():
            return f"does not speak WebSocket ({said_by(error)})"
        case TimeoutError():
            return "does not answer in time"
        case UnicodeError() | InvalidURI():
            return "can be no host's name"
        case _:
            return said_by(error)
