"""Where a WebSocket leads to: Neon's own, or a wsproxy that somebody runs."""

import ipaddress
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from migcheck.errors import UsageError
from migcheck.route import HTTPS_PROXY, WEBSOCKET_PROXY, Route


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A WebSocket's URL, and where there are any, the file of the certificates to trust and an HTTPS proxy's URL."""

    url: str
    certificates: str = ""
    https_proxy: str = field(default="", repr=False)


def endpoint_of(host: str, port: str, route: Route, certificates: str = "") -> Endpoint:
    """Where the database at `host` and `port` is reached: `wss://HOST/v2`, or through the wsproxy that `route` names.

    As Neon's driver does (`@neondatabase/serverless` 1.2, `wsProxy`), a wsproxy is told the database in `?address=`;
    Neon itself goes by the host. Raises UsageError where a URL is none, or would carry a password over an open line.
    """
    if route.https_proxy and not _is_http(route.https_proxy):
        raise UsageError(f"{HTTPS_PROXY} is no http:// URL", "write it as http://USER:PASSWORD@HOST:PORT")
    host = f"[{host}]" if ":" in host else host
    if not route.websocket_proxy:
        return Endpoint(f"wss://{host}/v2", certificates, route.https_proxy)
    _check(route.websocket_proxy)
    address = quote(f"{host}:{port or 5432}", safe=":[]")
    # `ws://` stays on this machine: an HTTPS proxy would read the password.
    https_proxy = "" if urlsplit(route.websocket_proxy).scheme == "ws" else route.https_proxy
    return Endpoint(f"{route.websocket_proxy}?address={address}", certificates, https_proxy)


def _is_http(url: str) -> bool:
    try:
        parsed = urlsplit(url)
        return parsed.scheme == "http" and bool(parsed.hostname) and parsed.port != 0
    except ValueError:
        return False


def _check(proxy: str) -> None:
    malformed = UsageError(f"{WEBSOCKET_PROXY} is no WebSocket's URL", "write it as wss://HOST/v1")
    try:
        parsed = urlsplit(proxy)
        host, _ = parsed.hostname, parsed.port
    except ValueError:
        # Without its cause, which repeats what is written there.
        raise malformed from None
    if not host or parsed.scheme not in {"ws", "wss"} or parsed.query or parsed.fragment or "@" in parsed.netloc:
        raise malformed
    if parsed.scheme == "ws" and not _is_loopback(host):
        raise UsageError(
            f"{WEBSOCKET_PROXY} would send the password over an open line to {host}", "write it as wss://HOST/v1"
        )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
