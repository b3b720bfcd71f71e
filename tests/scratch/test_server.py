"""What every kind of scratch server does alike."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from msgspec.structs import replace
from psycopg.conninfo import conninfo_to_dict
from tests.support.servers import KINDS, Servers, Which, candidate, left_clean

from migcheck.config.config import Kind
from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.scratch.contract import ScratchServer
from migcheck.postgres.scratch.docker import PUBLISHED, DockerCandidate
from migcheck.postgres.scratch.server import Server

pytestmark = pytest.mark.server


def test_the_owner_has_a_database_of_its_own_and_is_no_superuser(any_server: ScratchServer) -> None:
    any_server.create_database("own")
    with any_server.connect("own") as session:
        session.execute("CREATE TABLE kept (id int)")
        told = session.execute(
            "SELECT rolsuper, pg_catalog.current_setting('fsync') FROM pg_roles WHERE rolname = current_user"
        )
        assert told.fetchall() == [(False, "off")]
    any_server.create_database("copy", template="own")
    with any_server.connect("copy") as session:
        assert session.execute("SELECT count(*) FROM kept").fetchall() == [(0,)]
    any_server.drop_database("own")
    any_server.drop_database("copy")


@pytest.mark.parametrize("which", [param for param in KINDS if not str(param.id).startswith("dsn")])
def test_no_map_of_free_space_or_visible_pages_is_copied(which: Which, servers: Servers) -> None:
    """A quarter of the files of a database, and a sixth of what it takes to make and to drop one."""
    maps = "select sum(pg_relation_size(oid, 'fsm') + pg_relation_size(oid, 'vm')) from pg_class where not relisshared"
    with left_clean(servers.of(*which)) as server:
        server.create_database("lean")
        with server.connect("lean") as session:
            assert session.execute(maps).fetchall() == [(0,)]
            # What is not there is made where it is needed.
            session.execute("create table rows as select from generate_series(1, 9)")
        with server.connect_admin("lean") as admin:
            admin.execute("vacuum")
            assert admin.execute(maps).fetchall() > [(0,)]


def test_databases_are_made_side_by_side(server: ScratchServer) -> None:
    names = [f"side_{at}" for at in range(12)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(server.create_database, names))
        list(pool.map(server.drop_database, names))


def test_a_server_that_is_being_made_is_asked_once_it_has_a_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    """A try in vain takes the time of the server."""
    there, connect = list[bool](), psycopg.connect

    def watched(where: str, *, options: str, autocommit: bool = False) -> Connection:
        told = conninfo_to_dict(where)
        there.append(Path(str(told["host"]), f".s.PGSQL.{told['port']}").exists())
        return connect(where, options=options, autocommit=autocommit)

    monkeypatch.setattr(psycopg, "connect", watched)
    with candidate("embedded").start():
        assert set(there) == {True}


def test_the_administrators_session_is_kept_until_it_fails(own_servers: Servers) -> None:
    server = own_servers.of("embedded", 17)
    assert isinstance(server, Server)
    with server.admin_session() as first, server.admin_session() as second:
        assert first is not second
    with server.admin_session() as again:
        assert again in {first, second}
    with pytest.raises(psycopg.errors.SyntaxError), server.admin_session() as failing:
        failing.execute("nothing")
    with server.admin_session() as other:
        assert other is not failing
        assert other.execute("SELECT 1").fetchall() == [(1,)]


@pytest.mark.parametrize("kind", ["embedded", pytest.param("docker", marks=pytest.mark.docker)])
def test_passwords_of_ours_are_kept_for_one_iteration(kind: Kind) -> None:
    """They are random: more would only make each connection slow."""
    with candidate(kind).start() as server:
        assert isinstance(server, Server)
        with server.admin_session() as admin:
            kept = admin.execute("select rolpassword from pg_authid where rolcanlogin order by rolname").fetchall()
    assert [str(text).split(":")[0] for (text,) in kept] == ["SCRAM-SHA-256$1", "SCRAM-SHA-256$1"]


@pytest.mark.docker
def test_an_engine_that_shares_no_sockets_publishes_a_port() -> None:
    near = candidate("docker")
    assert isinstance(near, DockerCandidate)
    with replace(near, engine=replace(near.engine, shares_sockets=False)).start() as server:
        assert server.description.confinement == PUBLISHED
        server.create_database("far")
        with server.connect("far") as session:
            assert session.execute("SELECT 1").fetchall() == [(1,)]
