"""Running scratch servers for tests: one for each kind and major that this machine has, started once a session."""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache

import pytest

from migcheck.config import ScratchConfig
from migcheck.postgres.candidates import Candidate, candidates
from migcheck.postgres.scratch import ScratchServer


@cache
def embedded() -> tuple[Candidate, ...]:
    """Every embedded server, newest last."""
    return tuple(sorted(candidates(ScratchConfig(kind="embedded")), key=lambda one: one.major))


@cache
def local() -> tuple[Candidate, ...]:
    return tuple(candidates(ScratchConfig(kind="local"), environ={}))


SERVERS = [
    pytest.param(("embedded", 16), id="embedded-16"),
    pytest.param(("embedded", 17), id="embedded-17"),
    pytest.param(("embedded", 18), id="embedded-18"),
    pytest.param(("local", 15), id="local-15", marks=pytest.mark.debian),
]


class Servers:
    """Servers already started, by kind and major."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._running: dict[tuple[str, int], ScratchServer] = {}

    def of(self, kind: str, major: int) -> ScratchServer:
        """The server of this kind and major, started at its first use."""
        if (kind, major) not in self._running:
            found = embedded() if kind == "embedded" else local()
            candidate = next(one for one in found if one.major == major)
            self._running[kind, major] = self._stack.enter_context(candidate.start())
        return self._running[kind, major]


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """The pool of this session."""
    with ExitStack() as stack:
        yield Servers(stack)


@pytest.fixture(scope="session")
def server(servers: Servers) -> ScratchServer:
    """An embedded PostgreSQL 17."""
    return servers.of("embedded", 17)


@pytest.fixture(params=SERVERS)
def any_server(request: pytest.FixtureRequest, servers: Servers) -> ScratchServer:
    """Every kind and major in turn."""
    return servers.of(*request.param)
