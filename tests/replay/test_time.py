"""SQL that never ends, servers that die: never a pass, never a hang, and the right one is named."""

import os
import signal
import threading
import time

import pytest

from migcheck.errors import UndecidableError
from migcheck.postgres.scratch import ScratchServer
from migcheck.postgres.server import Server
from tests.support.rehearsals import folder_of, outcomes, rehearsed
from tests.support.servers import Servers

pytestmark = pytest.mark.server

USERS = "create table users (id serial primary key, name text);"
ENDLESS = "select 1;\n\ndo $$ begin loop perform pg_sleep(0.1); end loop; end $$;"


def test_a_new_migration_that_never_ends_is_named(server: ScratchServer) -> None:
    base = folder_of({"0000_users": USERS})
    head = folder_of({"0000_users": USERS, "0001_endless": ENDLESS})
    began = time.monotonic()
    found = outcomes(rehearsed(server, head, base, seconds=4))
    assert found == ("57014 0001_endless:3", "not run", "57014 0001_endless:3", "not run")
    assert time.monotonic() - began < 30


def test_a_landed_migration_that_never_ends_is_undecided(server: ScratchServer) -> None:
    base = folder_of({"0000_users": USERS, "0001_endless": ENDLESS})
    with pytest.raises(UndecidableError, match=r"0001_endless\.sql:3: what has landed cannot be built"):
        rehearsed(server, base, base, seconds=4)


def test_a_migration_cannot_switch_the_clock_off(server: ScratchServer) -> None:
    head = folder_of({"0000_endless": "set statement_timeout = 0;--> statement-breakpoint\nselect pg_sleep(1e6);"})
    assert outcomes(rehearsed(server, head, seconds=4))[0] == "57014 0000_endless:2"


def test_a_migration_that_ends_its_own_session_is_named(server: ScratchServer) -> None:
    head = folder_of({"0000_end": "select pg_terminate_backend(pg_backend_pid());"})
    assert outcomes(rehearsed(server, head)) == ("57P01 0000_end:1", "not run", "57P01 0000_end:1", "not run")


def test_a_server_that_dies_is_undecided(servers: Servers) -> None:
    with servers.another("embedded", 17) as server:
        assert isinstance(server, Server)
        killer = threading.Timer(1, server.kill)
        killer.start()
        head = folder_of({"0000_users": USERS, "0001_endless": ENDLESS})
        with pytest.raises(UndecidableError, match="the scratch server failed"):
            rehearsed(server, head)
        killer.join()


def test_ctrl_c_ends_both_replays_at_once(server: ScratchServer) -> None:
    threading.Timer(1, os.kill, [os.getpid(), signal.SIGINT]).start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        rehearsed(server, folder_of({"0000_endless": ENDLESS}))
    assert time.monotonic() - began < 30
    assert outcomes(rehearsed(server, folder_of({"0000_users": USERS})))[0] == "passed"
