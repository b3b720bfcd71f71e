"""Connecting to a target: bounded in time, as Drizzle's drivers do it, and told in words where it fails."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
from psycopg.conninfo import make_conninfo

from migcheck.errors import MigcheckError
from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.target.address import OF_LIBPQ, Address
from migcheck.postgres.target.refusals import refusal
from migcheck.postgres.target.way import way_to
from migcheck.postgres.websocket.endpoint import Endpoint
from migcheck.regex import regex

if TYPE_CHECKING:
    from migcheck.postgres.websocket.bridge import Bridge

# What psycopg logs of a connection that broke is told by us, in one sentence: keep it off standard error.
logging.getLogger("psycopg").addHandler(logging.NullHandler())

CONNECT_SECONDS = 15
"""How long a connection may take. A suspended database (Neon) takes some seconds to wake up."""
_LONGEST_SECONDS = 60
_NUMBER = regex(r"0*(?P<most>[1-9][0-9]{0,2})[0-9]*")

# TLS is the WebSocket's, which is always verified. Nothing of it is left for libpq, in the URL or the environment: its
# channel binding (`channel_binding=require` in every URL of Neon's) knows no TLS but its own.
_PLAIN = {
    option: value
    for option, value in {
        "hostaddr": "",
        "sslmode": "disable",
        "sslnegotiation": "postgres",
        "sslrootcert": "",
        "sslcertmode": "disable",
        "channel_binding": "disable",
        "gssencmode": "disable",
        "requirepeer": "",
    }.items()
    if option in OF_LIBPQ
}


@contextmanager
def connect(address: Address, application: str) -> Iterator[Connection]:
    """An autocommit connection for a `with`, over TCP or a WebSocket as the address's route says.

    It gives up after 15 s, or after `connect_timeout` of the URL (at most 60 s). What broke a WebSocket is a note of
    the error that it ends in. Leaving may find the connection lost, and raise that.

    Raises UndecidableError where there is none to be had; neither problem nor remedy holds a password.
    """
    endpoint = way_to(address)
    if endpoint is None:
        with _open(address, conninfo_of(address, application)) as connection:
            yield connection
    else:
        with _bridged(address, application, endpoint) as connection:
            yield connection


@contextmanager
def reachable(address: Address, application: str) -> Iterator[str]:
    """How a program with a libpq of its own connects there meanwhile, as `connect` does. Holds the password."""
    endpoint = way_to(address)
    if endpoint is None:
        yield conninfo_of(address, application)
        return
    from migcheck.postgres.websocket.bridge import bridged  # noqa: PLC0415 - few targets need it

    with bridged(endpoint, _seconds(address)) as bridge:
        yield _conninfo_over(bridge, address, application)


def _conninfo_over(bridge: "Bridge", address: Address, application: str) -> str:
    from migcheck.postgres.websocket.bridge import PORT  # noqa: PLC0415 - likewise

    return make_conninfo(
        conninfo_of(address, application),
        **_PLAIN,
        host=str(bridge.directory),
        port=PORT,
        # The bridge gives up first, and says why.
        connect_timeout=_seconds(address) + 5,
    )


@contextmanager
def _bridged(address: Address, application: str, endpoint: Endpoint) -> Iterator[Connection]:
    from migcheck.postgres.websocket.bridge import bridged  # noqa: PLC0415 - likewise

    with bridged(endpoint, _seconds(address)) as bridge:
        connection = _open(address, _conninfo_over(bridge, address, application), lambda: bridge.fault)
        lost = False
        try:
            with connection:
                try:
                    yield connection
                finally:
                    lost = connection.broken  # Asked before leaving closes it.
        except (psycopg.Error, MigcheckError) as error:
            if bridge.fault and (lost or connection.broken):
                error.add_note(_of_the_way(bridge.fault))
            raise


def _open(address: Address, conninfo: str, fault: Callable[[], str] = str) -> Connection:
    """Connect. `fault` says afterwards what broke on the way, where that is known."""
    try:
        return psycopg.connect(conninfo, autocommit=True, prepare_threshold=None)
    except (psycopg.Error, UnicodeError) as error:
        # Asked once: whoever carries the bytes may come to know it meanwhile.
        broke = fault()
        unopened = bool(broke) and broke in str(error)
        if broke and not unopened:
            error.add_note(_of_the_way(broke))
        raise refusal(address, error, unopened=unopened) from error


def _of_the_way(fault: str) -> str:
    return fault if "WebSocket" in fault else f"over a WebSocket: {fault}"


def conninfo_of(address: Address, application: str) -> str:
    """How to connect there, with all that bounds it in time. Holds the password."""
    parameters: dict[str, str | int | None] = {
        # Without keepalives a session whose network went away waits for its answer for hours.
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 6,
        **address.parameters,
        "application_name": application,
        "client_encoding": "UTF8",
        "connect_timeout": _seconds(address),
    }
    return make_conninfo("", **parameters)


def _seconds(address: Address) -> int:
    asked = _NUMBER.fullmatch(address.parameters.get("connect_timeout", ""))
    # Of so many digits as are more than the longest anyway.
    return min(int(asked["most"]), _LONGEST_SECONDS) if asked else CONNECT_SECONDS
