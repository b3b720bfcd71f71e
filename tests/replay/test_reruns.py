"""Statement by statement: whether the raw SQL of each new migration can run twice, past the ledger."""

import pytest

from migcheck.facts.rehearsal import NotRepeatable, NotTried, Repeatable, Rerun
from migcheck.postgres.scratch.contract import ScratchServer
from tests.support.rehearsals import folder_of, over_once_running, rehearsed

pytestmark = pytest.mark.server

USERS = "create table users (id serial primary key, name text);"
REPEATABLE = "create table if not exists tags (name text primary key);"


def reruns(server: ScratchServer, **new: str) -> tuple[Rerun, ...]:
    base = folder_of({"0000_users": USERS})
    return rehearsed(server, folder_of({"0000_users": USERS, **new}), base).reruns


def able(tag: str) -> Repeatable:
    return Repeatable(tag, f"drizzle/{tag}.sql")


def untried(tag: str, reason: str) -> NotTried:
    return NotTried(tag, f"drizzle/{tag}.sql", reason)


def test_each_new_migration_is_reported_and_no_landed_one(server: ScratchServer) -> None:
    assert reruns(server, m1=REPEATABLE, m2="\ncreate table posts ();", m3="drop table if exists posts;") == (
        able("m1"),
        NotRepeatable("m2", "drizzle/m2.sql", 'relation "posts" already exists', 2, "42P07"),
        able("m3"),
    )


def test_the_second_run_comes_right_after_the_first(server: ScratchServer) -> None:
    assert reruns(server, m1="alter table users add column age int;", m2="alter table users drop column age;") == (
        NotRepeatable("m1", "drizzle/m1.sql", 'column "age" of relation "users" already exists', 1, "42701"),
        NotRepeatable("m2", "drizzle/m2.sql", 'column "age" of relation "users" does not exist', 1, "42703"),
    )


def test_inserting_twice_is_not_repeatable(server: ScratchServer) -> None:
    once = "insert into users (name) values ('a'), ('b');"
    guarded = "insert into users (id, name) values (100, 'c') on conflict do nothing;"
    # The server reports what was written as soon as it waits outside of a transaction.
    pieces = [once, "COMMIT;", "select pg_stat_force_next_flush();", "BEGIN;"]
    assert reruns(
        server,
        m1=once,
        m2=guarded,
        m3="update users set name = lower(name);",
        m4="--> statement-breakpoint\n".join(pieces),
    ) == (
        NotRepeatable("m1", "drizzle/m1.sql", "inserts or deletes again (2 rows)"),
        able("m2"),
        able("m3"),
        NotRepeatable("m4", "drizzle/m4.sql", "inserts or deletes again (2 rows)"),
    )


@pytest.mark.parametrize(
    ("sql", "lost"),
    [
        ("drop table if exists tags; create table tags (id int);", "public.tags"),
        ("do $$ begin drop table if exists tags; create table tags (id int); end $$;", "public.tags"),
        ("alter table users drop column if exists age, add column age int;", "public.users.age"),
        ("drop sequence if exists numbers; create sequence numbers;", "public.numbers"),
        ("commit; drop sequence if exists numbers; create sequence numbers; begin", "public.numbers"),
    ],
)
def test_what_is_dropped_and_made_anew_is_not_repeatable(server: ScratchServer, sql: str, lost: str) -> None:
    """The catalogue is the same, and no row is inserted or deleted."""
    told = f"drops {lost} again, with all that it holds by then"
    assert reruns(server, m1=sql) == (NotRepeatable("m1", "drizzle/m1.sql", told),)


def test_what_holds_no_rows_may_be_made_anew(server: ScratchServer) -> None:
    view = "drop view if exists names; create view names as select name from users;"
    index = "drop index if exists by_name; create index by_name on users (name);"
    assert reruns(server, m1=view, m2=index) == (able("m1"), able("m2"))


def test_from_the_first_failure_on_no_second_run_is_tried(server: ScratchServer) -> None:
    why = "m2 already failed when it ran the first time: 22012 division by zero"
    assert reruns(server, m1=REPEATABLE, m2="select 1 / 0;", m3=REPEATABLE) == (
        able("m1"),
        untried("m2", why),
        untried("m3", why),
    )


def test_what_the_commit_refuses_has_failed_the_first_time(server: ScratchServer) -> None:
    late = (
        "create table posts (author int references users deferrable initially deferred); insert into posts values (1);"
    )
    why = (
        'm2 already failed when it ran the first time: 23503 insert or update on table "posts" violates foreign key '
        'constraint "posts_author_fkey"'
    )
    assert reruns(server, m1=REPEATABLE, m2=late, m3=REPEATABLE) == (
        able("m1"),
        untried("m2", why),
        untried("m3", why),
    )


# The first run makes the table and is done at once; the second meets it and never ends.
ENDLESS = (
    "do $$ begin if to_regclass('met') is null then create table met (); else perform pg_sleep(600); end if; end $$;"
)


def test_a_second_run_that_does_not_end_in_time_was_not_tried(
    server: ScratchServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    over_once_running(monkeypatch, "PgSleep")
    # Where roles may be made, the other ways are through before the first rerun.
    first = f"/* no create role */ {REPEATABLE}"
    why = "the rehearsal was not done within 60 s"
    assert reruns(server, m1=first, m2=ENDLESS, m3=REPEATABLE) == (
        able("m1"),
        untried("m2", why),
        untried("m3", why),
    )


def test_a_second_run_that_ends_its_own_session_was_not_done(server: ScratchServer) -> None:
    found = reruns(server, m1=ENDLESS.replace("pg_sleep(600)", "pg_terminate_backend(pg_backend_pid())"), m2=REPEATABLE)
    assert [type(each) for each in found] == [NotTried, NotTried]


def test_pieces_that_commit_can_be_rerun_too(server: ScratchServer) -> None:
    pieces = ["COMMIT;", "create index concurrently if not exists i on users (name);", "BEGIN;"]
    assert reruns(server, m1="--> statement-breakpoint\n".join(pieces)) == (able("m1"),)
