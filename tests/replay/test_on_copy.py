"""A rehearsal on a copy of the target: only what is pending runs, and what the copy lacks is nobody's fault."""

import pytest

from migcheck.config.config import ScratchConfig
from migcheck.drizzle.ledger import Batching, Ledger
from migcheck.facts.copy import LeftOut
from migcheck.facts.rehearsal import Rehearsal, Repeatable
from migcheck.facts.replay.lacking import LackingError
from migcheck.facts.replay.lacking_there import NoRowsError, lack_of_copy
from migcheck.facts.replay.position import request_on_copy
from migcheck.facts.replay.servers import replay
from migcheck.facts.rollback import Proven
from migcheck.postgres.running.failure import SqlFailure
from migcheck.postgres.scratch.candidates import candidates
from migcheck.postgres.scratch.contract import ScratchServer
from tests.support.copies import NAME, copy_of, record, rehearsed_on
from tests.support.rehearsals import folder_of, outcomes
from tests.support.target_server import Database

pytestmark = pytest.mark.server

# No file makes the table.
OLD = {"0000_start": "alter table users add column name text;"}


@pytest.fixture
def started(app: Database) -> Database:
    """A target whose ledger says that `OLD` ran, on tables that somebody made by hand."""
    app.run("create table users (id int primary key, name text)", "create table posts (id int references users)")
    record(app, OLD)
    return app


def on_copy(server: ScratchServer, app: Database, **migrations: str) -> Rehearsal:
    named = {f"000{number}_{tag}": text for number, (tag, text) in enumerate(migrations.items(), 1)}
    return rehearsed_on(server, app, copy_of(app), {**OLD, **named})


def test_only_what_is_pending_runs(server: ScratchServer, started: Database) -> None:
    ran = on_copy(
        server, started, city="alter table users add column city text;", tag="create table if not exists t();"
    )
    assert outcomes(ran) == ("not run", "passed", "passed", "not run")
    assert any("users.city" in line for line in ran.catalogue_change)
    assert not any("name" in line for line in ran.catalogue_change)
    assert [type(each) is Repeatable for each in ran.reruns] == [False, True]
    assert ran.ledger_change == ()


def test_nothing_pending_changes_nothing(server: ScratchServer, started: Database) -> None:
    ran = on_copy(server, started)
    assert outcomes(ran) == ("not run", "passed", "passed", "not run")
    assert (ran.catalogue_change, ran.reruns) == ((), ())


def test_drift_is_met(server: ScratchServer, started: Database) -> None:
    started.run("alter table users add column city text")
    ran = on_copy(server, started, city="alter table users add column city text;")
    assert outcomes(ran) == ("not run", "not run", "42701 0001_city:1", "not run")


def test_a_migration_that_writes_to_the_ledger_is_met(server: ScratchServer, started: Database) -> None:
    ran = on_copy(server, started, oops=f"delete from {NAME};")
    assert len(ran.ledger_change) == 1


def test_roles_that_are_made_do_not_stand_in_the_way_of_the_second_run(
    server: ScratchServer, started: Database
) -> None:
    ran = on_copy(server, started, role="create role made_on_copy;", use="grant select on users to made_on_copy;")
    assert outcomes(ran)[2] == "passed"
    assert [type(each) is Repeatable for each in ran.reruns] == [False, True]


@pytest.mark.parametrize(
    "text",
    [
        "insert into posts values (1);",
        "insert into users values ((select max(id) from users));",
        "do $$ begin if not exists (select from users) then raise exception 'no users'; end if; end $$;",
    ],
)
def test_what_may_fail_for_want_of_rows_is_undecided(server: ScratchServer, started: Database, text: str) -> None:
    with pytest.raises(NoRowsError, match=r"drizzle/0001_rows.sql:1: 0001_rows fails on a copy") as undecided:
        on_copy(server, started, rows=text)
    assert "--start-from files" in undecided.value.remedy


def test_other_servers_are_not_tried_for_rows(started: Database) -> None:
    copy, told = copy_of(started), list[str]()
    ledger = Ledger(NAME)
    request = request_on_copy(
        None, folder_of({**OLD, "0001_rows": "insert into posts values (1);"}), ledger, Batching.ALL, copy
    )
    servers = candidates(ScratchConfig(kind="embedded"), copy.major, environ={})
    with pytest.raises(NoRowsError):
        replay(request, servers, seconds=60, tell=told.append)
    assert len(told) == 1, told


def test_an_extension_that_a_server_has_not_sends_to_the_next(app: Database) -> None:
    """16 has no citext, 17 and 18 have."""
    app.run("create extension citext")
    copy = copy_of(app)
    head = folder_of({"0000_names": "create table names (name citext);"})
    request = request_on_copy(None, head, Ledger(NAME, exists=False), Batching.ALL, copy)
    ran = replay(request, candidates(ScratchConfig(kind="embedded"), 16, environ={}), seconds=60)
    assert (ran.server and ran.server.major, outcomes(ran)[2]) == (17, "passed")
    assert ran.passed_over[0].endswith("it lacks the extension citext")
    with pytest.raises(LackingError, match="lacks the extension citext"):
        replay(request, candidates(ScratchConfig(kind="embedded", major=16), environ={}), seconds=60)


def failure(sqlstate: str, message: str) -> SqlFailure:
    return SqlFailure("0001_a", "drizzle/0001_a.sql", 1, "select", sqlstate, message)


CITEXT = LeftOut("extension", "citext", frozenset({"citext", "citext_eq"}))
FAR = LeftOut("foreign table", "public.far", frozenset({"far"}))


@pytest.mark.parametrize(
    ("sqlstate", "message", "lacks"),
    [
        ("42704", 'type "citext" does not exist', "the extension citext"),
        ("42883", "operator does not exist: text ~~~ text", "the extension citext"),
        ("42P01", 'relation "public.far" does not exist', "the foreign table public.far"),
        ("0A000", 'extension "vector" is not available', "the extension vector"),
        # The target has every role, schema and table that there is.
        ("42704", 'role "nobody" does not exist', ""),
        ("42P01", 'relation "users" does not exist', ""),
        ("42601", 'syntax error at or near "creat"', ""),
        ("42P01", 'relation "drizzle.__drizzle_migrations" does not exist', ""),
    ],
)
def test_what_a_copy_lacks(sqlstate: str, message: str, lacks: str) -> None:
    lack = lack_of_copy(failure(sqlstate, message), (CITEXT, FAR), 16, NAME)
    assert (lack.what if lack else "") == lacks


def test_the_rollback_of_what_is_pending_is_proven_there_and_none_of_what_it_has(
    server: ScratchServer, started: Database
) -> None:
    migrations = {**OLD, "0001_city": "alter table users add column city text; create role mayor;"}
    undo = {
        "0000_start": "select 'never right';",
        "0001_city": "alter table users drop column city; drop role mayor;",
    }
    ran = rehearsed_on(server, started, copy_of(started), migrations, undo)
    assert outcomes(ran) == ("not run", "passed", "passed", "not run")
    assert [(each.migration, type(each)) for each in ran.rollbacks] == [("0001_city", Proven)]
