r"""A database's schema as SQL, by `pg_dump`: at the moment of a session's snapshot, within a time, never through psql.

Sources: PostgreSQL's manual, `pg_dump` (its options, and since which major); the release notes of August 2025, since
which a plain dump begins with psql's `\restrict` (CVE-2025-8714).
"""

import os
import re
import subprocess
from collections.abc import Mapping
from contextlib import suppress

from msgspec import Struct
from psycopg.conninfo import make_conninfo

from migcheck.postgres.target.dump_programs import DumpProgram
from migcheck.regex import regex

NO_TLS = regex(r"SSL support is not compiled in")
"""What libpq says where it was built without TLS, as those of some wheels are."""

_OPTIONS = (
    (0, "--schema-only"),
    (0, "--no-password"),
    (0, "--encoding=UTF8"),
    # Scratch has one role that may make things.
    (0, "--no-owner"),
    (0, "--no-publications"),
    (0, "--no-subscriptions"),
    (0, "--no-security-labels"),
    (0, "--no-tablespaces"),
    # lz4 and zstd are a matter of how a server was built.
    (14, "--no-toast-compression"),
    (15, "--no-table-access-method"),
)
# What is said to libpq of one major, and what one before it does not know and needs not be told.
_HARMLESS = {"sslcertmode": (16, "disable"), "sslnegotiation": (17, "postgres")}
# Neither has a place in a command line, which every user of the machine can read.
_SECRETS = ("password", "sslpassword")
_RESTRICTED = regex(r"\A(?:--[^\n]*\n|\n)*\\restrict (?P<key>[A-Za-z0-9]+)\n")
_END_SECONDS = 5.0


class DumpError(Exception):
    """`pg_dump` ended with an error; the message is what it wrote."""


class Dumping(Struct, frozen=True):
    """Which moment to dump, and within what time: `seconds` in all, `lock_seconds` for the lock on each table."""

    snapshot: str
    seconds: float
    lock_seconds: float


def dump_schema(program: DumpProgram, parameters: Mapping[str, str], asked: Dumping) -> str:
    """The schema of the database that libpq's `parameters` lead to, as SQL that is fit for a server.

    It takes ACCESS SHARE on every table, as any SELECT would. Raises DumpError where it is refused, TimeoutError where
    the time is over.
    """
    options = [option for since, option in _OPTIONS if program.major >= since]
    locks = f"--lock-wait-timeout={round(asked.lock_seconds * 1000)}"
    where = f"--dbname={make_conninfo('', **_told(program, parameters))}"
    command = [str(program.path), *options, locks, f"--snapshot={asked.snapshot}", where]
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=_environment(parameters),
    ) as running:
        try:
            out, err = running.communicate(timeout=asked.seconds)
        except subprocess.TimeoutExpired:
            raise TimeoutError from None
        finally:
            _end(running)
    if running.returncode:
        raise DumpError(err.decode("utf-8", "replace").strip())
    return without_meta_commands(out.decode("utf-8", "replace"))


def without_meta_commands(text: str) -> str:
    """`text` less the two lines that are for psql. Any other one the server refuses: there it is no SQL."""
    found = _RESTRICTED.match(text)
    if found is None:
        return text
    body = text[: found.start("key") - len("\\restrict ")] + text[found.end() :]
    return re.sub(rf"\\unrestrict {found['key']}\s*\Z", "", body)


def _told(program: DumpProgram, parameters: Mapping[str, str]) -> dict[str, str]:
    """What of `parameters` goes into the command line, in words that the program's libpq knows."""
    needless = [(name, value) for name, (since, value) in _HARMLESS.items() if program.major < since]
    return {name: value for name, value in parameters.items() if name not in _SECRETS and (name, value) not in needless}


def _environment(parameters: Mapping[str, str]) -> dict[str, str]:
    """The caller's, which names certificates and the like, with the password, in English."""
    password = parameters.get("password")
    return {**os.environ, "LC_ALL": "C", **({"PGPASSWORD": password} if password else {})}


def _end(running: "subprocess.Popen[bytes]") -> None:
    """Let it cancel what its server does, where it is not done; what does not end is ended."""
    if running.poll() is not None:
        return
    running.terminate()
    with suppress(subprocess.TimeoutExpired):
        running.communicate(timeout=_END_SECONDS)
    running.kill()
