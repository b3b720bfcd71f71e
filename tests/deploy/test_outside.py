"""Migrations outside of a transaction on a real target: what stays, what is cleaned up, and how the next goes on."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace as with_
from pathlib import Path

import pytest
from msgspec.structs import replace

from migcheck.clearance import plan_of
from migcheck.deploy.apply import apply
from migcheck.deploy.outcome import Applied, Failed, NothingToDo, Outcome, WouldApply
from migcheck.drizzle.folder import Folder
from migcheck.drizzle.ledger import Batching
from migcheck.postgres.running.ledger import read_ledger
from migcheck.postgres.target.holders import lock_key
from tests.support.deploys import NAME, cleared, gate, ledger_rows, order_for, plan_applied, tables, written
from tests.support.target_server import Database, TargetServer
from tests.support.waiting import PATIENCE, eventually

pytestmark = pytest.mark.server

USERS = "create table users (id int, email text);"
EMAIL = "create unique index concurrently if not exists users_email on users (email);"
INVALID = "select c.relname::text from pg_index i join pg_class c on c.oid = indexrelid where not indisvalid order by 1"
INDEXES = "select indexname::text from pg_indexes where schemaname = 'public' order by 1"


def run(app: Database, folder: Folder, *outside: str, batching: Batching = Batching.ALL, **settings: float) -> Outcome:
    """Deploy what is pending on `app` now, with those tags outside of a transaction."""
    with app.connect() as connection:
        clearance = replace(cleared(folder, read_ledger(connection, NAME), batching), outside=outside)
    return apply(order_for(app, folder, clearance, None, **settings))


def names(app: Database, query: str) -> list[str]:
    return [str(name) for (name,) in app.ask(query)]


@pytest.mark.parametrize("batching", list(Batching))
@pytest.mark.parametrize(
    "outside",
    [
        pytest.param(("m1",), id="in the middle"),
        pytest.param(("m1", "m2"), id="two in a row"),
        pytest.param(("m3",), id="last"),
        pytest.param(("m0",), id="first"),
        pytest.param(("m0", "m1", "m2", "m3"), id="all"),
    ],
)
def test_all_run_with_their_rows(app: Database, tmp_path: Path, batching: Batching, outside: tuple[str, ...]) -> None:
    index = "concurrently if not exists" if "m1" in outside else "if not exists"
    folder = written(
        tmp_path,
        {
            "m0": USERS,
            "m1": f"create index {index} a on users (id);\n create index {index} b on users (email);",
            "m2": "-- nothing but words",
            "m3": "create table posts (id int);",
        },
    )
    assert plan_applied(run(app, folder, *outside, batching=batching)) == ["m0", "m1", "m2", "m3"]
    assert [row[1:] for row in ledger_rows(app)] == [(each.hash, each.when) for each in folder.migrations]
    assert names(app, INDEXES) == ["a", "b"]
    assert run(app, folder, *outside) == NothingToDo()


def test_nothing_is_pending(app: Database, tmp_path: Path) -> None:
    assert run(app, written(tmp_path, {}), "m0") == NothingToDo()


class TestFailed:
    @pytest.fixture
    def folder(self, app: Database, tmp_path: Path) -> Folder:
        app.run(USERS, "insert into users values (1, 'a'), (2, 'a')")
        first = "create index concurrently if not exists i on users (id);"
        return written(tmp_path, {"m0": "select 1;", "m1": f"{first}\n{EMAIL}", "m2": "select 2;"})

    def test_what_is_before_is_committed_and_what_is_after_does_not_run(self, app: Database, folder: Folder) -> None:
        outcome = run(app, folder, "m1")
        assert isinstance(outcome, Failed)
        assert outcome.problem == 'drizzle/m1.sql:2: could not create unique index "users_email"'
        assert ([step.tag for step in outcome.applied], outcome.torn, outcome.begun) == (["m0"], False, "m1")
        assert "see which rows of the target are in the way" in outcome.remedy
        assert outcome.remedy.endswith("then run the whole of it again")
        assert len(ledger_rows(app)) == 1

    def test_the_invalid_index_is_dropped_at_once(self, app: Database, folder: Folder) -> None:
        run(app, folder, "m1")
        assert (names(app, INVALID), names(app, INDEXES)) == ([], ["i"])

    def test_the_next_deploy_goes_on(self, app: Database, folder: Folder) -> None:
        run(app, folder, "m1")
        app.run("update users set email = id::text")
        assert plan_applied(run(app, folder, "m1")) == ["m1", "m2"]
        assert (names(app, INVALID), names(app, INDEXES)) == ([], ["i", "users_email"])
        assert [row[1:] for row in ledger_rows(app)] == [(each.hash, each.when) for each in folder.migrations]


def left_invalid(app: Database) -> None:
    """An index as a deploy leaves it that was killed while it was built."""
    app.run(USERS, "insert into users values (1, 'a'), (2, 'a')")
    with app.connect() as connection, pytest.raises(Exception, match="could not create unique index"):
        connection.execute(EMAIL.encode())
    app.run("update users set email = id::text")


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param(EMAIL, id="a guard that passes it over"),
        pytest.param(EMAIL.replace("if not exists ", ""), id="no guard"),
        pytest.param(EMAIL.replace("users_email on users", '"users_email" on only PUBLIC . "users"'), id="quoted"),
        pytest.param(EMAIL.replace("users_email", "/* ; */ Users_Email"), id="in capitals"),
    ],
)
def test_an_index_left_invalid_is_built_anew(app: Database, tmp_path: Path, sql: str) -> None:
    left_invalid(app)
    told: list[str] = []
    folder = written(tmp_path, {"m1": sql})
    clearance = replace(cleared(folder), outside=("m1",))
    assert plan_applied(apply(with_(order_for(app, folder, clearance), tell=told.append))) == ["m1"]
    assert (names(app, INVALID), names(app, INDEXES)) == ([], ["users_email"])
    assert "running m1 outside of a transaction" in told
    assert "dropping the index public.users_email: it is invalid, left by an attempt that did not end" in told


def test_an_invalid_index_that_it_does_not_name_is_left_alone(app: Database, tmp_path: Path) -> None:
    left_invalid(app)
    app.run("create schema other", "create table other.users (id int, email text)")
    sql = "create index concurrently if not exists users_id on users (id);\n" + EMAIL.replace(
        "on users", "on other.users"
    )
    assert plan_applied(run(app, written(tmp_path, {"m1": sql}), "m1")) == ["m1"]
    assert names(app, INVALID) == ["users_email"]


def test_what_a_reindex_left_is_dropped(app: Database, tmp_path: Path) -> None:
    left_invalid(app)
    app.run(
        "alter index users_email rename to i_ccnew",
        "create index i on users (id)",
        "create index other on users (id)",
    )
    folder = written(tmp_path, {"m1": "reindex index concurrently i;", "m2": "reindex (concurrently) table users;"})
    assert plan_applied(run(app, folder, "m1", "m2")) == ["m1", "m2"]
    assert names(app, INDEXES) == ["i", "other"]


def test_what_another_reindex_left_is_left_alone(app: Database, tmp_path: Path) -> None:
    left_invalid(app)
    app.run("alter index users_email rename to other_ccnew", "create index i on users (id)")
    assert plan_applied(run(app, written(tmp_path, {"m1": "reindex index concurrently i;"}), "m1")) == ["m1"]
    assert names(app, INVALID) == ["other_ccnew"]


def test_a_long_reader_holds_up_the_index_and_does_not_end_it(app: Database, tmp_path: Path) -> None:
    """`lock_timeout` is for what stands in the way of others while it waits."""
    app.run(USERS)
    folder, outcomes = written(tmp_path, {"m1": EMAIL}), list[Outcome]()
    with app.connect() as reader:
        reader.execute("begin isolation level repeatable read; select * from users")
        thread = threading.Thread(target=lambda: outcomes.append(run(app, folder, "m1", lock_timeout=0.001)))
        thread.start()
        waits = "select from pg_stat_activity where query ilike 'create unique%' and wait_event_type = 'Lock'"
        assert eventually(lambda: app.ask(waits))
        reader.execute("commit")
    thread.join(PATIENCE)
    assert plan_applied(outcomes[0]) == ["m1"]


@contextmanager
def writing(app: Database) -> Iterator[None]:
    """Another session that has written to the table and does not commit."""
    with app.connect() as writer:
        writer.execute("begin; insert into users values (1, 'a')")
        yield


def test_what_waits_in_the_way_of_others_gives_up(app: Database, tmp_path: Path) -> None:
    app.run(USERS)
    folder = written(tmp_path, {"m1": "alter table users add column age int;"})
    with writing(app):
        outcome = run(app, folder, "m1", lock_timeout=0.01)
    assert isinstance(outcome, Failed)
    assert "canceling statement due to lock timeout" in outcome.problem


def test_a_migration_may_say_itself_how_long_it_waits(app: Database, tmp_path: Path) -> None:
    """The index cannot be dropped in that time either: that is left to the next deploy, and told."""
    app.run(USERS)
    folder, told = written(tmp_path, {"m1": f"set lock_timeout = 1; {EMAIL}"}), list[str]()
    clearance = replace(cleared(folder), outside=("m1",))
    with writing(app):
        outcome = apply(with_(order_for(app, folder, clearance), tell=told.append))
    assert isinstance(outcome, Failed)
    assert "canceling statement due to lock timeout" in outcome.problem
    assert (names(app, INVALID), outcome.invalid) == (["users_email"], (("public", "users_email"),))
    assert told[-1] == (
        "the invalid index public.users_email cannot be dropped: canceling statement due to lock timeout; the next "
        "attempt drops it"
    )
    assert plan_applied(run(app, folder, "m1")) == ["m1"]
    assert names(app, INVALID) == []


def test_a_transaction_that_it_begins_is_rolled_back_and_refused(app: Database, tmp_path: Path) -> None:
    outcome = run(app, written(tmp_path, {"m1": f"{USERS} begin; create table posts ();"}), "m1")
    assert isinstance(outcome, Failed)
    assert outcome.problem.startswith("drizzle/m1.sql:1: it begins a transaction")
    assert (tables(app), ledger_rows(app)) == (["users"], [])


def test_who_writes_to_the_ledger_meanwhile_is_seen_and_what_ran_is_told(app: Database, tmp_path: Path) -> None:
    write = "insert into drizzle.__drizzle_migrations (hash, created_at) values ('x', 1);"
    outcome = run(app, written(tmp_path, {"m1": f"{USERS} {write}"}), "m1")
    assert isinstance(outcome, Failed)
    assert (outcome.problem, outcome.begun) == ("drizzle.__drizzle_migrations changed while it was read", "m1")


def test_what_an_earlier_attempt_made_is_no_difference_from_the_rehearsal(app: Database, tmp_path: Path) -> None:
    left_invalid(app)
    app.run("create index a on users (id)")
    sql = f"create index concurrently if not exists a on users (id); {EMAIL} drop index concurrently if exists gone;"
    rehearsed = (
        "+ index public.a CREATE INDEX a ON public.users USING btree (id)",
        "- index public.gone CREATE INDEX gone ON public.users USING btree (id)",
        "+ index public.users_email CREATE UNIQUE INDEX users_email ON public.users USING btree (email)",
    )
    folder = written(tmp_path, {"m1": sql})
    clearance = replace(cleared(folder, change=rehearsed), outside=("m1",))
    outcome = apply(order_for(app, folder, clearance))
    assert isinstance(outcome, Applied)
    assert outcome.warnings == ()


def test_a_dry_run_says_what_runs_outside_and_who_deploys_meanwhile(app: Database, tmp_path: Path) -> None:
    folder = written(tmp_path, {"m0": USERS, "m1": EMAIL})
    clearance = replace(cleared(folder), outside=("m1",))
    order = with_(order_for(app, folder, clearance, lock_wait=0), dry_run=True)
    assert apply(order) == WouldApply(plan_of(folder.migrations), ("m1",))
    with app.connect() as other:
        other.execute("select pg_advisory_lock(%s)", (lock_key(NAME),))
        held = apply(order)
        pid = other.info.backend_pid
    assert isinstance(held, WouldApply)
    (told,) = held.warnings
    assert told.startswith(f"another deploy holds the lock of {NAME}: pid {pid} (")
    assert told.endswith("; the next `migcheck apply` is refused, as `lock_wait` is 0")


SLOW = "select pid from pg_stat_activity where application_name = 'migcheck apply' and query like '%lock(4711)%'"


def test_a_session_that_is_ended_in_the_middle_is_told_and_the_next_goes_on(app: Database, tmp_path: Path) -> None:
    app.run(USERS)
    slow = "do $$ begin while not pg_try_advisory_xact_lock(4711) loop perform pg_sleep(0.02); end loop; end $$;"
    folder, outcomes = written(tmp_path, {"m1": f"{EMAIL}\n{slow}"}), list[Outcome]()
    with gate(app):
        thread = threading.Thread(target=lambda: outcomes.append(run(app, folder, "m1")))
        thread.start()
        assert eventually(lambda: app.ask(SLOW))
        ((pid,),) = app.ask(SLOW)
        app.ask(f"select pg_terminate_backend({pid})")
        thread.join(PATIENCE)
    (outcome,) = outcomes
    assert isinstance(outcome, Failed)
    assert (outcome.applied, outcome.torn, outcome.begun) == ((), False, "m1")
    assert outcome.problem.startswith("drizzle/m1.sql:2: the connection was lost while this ran")
    assert plan_applied(run(app, folder, "m1")) == ["m1"]


def test_a_deadlock_is_tried_again(target_server: TargetServer, app: Database, tmp_path: Path) -> None:
    """With whoever has written to the table and means to change it next: the index is the one that gives way."""
    app.run(USERS)
    target_server.admin.run(f"alter role {app.role} set deadlock_timeout = '2s'")
    folder, told, outcomes = written(tmp_path, {"m1": EMAIL}), list[str](), list[Outcome]()
    order = order_for(app, folder, replace(cleared(folder), outside=("m1",)), retry_for=PATIENCE)
    with with_(target_server.admin, name=app.name).connect() as other:
        other.execute("set deadlock_timeout = '1h'; begin; insert into users values (1, 'a')")
        thread = threading.Thread(target=lambda: outcomes.append(apply(with_(order, tell=told.append))))
        thread.start()
        waits = "select from pg_stat_activity where query ilike 'create unique%' and wait_event_type = 'Lock'"
        assert eventually(lambda: app.ask(waits))
        other.execute("lock table users in share row exclusive mode; commit")
        thread.join(PATIENCE)
    assert plan_applied(outcomes[0]) == ["m1"]
    assert any(each.startswith("dropping the index public.users_email") for each in told)
    assert (names(app, INVALID), names(app, INDEXES)) == ([], ["users_email"])
