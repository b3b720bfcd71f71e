"""Where a target is: a URL parsed once, and what is wrong with it told without repeating a secret."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Conninfo

from migcheck.errors import UndecidableError, UsageError
from migcheck.redact import learn
from migcheck.regex import regex
from migcheck.route import Route

# Everything else in a URL (pgbouncer, connection_limit, schema, supa) is for JavaScript drivers and other ORMs, which
# pass over what they do not know; libpq would refuse the whole URL.
OF_LIBPQ = frozenset(option.keyword.decode() for option in Conninfo.get_defaults())
"""The options that the libpq at hand knows."""
_SSL_OF_NODE = {"no-verify": "require", "true": "require", "1": "require", "0": "disable", "false": "disable"}
# A place and its options, of which each value may hold one "@". A "/" behind that is a place's: then it was a password
# that holds a raw "@", and nothing may be sent to what reads as a host in it.
_OPTION = r"[^@&]*(?:@[^@/&]*)?"
_WITH_OPTIONS = regex(rf"(?P<place>[^/@]*://(?:[^/@]*@)?[^/@?]*/[^/@?]*)\?(?P<query>{_OPTION}(?:&{_OPTION})*)")
_PORT = regex(r"[0-9]{1,5}")
_GREATEST_PORT = 65_535
_NEON = (".neon.tech", ".neon.build")
# What Neon runs for others calls its pooler as Neon does. On any other host such a name may be of one that pools by
# session, or of none; a deploy finds out.
_CALLED_AS_NEONS = (*_NEON, ".postgres.vercel-storage.com")
_SUPABASE_POOLER = "6543"


@dataclass(frozen=True, slots=True)
class Address:
    """A database's address, and the way there.

    `name` is host and database for people; `parameters` are libpq's and hold the password. `direct` says which URL to
    take where this one leads to a transaction pooler; empty where it does not say so.
    """

    name: str
    parameters: Mapping[str, str] = field(repr=False)
    route: Route = field(default_factory=Route, repr=False)
    direct: str = ""

    @property
    def host(self) -> str:
        """The host, or several with commas between; empty where a service of libpq's names it."""
        return self.parameters.get("host") or self.parameters.get("hostaddr") or ""

    @property
    def port(self) -> str:
        """The port as it is written, "5432" where none is."""
        return self.parameters.get("port") or "5432"

    @property
    def certificates(self) -> str:
        """The file of the certificates that are trusted; empty for the system's."""
        named = self.parameters.get("sslrootcert", "")
        return "" if named == "system" else named

    @property
    def place(self) -> tuple[str, str, str]:
        """Host, port and database: which database it is, whoever connects and whatever for."""
        here = "localhost" if self.host in {"127.0.0.1", "::1"} else self.host.lower().rstrip(".")
        if self.is_neon:
            label, dot, domain = here.partition(".")
            here = label.removesuffix("-pooler") + dot + domain
        return here, self.port, self.parameters.get("dbname") or self.user

    @property
    def is_neon(self) -> bool:
        """Whether the host is one of Neon's."""
        return self.host.lower().rstrip(".").endswith(_NEON)

    @property
    def user(self) -> str:
        """The user's name, empty where libpq takes it from elsewhere."""
        return self.parameters.get("user", "")


def parse_address(url: str, variable: str = "DATABASE_URL", route: Route | None = None) -> Address:
    """Parse a connection URL (or libpq's keyword form); `variable` is what people know it by, `route` the way there.

    Raises UsageError where it is malformed, which repeats no part of it that could be a password.
    """
    learn(url)
    url = url.strip()
    parameters = _parameters(url, variable)
    host = parameters.get("host") or parameters.get("hostaddr") or "localhost"
    _check_place(parameters, variable)
    place = _place(host, parameters.get("port", ""))
    name = f"{place}/{parameters.get('dbname') or parameters.get('user', '')}"
    said = "://" in url and ("pgbouncer", "true") in parse_qsl(_split(url)[1])
    direct = _direct(host, parameters.get("port", "")) or ("give the URL of the database itself" if said else "")
    return Address(name, parameters, route or Route(), direct)


def refuse_pooler(address: Address, variable: str) -> None:
    """Raise UndecidableError where a deploy would go through a transaction pooler. Whoever only reads may."""
    if address.direct:
        raise UndecidableError(
            f"{variable} leads to a transaction pooler: session locks and timeouts do not hold there",
            remedy=address.direct,
        )


def _place(host: str, port: str) -> str:
    """`db.example.org`, `[::1]:15432`, `one:5433,other`: the usual port is left out."""
    hosts, ports = host.split(","), port.split(",")
    ports = ports if len(ports) == len(hosts) else ports[:1] * len(hosts)
    shown = (f"[{each}]" if ":" in each else each for each in hosts)
    return ",".join(each + (f":{at}" if at not in {"", "5432"} else "") for each, at in zip(shown, ports, strict=True))


def _parameters(url: str, variable: str) -> dict[str, str]:
    malformed = UsageError(
        f"{variable} is not a PostgreSQL URL",
        remedy="write it as postgresql://USER:PASSWORD@HOST:5432/DATABASE, with % + : / ? # @ of the password "
        "percent-encoded",
    )
    if not url:
        raise malformed
    try:
        parsed = conninfo_to_dict(_for_libpq(url))
    except (psycopg.ProgrammingError, UnicodeError):
        # Without its cause: libpq's message repeats the part it could not read, which may be the password.
        raise malformed from None
    given = {key: str(value) for key, value in parsed.items() if value is not None}
    # As libpq and Drizzle's drivers do; written down, so that every way leads to the same database.
    if (port := os.environ.get("PGPORT")) and "service" not in given:
        given.setdefault("port", port)
    return given


def _for_libpq(url: str) -> str:
    if "://" not in url:
        return url
    place, query = _split(url)
    options = dict(parse_qsl(query, keep_blank_values=True))
    if ssl := options.pop("ssl", None):
        options.setdefault("sslmode", ssl)
    if mode := options.get("sslmode"):
        options["sslmode"] = _SSL_OF_NODE.get(mode, mode)
    # libpq takes a "+" for itself, not for a space.
    kept = urlencode({key: value for key, value in options.items() if key in OF_LIBPQ}, quote_via=quote)
    return f"{place}?{kept}" if kept else place


def _split(url: str) -> tuple[str, str]:
    """What stands before the options, and the options."""
    if found := _WITH_OPTIONS.fullmatch(url):
        return found["place"], found["query"]
    # After the last "@": a password may hold a raw "?".
    before, at, address = url.rpartition("@")
    place, _, query = address.partition("?")
    return f"{before}{at}{place}", query


def _check_place(parameters: Mapping[str, str], variable: str) -> None:
    # A password with a raw "@" or "/" reads as part of the host, the port or the database.
    places = (parameters.get(key, "") for key in ("host", "hostaddr", "dbname"))
    ports = (port for port in parameters.get("port", "").split(",") if port)
    if any("@" in place for place in places) or not all(map(_is_port, ports)):
        raise UsageError(
            f"{variable} cannot be read: its password holds a character that must be percent-encoded, "
            "or its port is not a number",
            remedy="write @ as %40, / as %2F, : as %3A and # as %23 in the password",
        )
    if not (parameters.get("host") or parameters.get("hostaddr") or parameters.get("service")):
        raise UsageError(
            f"{variable} names no host", remedy="write it as postgresql://USER:PASSWORD@HOST:5432/DATABASE"
        )


def _is_port(port: str) -> bool:
    return bool(_PORT.fullmatch(port)) and 0 < int(port) <= _GREATEST_PORT


def _direct(host: str, port: str) -> str:
    """What to use instead, where host and port are those of a provider's transaction pooler; empty where they are not.

    Supabase has two: a shared one on a host of its own, and a dedicated one beside each database.
    """
    label, _, domain = host.lower().rstrip(".").partition(".")
    if label.endswith("-pooler") and f".{domain}".endswith(_CALLED_AS_NEONS):
        return f"use the direct host {label.removesuffix('-pooler')}.{domain}"
    if port != _SUPABASE_POOLER:
        return ""
    if domain == "pooler.supabase.com":
        return "use port 5432 of the same host, which pools by session"
    return "use port 5432 of the same host" if label == "db" and domain.endswith(".supabase.co") else ""
