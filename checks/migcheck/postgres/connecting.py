"""Connecting to a target: bounded in time, as Drizzle's drivers do it, and told in words where it fails."""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
from psycopg.conninfo import make_conninfo

from migcheck.errors import MigcheckError, UndecidableError
from migcheck.postgres.address import OF_LIBPQ, Address
from migcheck.postgres.ledger import Connection
from migcheck.postgres.way import way_to
from migcheck.postgres.websocket.endpoint import Endpoint
from migcheck.redact import said_by

if TYPE_CHECKING:
    from migcheck.postgres.websocket.bridge import Bridge

# What psycopg logs of a connection that broke is told by us, in one sentence: keep it off standard error.
logging.getLogger("psycopg").addHandler(logging.NullHandler())

CONNECT_SECONDS = 15
"""How long a connection may take. A suspended database (Neon) takes some seconds to wake up."""
_LONGEST_SECONDS = 60

# Of the bridge nobody needs to know.
_OF_SOCKET = re.compile(r'connection to server on socket "[^"]*" failed: (?:FATAL:\s+)?')
# What a proxy writes behind these is not what Postgres says, whatever it repeats.
_OF_OTHERS = re.compile(r"answers with HTTP|does not speak WebSocket|the WebSocket was closed")
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
# libpq gives no SQLSTATE for a connection that was refused: the server's English text is all there is.
_CAUSES = (
    (r"no password supplied", "{name} asks for a password and there is none", "add the password to the URL"),
    (
        r"password authentication failed|authentication failed|SASL",
        "{name} refuses the user or the password",
        "check user and password of the URL",
    ),
    (r"pg_hba\.conf", "{name} does not let this machine in", "allow this machine's address, or connect with TLS"),
    (r'role "[^"]*" does not exist', "{name} has no such user", "check the user of the URL"),
    (r'database "[^"]*" does not exist', "the database of {name} does not exist", "create it, or correct the URL"),
    (r"too many connections|remaining connection slots", "{name} has no connection left", "try again later"),
    (r"SSL|certificate", "{name} and this machine cannot agree on TLS", "check sslmode and the certificates"),
    (r"resolve host|translate host name", "the host of {name} is not known", "check the host of the URL"),
    (r"starting up|shutting down|recovery", "{name} is not ready", "try again in a minute"),
)


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
                error.add_note(bridge.fault)
            raise


def _open(address: Address, conninfo: str, fault: Callable[[], str] = str) -> Connection:
    """Connect. `fault` says afterwards what broke on the way, where that is known."""
    try:
        return psycopg.connect(conninfo, autocommit=True, prepare_threshold=None)
    except (psycopg.Error, UnicodeError) as error:
        if fault() not in str(error):
            error.add_note(fault())
        raise _undecidable(address, error) from error


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
    asked = address.parameters.get("connect_timeout", "")
    return min(int(asked), _LONGEST_SECONDS) if asked.isdigit() and int(asked) > 0 else CONNECT_SECONDS


def _undecidable(address: Address, error: Exception) -> UndecidableError:
    said = _OF_SOCKET.sub("over a WebSocket: ", said_by(error))
    decisive = _OF_OTHERS.split(said)[0]
    for pattern, problem, remedy in _CAUSES:
        if re.search(pattern, decisive):
            return UndecidableError(f"{problem.format(name=address.name)}: {said}", remedy=remedy)
    return UndecidableError(
        f"{address.name} cannot be reached: {said}", remedy="check the URL and that this machine may connect there"
    )
