"""Whether a Docker engine answers and what images it has, asked over its own socket in a millisecond or two.

The client library takes a third of a second to import, too long for those who have no Docker.
"""

import http.client
import json
import re
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, urlsplit

from msgspec import Struct

from migcheck.regex import regex

TIMEOUT = 3.0
_NO_ANSWER = (OSError, http.client.HTTPException, ValueError)
# Images known to have tags that begin with PostgreSQL's version: in another's it may be the release of something
# else. What such a one is of, it says once it runs.
_NUMBERED = regex(r"(?:^|[-_])(?:postgres(?:ql)?(?:-repmgr)?|postgis|pgrouting)$")


class Engine(Struct, frozen=True):
    """An engine that answered. `host` is its address as in DOCKER_HOST.

    `shares_sockets` tells whether a Unix socket made in a container can be used here: the same kernel.
    """

    host: str
    shares_sockets: bool

    def image_major(self, image: str) -> int | None:
        """The PostgreSQL major of an image that is present, 0 where it does not say; None where it is absent."""
        try:
            status, body = _get(self.host, f"/images/{quote(image, safe='/:@')}/json")
            environment = (json.loads(body).get("Config") or {}).get("Env") or []
        except _NO_ANSWER:
            return None
        if status != http.HTTPStatus.OK:
            return None
        told = [value.removeprefix("PG_MAJOR=") for value in environment if value.startswith("PG_MAJOR=")]
        return int(told[0]) if told and told[0].isdigit() else major_of(image)


def find_engine(environ: Mapping[str, str]) -> Engine | None:
    """The engine of DOCKER_HOST or of the usual sockets, where one answers."""
    named = environ.get("DOCKER_HOST")
    for host in [named] if named else _usual(environ):
        with suppress(*_NO_ANSWER):
            status, _ = _get(host, "/_ping")
            if status == http.HTTPStatus.OK:
                return Engine(host, shares_sockets=host.startswith("unix://") and sys.platform == "linux")
    return None


def major_of(image: str) -> int:
    """17 of `postgres:17.2-alpine` or `timescale/timescaledb:2.17.2-pg17`; 0 where the tag does not say."""
    name, _, tag = image.partition("@")[0].rpartition("/")[2].partition(":")
    found = re.search(r"pg(\d{1,2})(?!\d)", tag)
    if found is None and _NUMBERED.search(name):
        found = re.match(r"v?(\d{1,2})(?!\d)", tag)
    return int(found[1]) if found else 0


def _usual(environ: Mapping[str, str]) -> list[str]:
    homes = [f"{environ['HOME']}/.docker/run"] if "HOME" in environ else []
    runtime = [environ["XDG_RUNTIME_DIR"]] if "XDG_RUNTIME_DIR" in environ else []
    sockets = [Path(place, "docker.sock") for place in ("/var/run", *runtime, *homes)]
    return [f"unix://{path}" for path in sockets if path.exists()]


def _get(host: str, path: str) -> tuple[int, bytes]:
    where = urlsplit(host)
    if where.scheme not in {"unix", "tcp"}:
        raise ValueError(where.scheme)
    connection = http.client.HTTPConnection(where.hostname or "localhost", where.port or 2375, timeout=TIMEOUT)
    try:
        if where.scheme == "unix":
            connection.sock = socket.socket(socket.AF_UNIX)
            connection.sock.settimeout(TIMEOUT)
            connection.sock.connect(where.path)
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()
