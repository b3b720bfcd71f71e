"""A TCP connection within one deadline, however many addresses a host has."""

import socket
from time import monotonic


def dial(host: str, port: int, end: float) -> socket.socket:
    """Connect to the first address that answers. The time left to `end` (of `monotonic`) is theirs in equal shares.

    Raises OSError, of it socket.gaierror where nobody knows the host, and UnicodeError where it can be no host's name.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys((str(address[0]), port) for *_, address in found))
    failure: OSError = TimeoutError()
    for tried, address in enumerate(addresses):
        try:
            return socket.create_connection(address, timeout=remaining(end) / (len(addresses) - tried))
        except OSError as error:
            failure = error
    raise failure


def remaining(end: float) -> float:
    """The seconds to `end`. Raises TimeoutError where it is over."""
    left = end - monotonic()
    if left <= 0:
        raise TimeoutError
    return left
