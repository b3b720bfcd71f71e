"""Databases that a job or a person has to itself."""

import re
from collections.abc import Callable
from typing import Protocol

from migcheck.regex import regex
from migcheck.scripts.database_hosts import hosts_of, names_no_host
from migcheck.scripts.shell.command import Command

SCHEMES = ("postgres://", "postgresql://")
"""How the URLs begin that libpq takes (PostgreSQL's manual, 34.1.1.2)."""
HOST = "PGHOST"
"""The variable that says the host of a URL that names none (PostgreSQL's manual, 34.15)."""
_LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]", "::1", "0.0.0.0", "host.docker.internal"}).union(  # noqa: S104 - no bind
    {"postgres", "db", "database"}
)
# Those of Postgres itself: others lead to a proxy, as /cloudsql/… does.
_SOCKETS = frozenset({"/run/postgresql", "/var/run/postgresql"})
_IMAGE = regex(r"postgres|postgis|timescale|pgvector|supabase|cockroach|neon", re.IGNORECASE)
# However long a line is, what belongs together is near.
_COMPOSED = regex(r"docker[ -]compose\b.{0,500}\bup\b|^[\w-]+/compose-action\b", re.IGNORECASE)
_STARTED = regex(
    r"docker run\b.{0,1000}?postg|supabase (?:db )?start"
    r"|(?:service|systemctl start) postgresql|pg_ctl|^[\w-]+/[\w-]*postgres[\w-]*"
    r"|neon(?:ctl)? branch(?:es)? create\b(?s:.{0,1000}?)GITHUB_ENV",
    re.IGNORECASE,
)
_CREATED = regex(r"\bcreatedb\b(?![^\n;&|]*(?:\s-h|\s--host|\$))")
_MADE = regex(r"neondatabase/(?:create|reset)-branch-action(?:@.*)?", re.IGNORECASE)
_CONTINUED = "\\\n"
_ELSEWHERE = regex(r"\bssh\b")
# A whole word of the name: FEEDBACK_URL, MONGODB_URI and NEXT_PUBLIC_SUPABASE_URL are of no Postgres.
_HOLDER = regex(
    r"(?:^|(?<!FIREBASE)(?<!MONGO|MYSQL|REDIS|TURSO)_)"
    r"(?:DATABASE|POSTGRES(?:QL)?|PG|DB|NEON(?:DB)?|FLYWAY)(?=\d*_|URL|URI|DSN|HOST)"
)
_ADDRESS = regex(r"(?:URL|URI|DSN|HOST)(?:ADDR|NAME|S)?(?![A-Z])")
_COMMENT = regex(r"^[ \t]*#.*", re.MULTILINE)
_SET = regex(r"(?<!\w)(?P<name>\w{1,100})=[\"']?(?P<value>[^\s\"']*)", re.ASCII)


def is_local(command: Command, host: str = "") -> bool:
    """Whether `command` is given such a database's address, word for word. On another machine it is not such a one.

    `host` is the PGHOST that it is given beside that, as of `is_local_url`.
    """
    settings = {} if command.elsewhere else dict(command.settings)
    host = settings.get(HOST, host)
    return any(names_a_database(name) and is_local_url(value, host) for name, value in settings.items())


def addresses(command: Command) -> tuple[str, ...]:
    """The databases' addresses that `command` is given, word for word."""
    return tuple(f"{name}={value}" for name, value in sorted(set(command.settings)) if names_a_database(name))


def is_local_url(url: str, host: str = "") -> bool:
    """Whether `url` leads to this machine, or to a container beside it, and nowhere else.

    `host` is what PGHOST says, which holds for a URL that names none. A platform may set it where no file does, and
    behind a socket may lie the database of the one machine that is deployed to: neither is local unless `host` is.
    """
    if not url.startswith(SCHEMES):
        return False
    hosts = hosts_of(url)
    if names_no_host(url) or (hosts and _SOCKETS.issuperset(hosts)):
        return bool(host) and is_local_address(host)
    return bool(hosts) and _LOCAL.issuperset(hosts)


def is_database_image(image: str) -> bool:
    """Whether a container of `image` is a Postgres."""
    return _IMAGE.search(image) is not None


def is_local_address(address: str) -> bool:
    """As `is_local_url`, of a URL or of a host alone."""
    host = "[::1]" if address == "::1" else address
    return is_local_url(address if "://" in address else f"postgres://{host}/")


class Starts(Protocol):
    """As `starts_a_database`, of a repository whose scripts and compose files are known.

    `directory` is where the step begins; None where that is not told.
    """

    def __call__(self, step: str, directory: str | None = None, /) -> bool:
        """Whether `step` starts one."""
        ...


def starts_a_database(step: str, _directory: str | None = None, /, composed: Callable[[], bool] = lambda: True) -> bool:
    """Whether a job's step, a script or the name of an action, starts a Postgres beside the job.

    `composed` tells, where it starts Compose, whether there may be a Postgres in what that starts.
    """
    told = _COMMENT.sub("", step).replace(_CONTINUED, " ")
    if _ELSEWHERE.search(told) is not None:
        return False
    return _STARTED.search(told) is not None or (_COMPOSED.search(told) is not None and composed())


def creates_a_database(step: str) -> bool:
    """Whether a job's step, a script, makes a database where one is that no host is said for."""
    return _CREATED.search(_COMMENT.sub("", step)) is not None


def makes_a_database(action: str) -> bool:
    """Whether an action of GitHub's market makes a database for the job, whose address is among its outputs."""
    return _MADE.fullmatch(action) is not None


def names_a_database(variable: str) -> bool:
    """Whether the variable is one of those that hold a database's address."""
    holder = _HOLDER.search(variable)
    return holder is not None and _ADDRESS.search(variable, holder.end()) is not None


def addresses_in(step: str) -> dict[str, str]:
    """What a job's step, a script, writes of databases' addresses, by the variable: `echo "DB_URL=…" >> .env`."""
    told = _COMMENT.sub("", step)
    return {each["name"]: each["value"] for each in _SET.finditer(told) if names_a_database(each["name"])}
