"""Which way a target is reached: straight over TCP, or over a WebSocket."""

import re
import socket
from functools import cache

from migcheck.errors import UsageError
from migcheck.postgres.address import Address
from migcheck.postgres.websocket.endpoint import Endpoint, endpoint_of
from migcheck.route import Transport

_NEON = re.compile(r"[^.]+(?:\.[^.]+)*\.neon\.(?:tech|build)")
_LOOK_SECONDS = 5.0


def way_to(address: Address) -> Endpoint | None:
    """Where a WebSocket leads to the database at `address`; None for TCP.

    AUTO looks once at the port of a database that has a WebSocket: Neon's, or one behind a wsproxy that was named.
    Raises UsageError where the URL of a proxy is none, or the address has several hosts.
    """
    route = address.route
    if route.transport is Transport.TCP:
        return None
    asked = route.transport is Transport.WEBSOCKET
    has_one = bool(route.websocket_proxy) or bool(_NEON.fullmatch(address.host))
    if not asked and not (has_one and _closed(address.host, address.port)):
        return None
    if not address.host or "," in address.host:
        raise UsageError(
            f"a WebSocket leads to one host, and {address.name} names another number", "name one in the URL"
        )
    return endpoint_of(address.host, address.port, route, address.certificates)


def told_way(address: Address) -> str:
    """For people: how `address` is reached, where that is not plain TCP."""
    if way_to(address) is None:
        return ""
    asked = address.route.transport is Transport.WEBSOCKET
    return "over a WebSocket" if asked else f"over a WebSocket: its port {address.port} is closed from here"


@cache
def _closed(host: str, port: str) -> bool:
    """Whether a port is closed, or filtered. A name that nobody knows is not: to say so is the driver's part."""
    try:
        socket.create_connection((host, int(port or 5432)), timeout=_LOOK_SECONDS).close()
    except socket.gaierror:
        return False
    except OSError:
        return True
    return False
