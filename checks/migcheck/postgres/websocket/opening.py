"""Opening a WebSocket: the way there, TLS that is always verified, and the handshake. No redirect is followed."""

import base64
import http.client
import socket
import ssl
from contextlib import suppress
from time import monotonic
from urllib.parse import unquote, urlsplit

from msgspec import Struct
from websockets.client import ClientProtocol
from websockets.exceptions import InvalidHandshake, InvalidStatus
from websockets.protocol import State
from websockets.uri import WebSocketURI, parse_uri

from migcheck.postgres.websocket.endpoint import Endpoint
from migcheck.redact import said_by

AT_ONCE = 65_536
"""How many bytes are read in one go."""

# A network that went away is noticed after 45 + 4 x 15 seconds, however long the server is silent.
_KEEPALIVE = {"TCP_KEEPIDLE": 45, "TCP_KEEPINTVL": 15, "TCP_KEEPCNT": 4}


class NoLinkError(Exception):
    """There is no WebSocket to be had; the message says why."""


class Link(Struct):
    """An open WebSocket: the socket, and the protocol that is spoken on it."""

    socket: socket.socket
    protocol: ClientProtocol


def open_link(endpoint: Endpoint, seconds: float) -> Link:
    """Open a WebSocket within about `seconds`. Raises NoLinkError."""
    uri = parse_uri(endpoint.url)
    end = monotonic() + seconds
    try:
        plain = _through(endpoint.https_proxy, uri, seconds) if endpoint.https_proxy else _straight(uri, seconds)
        try:
            return _shake_hands(_secured(plain, uri, endpoint) if uri.secure else plain, uri, end)
        except BaseException:
            plain.close()
            raise
    except (OSError, InvalidHandshake, http.client.HTTPException) as error:
        raise NoLinkError(f"{uri.host}: {_told(error)}") from error


def _straight(uri: WebSocketURI, seconds: float) -> socket.socket:
    return _kept_alive(socket.create_connection((uri.host, uri.port), timeout=seconds))


def _through(proxy: str, uri: WebSocketURI, seconds: float) -> socket.socket:
    """A tunnel of an HTTP proxy. It sees the host's name, and nothing of what is said."""
    parsed = urlsplit(proxy)
    given = f"{unquote(parsed.username or '')}:{unquote(parsed.password or '')}".encode()
    headers = {"Proxy-Authorization": f"Basic {base64.b64encode(given).decode()}"} if parsed.username else {}
    tunnel = http.client.HTTPConnection(parsed.hostname or "", parsed.port or 80, timeout=seconds)
    tunnel.set_tunnel(uri.host, uri.port, headers)
    tunnel.connect()
    return _kept_alive(tunnel.sock)


def _kept_alive(opened: socket.socket) -> socket.socket:
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE.items():
        if hasattr(socket, name):
            opened.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    return opened


def _secured(plain: socket.socket, uri: WebSocketURI, endpoint: Endpoint) -> ssl.SSLSocket:
    return ssl.create_default_context(cafile=endpoint.certificates or None).wrap_socket(plain, server_hostname=uri.host)


def _shake_hands(opened: socket.socket, uri: WebSocketURI, end: float) -> Link:
    # No limit: a row of 60 MiB comes in one message of a wsproxy. No extension: Neon refuses compressed frames.
    protocol = ClientProtocol(uri, max_size=None)
    protocol.send_request(protocol.connect())
    opened.sendall(b"".join(protocol.data_to_send()))
    while protocol.state is State.CONNECTING and protocol.handshake_exc is None:
        opened.settimeout(max(0.1, end - monotonic()))
        if received := opened.recv(AT_ONCE):
            protocol.receive_data(received)
        else:
            protocol.receive_eof()
    if protocol.handshake_exc is not None:
        raise protocol.handshake_exc
    return Link(opened, protocol)


def _told(error: Exception) -> str:
    match error:
        case InvalidStatus():
            said = ""
            with suppress(AttributeError, UnicodeError):
                said = (error.response.body or b"").decode().partition("\n")[0].strip()
            return f"answers with HTTP {error.response.status_code}{': ' if said else ''}{said[:200]}"
        case InvalidHandshake() | EOFError():
            return f"does not speak WebSocket ({said_by(error)})"
        case TimeoutError():
            return "does not answer in time"
        case _:
            return said_by(error)
