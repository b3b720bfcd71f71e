"""Databases that a job or a person has to itself."""

import re

from migcheck.scripts.command import Command

_LOCAL = re.compile(
    r"^postgres(?:ql)?://(?:[^@/]*@)?(?:localhost|127\.0\.0\.1|\[::1\]|0\.0\.0\.0|postgres|db|database)[:/]"
)
_IMAGE = re.compile(r"postgres|postgis|timescale|pgvector|supabase|cockroach|neon", re.IGNORECASE)
_STARTED = re.compile(
    r"docker[ -]compose\b.*\bup\b|docker run\b.*postg|supabase (?:db )?start|(?:service|systemctl start) postgresql"
    r"|pg_ctl|^[\w-]+/[\w-]*postgres[\w-]*",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(r"\bssh\b")
_NAME = re.compile(r"(?:DATABASE|POSTGRES|PG|DB|NEON|SUPABASE)\w*_?(?:URL|URI|DSN|HOST)", re.ASCII)


def is_local(command: Command) -> bool:
    """Whether `command` is given such a database's address, word for word."""
    return any(names_a_database(name) and is_local_url(value) for name, value in dict(command.settings).items())


def is_local_url(url: str) -> bool:
    """Whether `url` leads to this machine, or to a container beside it."""
    return _LOCAL.match(url) is not None


def is_database_image(image: str) -> bool:
    """Whether a container of `image` is a Postgres."""
    return _IMAGE.search(image) is not None


def starts_a_database(step: str) -> bool:
    """Whether a job's step, a script or the name of an action, starts a Postgres beside the job."""
    return _STARTED.search(step) is not None and _ELSEWHERE.search(step) is None


def names_a_database(variable: str) -> bool:
    """Whether the variable is one of those that hold a database's address."""
    return _NAME.search(variable) is not None
