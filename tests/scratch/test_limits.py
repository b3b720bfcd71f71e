"""What SQL may use up: time, disk, memory, locks, the reader's patience. Each is bounded from outside."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer

import psycopg
import pytest
from tests.support.servers import KINDS, Servers, Which
from tests.support.waiting import once, running

from migcheck.config.config import ScratchConfig
from migcheck.errors import UndecidableError
from migcheck.postgres.running.simple_query import send_raw
from migcheck.postgres.scratch.contract import ScratchServer

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("patient_cut")]

ENDLESS = {
    "a statement": "SELECT pg_sleep(3600)",
    "a loop without timeouts": "SET statement_timeout = 0; DO $$ BEGIN LOOP PERFORM 1; END LOOP; END $$",
    "a loop that catches its own end": "DO $$ BEGIN LOOP BEGIN PERFORM pg_sleep(3600);"
    " EXCEPTION WHEN query_canceled THEN NULL; END; END LOOP; END $$",
    "a flood of notices": "DO $$ BEGIN LOOP RAISE NOTICE '%', repeat('x', 1000); END LOOP; END $$",
    "a flood of rows": "SELECT repeat('x', 1000) FROM generate_series(1, 1000000000)",
    "a recursion": "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT 1 FROM r) SELECT count(*) FROM r",
}
FILLS_DISK = "CREATE UNLOGGED TABLE big AS SELECT repeat(md5(n::text), 60) FROM generate_series(1, 2000000) n"
FILLS_MEMORY = "DO $$ DECLARE a text[]; BEGIN FOR n IN 1..40 LOOP a[n] := repeat('x', 50000000); END LOOP; END $$"


@contextmanager
def checked(server: ScratchServer) -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        server.check(error)
        raise


@contextmanager
def cut_after(server: ScratchServer, seconds: float) -> Iterator[None]:
    clock = Timer(seconds, server.cut)
    clock.start()
    try:
        with checked(server):
            yield
    finally:
        clock.cancel()
        clock.join()


@contextmanager
def cut_once_running(server: ScratchServer, statement: str) -> Iterator[None]:
    with once(lambda: running(server, statement), server.cut), checked(server):
        yield


@pytest.mark.parametrize("endless", ENDLESS)
def test_what_does_not_end_is_cut(any_kind: Which, servers: Servers, endless: str) -> None:
    server = servers.of(*any_kind)
    server.create_database("endless")
    cut = cut_once_running(server, ENDLESS[endless])
    with server.connect("endless") as session, pytest.raises(UndecidableError), cut:
        send_raw(session, ENDLESS[endless])
    server.drop_database("endless")


def test_what_ends_in_time_is_left_alone(server: ScratchServer) -> None:
    server.create_database("quick")
    with server.connect("quick") as session, cut_after(server, 30):
        assert session.execute("SELECT 1").fetchall() == [(1,)]
    server.drop_database("quick")


def test_a_lock_that_is_held_keeps_nobody(any_kind: Which, servers: Servers) -> None:
    server = servers.of(*any_kind)
    server.create_database("hogged")
    # An administrator's session is not cut, so the lock is not let go in time for the one that waits.
    hogging, waiting = server.connect_admin("hogged"), server.connect("hogged")
    hogging.execute("BEGIN; SELECT pg_advisory_lock(1)")
    waits = "SELECT pg_advisory_lock(1)"
    with pytest.raises(UndecidableError, match="terminating connection"), cut_once_running(server, waits):
        waiting.execute(waits.encode())
    server.drop_database("hogged")
    hogging.close()
    waiting.close()


@pytest.mark.parametrize("which", [param for param in KINDS if not str(param.id).startswith("dsn")])
def test_a_full_disk_is_told_and_nothing_else_fails(which: Which, servers: Servers) -> None:
    with servers.another(*which, ScratchConfig(disk=250)) as server:
        server.create_database("full")
        with pytest.raises(UndecidableError) as told, server.connect("full") as session, cut_after(server, 120):
            session.execute(FILLS_DISK)
    assert told.value.problem in {
        "the scratch server failed: it wrote more than 250 MiB",
        "the scratch server failed: its disk is full",
    }


@pytest.mark.parametrize("which", [param for param in KINDS if not str(param.id).startswith("dsn")])
def test_memory_is_bounded(which: Which, servers: Servers) -> None:
    with servers.another(*which, ScratchConfig(memory=700, disk=100)) as server:
        server.create_database("hungry")
        with pytest.raises(UndecidableError) as told, server.connect("hungry") as session, cut_after(server, 120):
            session.execute(FILLS_MEMORY)
    assert told.value.problem.startswith("the scratch server failed: ")
    assert "terminating connection" not in told.value.problem


def test_a_flood_of_notices_is_no_refusal(server: ScratchServer) -> None:
    server.create_database("noisy")
    with server.connect("noisy") as session, cut_after(server, 120):
        assert send_raw(session, "DO $$ BEGIN FOR n IN 1..20000 LOOP RAISE NOTICE 'x'; END LOOP; END $$") is None
    server.drop_database("noisy")


def test_what_an_owner_does_to_its_database_is_told_as_undecidable(server: ScratchServer) -> None:
    server.create_database("closed")
    with server.connect("closed") as session:
        name = session.info.dbname
        session.execute(f"ALTER DATABASE {name} SET local_preload_libraries = 'missing'".encode())
    with pytest.raises(UndecidableError, match="missing"):
        server.connect("closed")
    server.drop_database("closed")


def test_a_refused_login_is_no_crash(server: ScratchServer) -> None:
    server.create_database("locked")
    with server.connect("locked") as session:
        session.execute("ALTER ROLE CURRENT_USER PASSWORD 'other'")
    with pytest.raises(UndecidableError):
        server.connect("locked")
    server.create_database("next")
    with server.connect("locked") as session:
        assert session.execute("SELECT 1").fetchall() == [(1,)]
    server.drop_database("locked")
    server.drop_database("next")


def test_a_migrations_own_error_is_not_the_servers(server: ScratchServer) -> None:
    server.create_database("wrong")
    with server.connect("wrong") as session, pytest.raises(psycopg.errors.DivisionByZero), cut_after(server, 30):
        session.execute("SELECT 1/0")
    server.drop_database("wrong")
