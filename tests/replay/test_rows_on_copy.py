"""The new migrations with rows where a rehearsal starts from the target: on the copy, and asked of the target."""

import pytest

from migcheck.drizzle.ledger import Batching
from migcheck.facts.sql.misfit import NoValue, Repeated
from migcheck.facts.sql.rows import Question, Rows
from migcheck.finding import Location
from migcheck.postgres.filling.filled import Filled
from migcheck.postgres.scratch.contract import ScratchServer
from tests.support.copies import copy_of, record, rehearsed_on
from tests.support.rehearsals import outcomes
from tests.support.target_server import Database, TargetServer

pytestmark = pytest.mark.server

OLD = {"0000_start": "alter table users add column name text;"}
NO_NAME = 'select * from public.users where "name" is null'
TWICE = "select name, count(*) from public.users where name is not null group by name having count(*) > 1"


@pytest.fixture
def started(app: Database) -> Database:
    """A target whose ledger says that `OLD` ran, on a table that no file makes."""
    app.run("create table users (id int primary key, name text, age int)")
    record(app, OLD)
    return app


def with_rows(server: ScratchServer, app: Database, *new: str, batching: Batching = Batching.ALL) -> Rows:
    """How `new` go with rows, each a migration behind `OLD`, on a copy of `app`."""
    migrations = {**OLD, **{f"{number:04}_new": text for number, text in enumerate(new, 1)}}
    ran = rehearsed_on(server, app, copy_of(app), migrations, batching=batching)
    assert outcomes(ran) == ("not run", "passed", "passed", "not run")
    assert ran.rows is not None
    return ran.rows


@pytest.mark.parametrize("batching", [Batching.ALL, Batching.EACH])
def test_what_fails_with_rows_is_found_on_a_copy(server: ScratchServer, started: Database, batching: Batching) -> None:
    new = ("create unique index once on users (name)", "alter table users alter name set not null")
    rows = with_rows(server, started, *new, batching=batching)
    assert rows.filled == (Filled("public.users", 16),)
    assert [(each.migration, each.table, each.misfit, each.select) for each in rows.faults] == [
        ("0001_new", "public.users", Repeated("once"), TWICE),
        ("0002_new", "public.users", NoValue("name"), NO_NAME),
    ]
    assert (rows.questions, rows.ended) == ((), "")


def test_what_is_not_found_is_asked(server: ScratchServer, started: Database) -> None:
    started.run("alter table users add constraint named check (name = md5(name) and name is not null)")
    rows = with_rows(server, started, "alter table users alter name set not null")
    assert [(each.rows, each.lacks) for each in rows.filled] == [
        (0, 'new row for relation "users" violates check constraint "named"')
    ]
    assert (rows.faults, rows.ended) == ((), "")
    started.run("alter table users drop constraint named, add constraint named check (name = md5(name))")
    rows = with_rows(server, started, "create unique index once on users (name) where name is not null")
    index = "create unique index once on users (name) where name is not null"
    select = "select name, count(*) from public.users where (name IS NOT NULL) and name is not null group by name"
    assert rows.questions == (
        Question(
            "0001_new",
            Location("drizzle/0001_new.sql", 1),
            index,
            "public.users",
            Repeated("once"),
            f"{select} having count(*) > 1",
        ),
    )


@pytest.mark.parametrize("batching", [Batching.ALL, Batching.EACH])
def test_roles_that_are_made_do_not_stand_in_the_way(
    server: ScratchServer, started: Database, batching: Batching
) -> None:
    new = ("create role of_rows; grant select on users to of_rows;", "alter table users alter name set not null")
    rows = with_rows(server, started, *new, batching=batching)
    assert [(each.misfit, each.select) for each in rows.faults] == [(NoValue("name"), NO_NAME)]
    assert rows.ended == ""


def test_what_the_copy_has_not_is_no_fault_of_the_migration(
    server: ScratchServer, started: Database, target_server: TargetServer
) -> None:
    admin = Database(started.port, started.name, "postgres", target_server.password)
    admin.run(
        "create extension postgres_fdw; create server other foreign data wrapper postgres_fdw",
        f"create foreign table far (id int) server other; grant select on far to {started.role}",
    )
    started.run(
        "create function f() returns trigger language plpgsql as 'begin perform from far; return new; end'",
        "create trigger f before update on users for each row execute function f()",
    )
    rows = with_rows(server, started, "update users set age = 1")
    assert rows.faults == ()
    assert "fails with rows, and scratch lacks the foreign table public.far: 42P01" in rows.ended


def test_nothing_is_tried_where_nothing_is_new(server: ScratchServer, started: Database) -> None:
    assert rehearsed_on(server, started, copy_of(started), OLD).rows is None
