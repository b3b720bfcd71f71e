"""Which way a target is reached: straight over TCP, or over a WebSocket."""

import socket
from functools import cache
from time import monotonic

from migcheck.errors import UsageError
from migcheck.postgres.target.address import Address
from migcheck.postgres.websocket.dialing import dial
from migcheck.postgres.websocket.endpoint import Endpoint, endpoint_of
from migcheck.route import Transport

_LOOK_SECONDS = 5.0


def way_to(address: Address) -> Endpoint | None:
    """Where a WebSocket leads to the database at `address`; None for TCP.

    AUTO looks once at the port of a database that has a WebSocket: Neon's, or one behind a wsproxy that was named.
    Raises UsageError where the URL of a proxy is none, a WebSocket is asked for and the address is not one host, or
    nothing here leads libpq to one, as on Windows.
    """
    match address.route.transport:
        case Transport.TCP:
            return None
        case Transport.AUTO if _why_none(address) or not _has_one(address) or not _closed(address.host, address.port):
            return None
        case _ if why := _why_none(address):
            raise UsageError(f"a WebSocket leads to one host, and {address.name} {why}", "name one host in the URL")
        case _ if not hasattr(socket, "AF_UNIX"):
            raise UsageError(
                "libpq is led to a WebSocket by a Unix socket, which Python on Windows has not",
                "run migcheck in WSL, or where the database's own port is open",
            )
        case _:
            return endpoint_of(address.host, address.port, address.route, address.certificates)


def _why_none(address: Address) -> str:
    """Why no WebSocket can lead there; empty where one can."""
    if not address.host:
        return "is named by a service of libpq's"
    if address.host.startswith("/"):
        return "is a socket on this machine"
    return "names several" if "," in address.host + address.port else ""


def _has_one(address: Address) -> bool:
    return bool(address.route.websocket_proxy) or address.is_neon


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
        dial(host, int(port), monotonic() + _LOOK_SECONDS).close()
    except (socket.gaierror, UnicodeError):
        return False
    except OSError:
        return True
    return False
