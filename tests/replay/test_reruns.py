"""Statement by statement: whether the raw SQL of each new migration can run twice, past the ledger."""

import pytest

from migcheck.facts.rehearsal import Rerun
from migcheck.postgres.scratch import ScratchServer
from tests.support.rehearsals import folder_of, rehearsed

pytestmark = pytest.mark.server

USERS = "create table users (id serial primary key, name text);"
REPEATABLE = "create table if not exists tags (name text primary key);"


def reruns(server: ScratchServer, **new: str) -> list[tuple[str, int | None, str, str]]:
    base = folder_of({"0000_users": USERS})
    found = rehearsed(server, folder_of({"0000_users": USERS, **new}), base).reruns
    return [(each.migration, each.line, each.sqlstate, each.message) for each in found]


def test_each_new_migration_is_reported_and_no_landed_one(server: ScratchServer) -> None:
    assert reruns(server, m1=REPEATABLE, m2="\ncreate table posts ();", m3="drop table if exists posts;") == [
        ("m1", None, "", ""),
        ("m2", 2, "42P07", 'relation "posts" already exists'),
        ("m3", None, "", ""),
    ]


def test_the_second_run_comes_right_after_the_first(server: ScratchServer) -> None:
    found = reruns(server, m1="alter table users add column age int;", m2="alter table users drop column age;")
    assert [state for _, _, state, _ in found] == ["42701", "42703"]


def test_inserting_twice_is_not_repeatable(server: ScratchServer) -> None:
    once = "insert into users (name) values ('a'), ('b');"
    guarded = "insert into users (id, name) values (100, 'c') on conflict do nothing;"
    assert reruns(server, m1=once, m2=guarded, m3="update users set name = lower(name);") == [
        ("m1", None, "", "inserts or deletes again (2 rows)"),
        ("m2", None, "", ""),
        ("m3", None, "", ""),
    ]


def test_where_a_migration_fails_the_first_time_nothing_is_said_of_it(server: ScratchServer) -> None:
    assert reruns(server, m1=REPEATABLE, m2="select 1 / 0;", m3=REPEATABLE) == [("m1", None, "", "")]


def test_what_the_commit_refuses_has_failed_the_first_time(server: ScratchServer) -> None:
    late = (
        "create table posts (author int references users deferrable initially deferred); insert into posts values (1);"
    )
    assert reruns(server, m1=REPEATABLE, m2=late, m3=REPEATABLE) == [("m1", None, "", "")]


def test_pieces_that_commit_can_be_rerun_too(server: ScratchServer) -> None:
    pieces = ["COMMIT;", "create index concurrently if not exists i on users (name);", "BEGIN;"]
    assert reruns(server, m1="--> statement-breakpoint\n".join(pieces)) == [("m1", None, "", "")]


def test_a_rerun_is_repeatable_where_nothing_speaks_against_it() -> None:
    assert Rerun("m1", "drizzle/m1.sql").repeatable
    assert not Rerun("m1", "drizzle/m1.sql", 1, "42P07", "relation exists").repeatable
