"""Running scratch servers for tests: one for each kind and major that this machine has, started once a session."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

import pytest
from msgspec.structs import replace

from migcheck.config.config import Kind, ScratchConfig
from migcheck.postgres.scratch.candidates import Candidate, candidates
from migcheck.postgres.scratch.contract import ScratchServer
from migcheck.postgres.scratch.dropping import drop_database
from migcheck.postgres.scratch.installation import program_major
from migcheck.postgres.scratch.server import Server
from tests.support.target_server import binaries
from tests.support.waiting import PATIENCE

# What the machine says of Docker, before each test's environment is cleaned.
ENGINE = {name: os.environ[name] for name in ("DOCKER_HOST", "HOME") if name in os.environ}
IMAGE = os.environ.get("MIGCHECK_TEST_IMAGE", "postgres:17")
ADMIN_URL = "MIGCHECK_SCRATCH_URL"


def candidate(kind: Kind, major: int = 0, config: ScratchConfig | None = None, *, prelude: str = "") -> Candidate:
    """The server of this kind and major, not started. `dsn` is not among them: see `Servers`."""
    config = replace(config or ScratchConfig(), kind=kind, image=IMAGE if kind == "docker" else None)
    found = candidates(config, prelude=prelude, environ=ENGINE)
    return next(one for one in found if not major or one.major == major)


class Servers:
    """Servers already started, by kind and major. Kind `dsn` lives on the embedded or local one of its major."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._running: dict[tuple[Kind, int], ScratchServer] = {}

    def of(self, kind: Kind, major: int = 0) -> ScratchServer:
        """The server of this kind and major, started at its first use."""
        if (kind, major) not in self._running:
            self._running[kind, major] = self._stack.enter_context(self.another(kind, major))
        return self._running[kind, major]

    def like(self, major: int) -> ScratchServer:
        """One of this major, of the kind that there is."""
        return self.of("local" if major == 15 else "embedded", major)

    def another(
        self, kind: Kind, major: int = 0, config: ScratchConfig | None = None, *, prelude: str = ""
    ) -> AbstractContextManager[ScratchServer]:
        """A server of one's own, to break it."""
        if kind != "dsn":
            return candidate(kind, major, config, prelude=prelude).start()
        told = replace(config or ScratchConfig(), kind="dsn")
        return next(candidates(told, prelude=prelude, environ={ADMIN_URL: self.admin_url(major)})).start()

    def admin_url(self, major: int) -> str:
        """An administrator's URL of the running server that kind `dsn` lives on."""
        host = self.like(major)
        assert isinstance(host, Server)
        return host.conninfo(host.admin, "postgres")


Which = tuple[Kind, int]
SERVERS = [
    pytest.param(("embedded", 16), id="embedded-16"),
    pytest.param(("embedded", 17), id="embedded-17"),
    pytest.param(("embedded", 18), id="embedded-18"),
    pytest.param(("local", 15), id="local-15", marks=pytest.mark.debian),
    pytest.param(("dsn", 15), id="dsn-15", marks=pytest.mark.debian),
    pytest.param(("dsn", 16), id="dsn-16"),
    pytest.param(("dsn", 17), id="dsn-17"),
    pytest.param(("dsn", 18), id="dsn-18"),
    pytest.param(("docker", 0), id="docker", marks=pytest.mark.docker),
]
KINDS = [param for param in SERVERS if param.id in {"embedded-17", "local-15", "dsn-17", "docker"}]
Another = Callable[..., AbstractContextManager[ScratchServer]]


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """The pool of this session."""
    with ExitStack() as stack:
        yield Servers(stack)


@pytest.fixture
def own_servers() -> Iterator[Servers]:
    """A pool of the test's own: on a server named by URL no other run lives, which would inherit what this one made."""
    with ExitStack() as stack:
        yield Servers(stack)


@contextmanager
def left_clean(server: ScratchServer) -> Iterator[ScratchServer]:
    """`server` for one test, and nothing of the test on it afterwards.

    A role outlives its test, and cannot be dropped while a database knows it; each database takes 7 MB of memory.
    """
    assert isinstance(server, Server)
    yield server
    with server.admin_session() as admin:
        mine = "select datname from pg_database join pg_roles r on r.oid = datdba where rolname = %s"
        for (name,) in admin.execute(mine, (server.owner.role,)).fetchall():
            drop_database(admin, str(name))
    server.drop_made_roles()


@pytest.fixture
def server(servers: Servers) -> Iterator[ScratchServer]:
    """An embedded PostgreSQL 17."""
    with left_clean(servers.of("embedded", 17)) as server:
        yield server


@pytest.fixture
def like_target(servers: Servers) -> Iterator[ScratchServer]:
    """One of the target's major."""
    with left_clean(servers.like(program_major(binaries() / "postgres"))) as server:
        yield server


@pytest.fixture
def patient_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """No server is ended because a session of it is slow to end: others use it after this test."""
    monkeypatch.setattr("migcheck.postgres.scratch.server.CUT_WITHIN", PATIENCE)


@pytest.fixture
def lent_scratch(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands find a server of the target's major that runs already: each start of one takes a second."""
    monkeypatch.setenv(ADMIN_URL, servers.admin_url(program_major(binaries() / "postgres")))


@pytest.fixture
def lent_17(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands find an embedded PostgreSQL 17 that runs already: for what depends on the server's major."""
    monkeypatch.setenv(ADMIN_URL, servers.admin_url(17))


@pytest.fixture(params=SERVERS)
def any_server(request: pytest.FixtureRequest, servers: Servers) -> Iterator[ScratchServer]:
    """Every kind and major in turn."""
    with left_clean(servers.of(*request.param)) as server:
        yield server


@pytest.fixture(params=KINDS)
def any_kind(request: pytest.FixtureRequest) -> Which:
    """Every kind in turn, one major of each."""
    which: Which = request.param
    return which
