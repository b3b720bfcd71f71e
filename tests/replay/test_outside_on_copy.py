"""What runs outside of a transaction does so wherever it is rehearsed: on a copy of the target, and for a baseline."""

import pytest
from msgspec.structs import replace

from migcheck.drizzle.ledger import Batching
from migcheck.facts.rehearsal import Rehearsal, Request, Touched
from migcheck.facts.replay.copied import rehearse_copy
from migcheck.facts.replay.position import request_on_copy
from migcheck.facts.replay.walk import walk
from migcheck.postgres.running.ledger import read_ledger
from migcheck.postgres.scratch.contract import ScratchServer
from tests.support.copies import NAME, copy_of, record
from tests.support.rehearsals import folder_of, outcomes
from tests.support.target_server import Database
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.server

OLD = {"0000_start": "alter table users add column name text;"}
INDEX = "create index concurrently if not exists by_name on users (name);"


@pytest.fixture
def started(app: Database) -> Database:
    """A target with a table that no file makes."""
    app.run("create table users (id int primary key, name text)")
    record(app, OLD)
    return app


def on_copy(server: ScratchServer, app: Database, sql: str, *outside: str) -> Rehearsal:
    """The rehearsal of one more migration."""
    copy = copy_of(app)
    with app.connect() as connection:
        ledger = read_ledger(connection, NAME)
    request = request_on_copy(None, folder_of({**OLD, "0001_new": sql}), ledger, Batching.ALL, copy)
    asked = replace(request, outside=frozenset(outside))
    return rehearse_copy(server, asked, copy, seconds=PATIENCE)


def test_an_index_is_built_concurrently_on_a_copy(server: ScratchServer, started: Database) -> None:
    assert outcomes(on_copy(server, started, INDEX))[2] == "25001 0001_new:1"
    assert outcomes(on_copy(server, started, INDEX, "0001_new"))[2] == "passed"


def test_what_is_touched_of_a_copy_is_seen(server: ScratchServer, started: Database) -> None:
    ran = on_copy(server, started, "alter table users add column city text;")
    assert ran.touched == (Touched("0001_new", "public.users", "ACCESS EXCLUSIVE"),)


def test_a_baseline_builds_it_so(server: ScratchServer) -> None:
    folder = folder_of({"0000_users": "create table users (name text);", "0001_index": INDEX})
    course = walk(server, Request(folder, None, (), (), name=NAME, outside=frozenset({"0001_index"})), PATIENCE)
    assert any("by_name" in key.identity for key in course.stands[-1].catalogue.things)
