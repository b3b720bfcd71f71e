"""SQL that never ends, servers that die: never a pass, never a hang, and the right one is named."""

import os
import signal
from dataclasses import replace
from weakref import WeakSet

import pytest

from migcheck.drizzle.ledger import Batching, LedgerName
from migcheck.errors import UndecidableError
from migcheck.facts.rehearsal import Request
from migcheck.facts.replay.stage import stage_on
from migcheck.facts.replay.walk import walk
from migcheck.postgres.running.simple_query import SessionLostError, send_raw
from migcheck.postgres.scratch.contract import OutOfBoundsError, ScratchServer
from migcheck.postgres.scratch.login import Login
from migcheck.postgres.scratch.server import Server
from tests.support.rehearsals import folder_of, outcomes, over_once_running, rehearsed
from tests.support.servers import Servers
from tests.support.waiting import once, running

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("patient_cut")]

USERS = "create table users (id serial primary key, name text);"
ENDLESS = "select 1;\n\ndo $$ begin loop perform pg_sleep(0.1); end loop; end $$;"


def test_the_time_is_over_after_so_many_seconds(server: ScratchServer) -> None:
    server.create_database("late")
    with server.connect("late") as session, stage_on(server, LedgerName(), 0.2) as stage:
        with pytest.raises(SessionLostError):
            send_raw(session, ENDLESS)
        with pytest.raises(OutOfBoundsError, match=r"the rehearsal was not done within 0\.2 s"), stage.session("late"):
            pass
    server.drop_database("late")


def test_a_new_migration_that_never_ends_is_named(server: ScratchServer, monkeypatch: pytest.MonkeyPatch) -> None:
    over_once_running(monkeypatch, ENDLESS, sessions=3)
    base = folder_of({"0000_users": USERS})
    head = folder_of({"0000_users": USERS, "0001_endless": ENDLESS})
    found = outcomes(rehearsed(server, head, base))
    assert found == ("57014 0001_endless:3", "not run", "57014 0001_endless:3", "not run")


def test_a_landed_migration_that_never_ends_is_undecided(
    server: ScratchServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    over_once_running(monkeypatch, ENDLESS, sessions=2)
    base = folder_of({"0000_users": USERS, "0001_endless": ENDLESS})
    with pytest.raises(OutOfBoundsError, match=r"0001_endless\.sql:3: what has landed cannot be built"):
        rehearsed(server, base, base)


def test_a_folder_that_is_built_for_a_course_and_never_ends_is_undecided(
    server: ScratchServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    over_once_running(monkeypatch, ENDLESS)
    told = r"0000_endless\.sql:3: 57014 still running when the 60 s of the rehearsal were over"
    with pytest.raises(OutOfBoundsError, match=told):
        walk(server, Request(folder_of({"0000_endless": ENDLESS}), None, (), ()), 60)


def test_a_migration_cannot_switch_the_clock_off(server: ScratchServer, monkeypatch: pytest.MonkeyPatch) -> None:
    over_once_running(monkeypatch, "pg_sleep(1e6)", sessions=3)
    head = folder_of({"0000_endless": "set statement_timeout = 0;--> statement-breakpoint\nselect pg_sleep(1e6);"})
    assert outcomes(rehearsed(server, head))[0] == "57014 0000_endless:2"


def test_a_migration_that_ends_its_own_session_is_named(server: ScratchServer) -> None:
    head = folder_of({"0000_end": "select pg_terminate_backend(pg_backend_pid());"})
    assert outcomes(rehearsed(server, head)) == ("57P01 0000_end:1", "not run", "57P01 0000_end:1", "not run")


def test_a_server_that_dies_is_undecided(servers: Servers) -> None:
    with servers.another("embedded", 17) as server:
        assert isinstance(server, Server)
        head = folder_of({"0000_users": USERS, "0001_endless": ENDLESS})
        dies = once(lambda: running(server, ENDLESS), server.kill)
        with dies, pytest.raises(UndecidableError, match="the scratch server failed"):
            rehearsed(server, head)


def test_a_server_that_has_to_be_killed_tells_all_that_may_have_run(server: ScratchServer) -> None:
    assert isinstance(server, Server)
    server.create_database("killed")
    # What no administrator can end is hung up on.
    unable = replace(server, admin=Login("nobody", ""), kill=lambda: None, _idle=[], _sessions=WeakSet())
    head = folder_of({"0000_users": USERS, "0001_posts": "select 1;", "0002_endless": ENDLESS})
    with stage_on(unable, LedgerName(), 3600) as stage, once(lambda: running(server, ENDLESS), stage.stop):
        failure = stage.migrate("killed", head, Batching.ALL)
    server.cut()
    server.drop_database("killed")
    assert failure is not None
    assert (failure.place, failure.at.line, failure.evidence) == (
        "drizzle/0000_users.sql to drizzle/0002_endless.sql",
        None,
        "",
    )
    assert failure.said == "57014 still running when the 3600 s of the rehearsal were over"


def test_ctrl_c_ends_both_replays_at_once(server: ScratchServer) -> None:
    pressed = once(lambda: running(server, ENDLESS) >= 2, lambda: os.kill(os.getpid(), signal.SIGINT))
    with pressed, pytest.raises(KeyboardInterrupt):
        rehearsed(server, folder_of({"0000_endless": ENDLESS}), seconds=3600)
    assert outcomes(rehearsed(server, folder_of({"0000_users": USERS})))[0] == "passed"
