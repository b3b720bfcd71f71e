"""Nothing is left behind: no process, container, directory, database or role, however a run ends."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from tests.support.servers import ENGINE, KINDS, Servers, Which, candidate
from tests.support.waiting import PATIENCE, eventually

from migcheck.config.config import ScratchConfig
from migcheck.errors import UndecidableError
from migcheck.postgres.scratch.contract import ScratchServer
from migcheck.postgres.scratch.rundir import PREFIX, run_directory, sweep_directories
from migcheck.postgres.scratch.server import Server

pytestmark = pytest.mark.server

ROOT = Path(__file__).parents[2]
# Another process that holds a server until it is killed; it tells where the server is.
HOLDER = """
import sys
from contextlib import ExitStack
from threading import Thread
from tests.support.servers import Servers, candidates, ADMIN_URL
from tests.support.waiting import eventually, running
from migcheck.config.config import ScratchConfig
kind, major, url = sys.argv[1], int(sys.argv[2]), sys.argv[3]
with ExitStack() as stack:
    if kind == "dsn":
        held = next(candidates(ScratchConfig(kind="dsn"), environ={ADMIN_URL: url})).start()
    else:
        held = Servers(stack).another(kind, major)
    server = stack.enter_context(held)
    server.create_database("held")
    session = server.connect("held")
    def tell():
        eventually(lambda: running(server, "pg_sleep(3600)"))
        print(session.info.host, session.info.dbname, flush=True)
    try:
        Thread(target=tell, daemon=True).start()
        session.execute("SELECT pg_sleep(3600)")
    except KeyboardInterrupt:
        raise SystemExit(130)
"""


def processes_with(text: str) -> list[int]:
    """Processes of this machine that have `text` in their arguments."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if text.encode() in entry.read_bytes():
                found.append(int(entry.parent.name))
        except OSError:
            continue
    return found


def names_on(url: str) -> set[object]:
    """Databases and roles of ours on a server named by URL."""
    with psycopg.connect(url) as session:
        query = "SELECT datname FROM pg_database UNION SELECT rolname FROM pg_roles"
        return {name for (name,) in session.execute(query).fetchall() if str(name).startswith("migcheck_")}


@pytest.fixture
def held(any_kind: Which, servers: Servers) -> Iterator[tuple[subprocess.Popen[str], Path, str]]:
    """A process that holds a server, the directory of that server, its database."""
    kind, major = any_kind
    url = servers.admin_url(major) if kind == "dsn" else ""
    environ = {**os.environ, **ENGINE, "PYTHONPATH": f"{ROOT / 'checks'}:{ROOT}"}
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, kind, str(major), url], stdout=subprocess.PIPE, text=True, env=environ
    )
    assert process.stdout
    host, database = process.stdout.readline().split()
    yield process, Path(host).parent, database
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda one: one.name)
def test_a_run_that_ends_by_signal(
    any_kind: Which, held: tuple[subprocess.Popen[str], Path, str], servers: Servers, how: signal.Signals
) -> None:
    process, directory, database = held
    kind, major = any_kind
    process.send_signal(how)
    process.wait(timeout=PATIENCE)
    if kind == "dsn":
        with servers.another(kind, major):
            assert database not in names_on(servers.admin_url(major))
        return
    assert directory.name.startswith(PREFIX)
    assert eventually(lambda: not processes_with(directory.name))
    if kind == "docker":
        assert eventually(lambda: not containers_of(directory))
    assert eventually(lambda: not directory.exists())


def containers_of(directory: Path) -> str:
    command = ["docker", "ps", "-aq", "--filter", f"label=migcheck.run={directory}"]
    return subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, **ENGINE}).stdout


def test_a_server_named_by_url_is_left_as_it_was(servers: Servers) -> None:
    url = servers.admin_url(17)
    before = names_on(url)
    with servers.another("dsn", 17) as server:
        server.create_database("one")
        with server.connect("one") as session:
            session.execute("CREATE ROLE migcheck_made_by_a_migration CREATEROLE LOGIN")
            session.execute("GRANT migcheck_made_by_a_migration TO CURRENT_USER")
            session.execute("SET ROLE migcheck_made_by_a_migration")
            session.execute("CREATE ROLE migcheck_a; CREATE ROLE migcheck_z; CREATE ROLE migcheck_of_z")
            session.execute("GRANT migcheck_z TO migcheck_a WITH ADMIN OPTION; GRANT migcheck_a TO CURRENT_USER")
            session.execute("SET ROLE migcheck_a")
            session.execute("GRANT migcheck_z TO migcheck_of_z")
            session.execute("RESET ROLE")
            session.execute("CREATE DATABASE migcheck_made_too")
            session.execute("ALTER DATABASE migcheck_made_too IS_TEMPLATE true")
        assert len(names_on(url) - before) == 7
    assert names_on(url) == before


def test_a_sweep_leaves_the_living_alone(servers: Servers) -> None:
    with servers.another("dsn", 17) as first:
        first.create_database("same")
        with servers.another("dsn", 17) as second:
            second.create_database("same")
            with first.connect("same") as one, second.connect("same") as other:
                one.execute("CREATE TABLE mine ()")
                assert other.execute("SELECT to_regclass('mine')").fetchall() == [(None,)]


def test_two_servers_at_once_do_not_meet(servers: Servers) -> None:
    first = servers.of("embedded", 17)
    with servers.another("embedded", 17) as second:
        for each in (first, second):
            each.create_database("same")
        first.drop_database("same")
        assert isinstance(first, Server)
        assert isinstance(second, Server)
        assert first.where != second.where


def test_directories_of_the_dead_are_swept_and_of_the_living_kept() -> None:
    with run_directory(10**9) as living:
        dead = living.with_name(f"{living.name}-dead")
        dead.mkdir()
        (dead / "lock").touch()
        sweep_directories()
        assert (living.exists(), dead.exists()) == (True, False)
    assert not living.exists()


@pytest.mark.parametrize("which", [param for param in KINDS if not str(param.id).startswith("dsn")])
def test_a_server_that_is_killed_is_told(which: Which, servers: Servers) -> None:
    with servers.another(*which) as server:
        server.create_database("killed")
        assert isinstance(server, Server)
        with server.connect("killed") as session:
            server.kill()
            with pytest.raises(psycopg.OperationalError) as lost:
                session.execute("SELECT 1")
        with pytest.raises(UndecidableError, match="the scratch server failed: "):
            server.check(lost.value)
        with pytest.raises(UndecidableError, match="the scratch server failed: "):
            server.connect("killed")
        with pytest.raises(UndecidableError, match="the scratch server failed: "):
            server.create_database("next")


def test_a_server_process_that_dies_is_told(servers: Servers) -> None:
    with servers.another("embedded", 17, ScratchConfig()) as server:
        assert isinstance(server, Server)
        directory = Path(server.where.split("=")[1].split()[0]).parent
        os.kill(int((directory / "pid").read_text()), signal.SIGKILL)
        assert eventually(server.fault)
        with pytest.raises(UndecidableError, match=r"(?s)the scratch server failed: .*Killed"):
            server.connect("postgres")


def test_the_prelude_runs_once_as_administrator_and_the_search_path_is_the_projects(servers: Servers) -> None:
    prelude = "CREATE ROLE authenticated; CREATE SCHEMA auth; CREATE FUNCTION auth.uid() RETURNS int RETURN 1;"
    with servers.another("embedded", 17, ScratchConfig(search_path='"$user", app'), prelude=prelude) as server:
        for name in ("one", "two"):
            server.create_database(name)
            with server.connect(name) as session:
                told = session.execute("SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'auth'")
                assert told.fetchall() == [("migcheck_admin",)]
                assert session.execute("SHOW search_path").fetchall() == [('"$user", app',)]


CANNOT = "the prelude cannot be run on the scratch server: "
REFUSED = {
    "CREATE ROLE first; COMMIT; CREATE TABEL x ()": (
        f"{CANNOT}syntax error",
        "fix the file that [scratch] prelude names",
    ),
    # It asks for another server.
    "create extension no_such_extension;": (
        f'{CANNOT}extension "no_such_extension" is not available',
        "name a server that has the extension: `image` under [scratch]",
    ),
    # The same SQLSTATE, and no server supports it.
    "select * from other.public.users;": (
        f"{CANNOT}cross-database references are not implemented",
        "fix the file that [scratch] prelude names",
    ),
}
"""Preludes that a server refuses; what is told of it, and what is to be done."""


def test_a_prelude_that_is_refused_is_told_for_each_database(servers: Servers) -> None:
    with servers.another("embedded", 17) as started:
        assert isinstance(started, Server)
        for prelude, (problem, remedy) in REFUSED.items():
            # As one that was started with it.
            server = replace(started, prelude=prelude)
            for database in ("one", "other"):
                with pytest.raises(UndecidableError) as told:
                    server.create_database(database)
                assert told.value.problem.startswith(problem), prelude
                assert told.value.remedy.startswith(remedy), prelude
            server.drop_database("prelude")


def creating(extension: str, server: ScratchServer) -> AbstractContextManager[object]:
    """What is expected: the files of an installation of the system are replaced by bubblewrap's mounts, or not at all.

    What is refused for want of them is a lack of the server's, and never the migration's fault.
    """
    as_installed = server.description.kind == "local" and "no files but its own" not in server.description.confinement
    if as_installed and extension != "pgcrypto":
        return pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied to create extension")
    return nullcontext()


@pytest.mark.parametrize("which", [param for param in KINDS if not str(param.id).startswith("dsn")])
def test_extensions_of_the_provider_can_be_created(which: Which, servers: Servers) -> None:
    server = servers.of(*which)
    server.create_database("extended")
    with server.connect("extended") as session:
        available = "SELECT name FROM pg_available_extensions WHERE name IN ('vector', 'pgcrypto', 'moddatetime')"
        names = [str(name) for (name,) in session.execute(available).fetchall()]
        for name in names:
            with creating(name, server):
                session.execute(f"CREATE EXTENSION {name}".encode())
    server.drop_database("extended")
    assert names


def test_a_place_whose_sockets_would_have_too_long_a_name_is_not_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    # More than any memory holds: the directory goes to the disk.
    with candidate("embedded", 17, ScratchConfig(disk=10**9)).start() as server:
        server.create_database("there")
    assert list(deep.iterdir()) == []
