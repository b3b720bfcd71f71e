"""Why there was no connection, out of the words of libpq, of the server and of what is on the way."""

import re
from enum import Enum, auto

import psycopg
from msgspec import Struct
from msgspec.structs import replace

from migcheck.errors import UndecidableError
from migcheck.postgres.target.address import Address
from migcheck.redact import said_by
from migcheck.regex import regex
from migcheck.route import HTTPS_PROXY, WEBSOCKET_PROXY


class NotYetError(UndecidableError):
    """Nobody refused us: the database may be starting. To connect again may help, and locks no account."""


class AsleepError(NotYetError):
    """As before, of a host of Neon's: its compute may have been suspended, and be on its way to wake up."""


# Of the bridge nobody needs to know.
_OF_SOCKET = regex(r'connection to server on socket "[^"]*" failed: (?:FATAL:\s+)?')
# What a proxy writes behind these is not what Postgres says, whatever it repeats.
_OF_OTHERS = regex(r"(?:answers with HTTP|the WebSocket was closed:) (?P<code>\d+)|does not speak WebSocket")


class _Hope(Enum):
    """What may come of waiting: the database starts, or what was suspended wakes up."""

    NONE = auto()
    STARTS = auto()
    WAKES = auto()


class _Cause(Struct, frozen=True):
    """What the words that `pattern` finds mean."""

    pattern: str
    problem: str
    remedy: str
    hope: _Hope = _Hope.NONE


# That the line ended is no matter of TLS, though OpenSSL says it.
_TLS = _Cause(
    r"SSL(?! SYSCALL| connection has been closed)|certificate",
    "{name} and this machine cannot agree on TLS",
    "check sslmode and the certificates",
)
# libpq gives no SQLSTATE for a connection that was refused: the server's English text is all there is.
_CAUSES = (
    _Cause(r"no password supplied", "{name} asks for a password and there is none", "add the password to the URL"),
    _Cause(
        r"password authentication failed|authentication failed|SASL",
        "{name} refuses the user or the password",
        "check user and password of the URL",
    ),
    _Cause(r"pg_hba\.conf", "{name} does not let this machine in", "allow this machine's address, or connect with TLS"),
    _Cause(r'role "[^"]*" does not exist', "{name} has no such user", "check the user of the URL"),
    _Cause(
        r'database "[^"]*" does not exist', "the database of {name} does not exist", "create it, or correct the URL"
    ),
    _Cause(
        r'role "[^"]*" is not permitted to log in|permission denied for database "',
        "{name} does not let this user in",
        "grant it LOGIN and CONNECT there, or check user and database of the URL",
    ),
    # Supabase's pooler finds the project in the user.
    _Cause(
        r"Tenant or user not found",
        "{name} knows no such project or user",
        "write the user as ROLE.PROJECT, and the pooler's host as Supabase shows it for the project",
    ),
    # Of Postgres, of PgBouncer, and of Supabase's pooler.
    _Cause(
        r"too many (?:clients|connections)|remaining connection slots|no more connections allowed"
        r"|[Mm]ax client(?:s| connections) reached",
        "{name} has no connection left",
        "try again later",
    ),
    _Cause(
        r"invalid response to SSL negotiation|expected authentication request from server",
        "what answers at {name} is not Postgres",
        "check host and port of the URL",
    ),
    _TLS,
    _Cause(
        r"resolve host|translate host name|[Nn]ame or service not known|name resolution|No address associated",
        "the host of {name} is not known",
        "check the host of the URL",
        _Hope.STARTS,
    ),
    # Neon's proxy (`control_plane/errors.rs`, `compute/mod.rs`): there is no such endpoint, it is switched off, or it
    # has used up its quota.
    _Cause(
        r"Control plane request failed: endpoint|exceeded the compute time quota"
        r"|limit of concurrently active endpoints",
        "Neon does not open {name}",
        "look at the endpoint and at its quotas in Neon's console",
    ),
    _Cause(
        r"Couldn't connect to compute node|Control plane request failed|Failed to acquire permit to connect",
        "the compute of {name} does not wake up",
        "try again in a minute, or look at it in Neon's console",
        _Hope.WAKES,
    ),
    _Cause(
        r"starting up|shutting down|recovery|not (?:yet )?accepting connections",
        "{name} is not ready",
        "try again in a minute",
        _Hope.WAKES,
    ),
    # It is there, and answers: whatever else stands beside that, as of another address of the host.
    _Cause(
        r"\b(?:FATAL|ERROR): ",
        "{name} refuses this connection",
        "see what it says; check user, database and options of the URL",
    ),
)
_WAITS = "`--wait 60` waits for one that is starting"
_REACHED = _Cause(
    "",
    "{name} cannot be reached",
    f"check the URL and that this machine may connect there; {_WAITS}",
)
_NO_IPV4 = replace(
    _REACHED,
    remedy="take the URL of Supabase's session pooler (port 5432): the direct host has no IPv4 without the add-on, and "
    "this machine may have no IPv6",
)
_TRUSTED = (
    "see the certificate of what answers there; `sslrootcert` of the URL names the authority of one's own wsproxy, "
    "and sslmode changes nothing"
)
# Nobody listens yet, or what listens has nobody to hand us on to, as the proxy of a container that starts.
_NOBODY_YET = regex(
    r"Connection refused|No route to host|Network is unreachable|Host is down"
    r"|Connection reset|closed the connection unexpectedly|unexpected end of stream"
    r"|SSL SYSCALL error: EOF detected|SSL connection has been closed unexpectedly"
)
_NO_WAY = regex(r"Network is unreachable|Cannot assign requested address")
_SILENT = regex(r"timeout expired|[Tt]imed out|does not answer in time")
# Bad gateway, unavailable, gateway timeout; closed as going away, for an error, for a restart, to try again later.
_NO_BACKEND = frozenset({"502", "503", "504", "1001", "1011", "1012", "1013"})


def refusal(address: Address, error: Exception, *, unopened: bool = False) -> UndecidableError:
    """Why there is no connection to `address`, and what to do; holds no password. `unopened`: nor any WebSocket.

    A NotYetError where to try again may help, of it an AsleepError where Neon may be waking what was suspended.
    """
    said = _OF_SOCKET.sub("over a WebSocket: ", said_by(error))
    others = _OF_OTHERS.search(said)
    decisive = said[: others.start()] if others else said
    cause = next((each for each in _CAUSES if re.search(each.pattern, decisive)), _REACHED)
    hope = _unanswered(decisive, others, error) if cause is _REACHED else cause.hope
    if cause is _REACHED and _NO_WAY.search(decisive) and address.host.lower().endswith(".supabase.co"):
        cause = _NO_IPV4
    if unopened:
        cause = _of_the_way(cause, address, said)
    told = f"{cause.problem.format(name=address.name)}: {said}"
    if hope is _Hope.WAKES and address.is_neon:
        return AsleepError(told, cause.remedy)
    return UndecidableError(told, cause.remedy) if hope is _Hope.NONE else NotYetError(told, cause.remedy)


def _of_the_way(cause: _Cause, address: Address, said: str) -> _Cause:
    """The same where it is no fault of the database, which nobody has spoken to."""
    route = address.route
    if route.https_proxy and "the HTTPS proxy" in said:
        return replace(_REACHED, remedy=f"check {HTTPS_PROXY}, and that this proxy lets one through to there")
    if cause is _TLS:
        return replace(cause, remedy=_TRUSTED)
    if route.websocket_proxy:
        return replace(
            _REACHED, remedy=f"check {WEBSOCKET_PROXY} ({route.websocket_proxy}) and what runs there; {_WAITS}"
        )
    if not address.is_neon:
        return replace(_REACHED, remedy=f"name a wsproxy in {WEBSOCKET_PROXY}: none but Neon's hosts take a WebSocket")
    return cause


def _unanswered(decisive: str, others: re.Match[str] | None, error: Exception) -> _Hope:
    """What may come of waiting where no server said anything."""
    if _SILENT.search(decisive):
        return _Hope.WAKES
    if others is not None:
        return _Hope.STARTS if others["code"] in _NO_BACKEND else _Hope.NONE
    # Who was given the password and hangs up may not want it: given again and again, it would lock the account.
    asked = isinstance(error, psycopg.Error) and error.pgconn is not None and error.pgconn.used_password
    return _Hope.STARTS if _NOBODY_YET.search(decisive) and not asked else _Hope.NONE
