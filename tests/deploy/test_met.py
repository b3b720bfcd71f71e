"""Other ways in which a deploy meets another session, and begins anew."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from migcheck.deploy import retry
from migcheck.deploy.apply import apply
from migcheck.deploy.blockers import named
from migcheck.deploy.outcome import Failed, Unknown
from migcheck.postgres.running.ledger import Connection
from migcheck.postgres.target.holders import Holder
from tests.support.deploys import AT_THE_GATE, deploy, gate, order_for, plan_applied, written
from tests.support.target_server import Database, TargetServer
from tests.support.waiting import PATIENCE, eventually

pytestmark = pytest.mark.server

BREAK = "\n--> statement-breakpoint\n"
LANDED = {"0000_ab": "create table a (n int); create table b (n int); insert into a values (1);"}
WAIT_AT_THE_GATE = f"do $$ begin {AT_THE_GATE} end $$;"
OTHERS = "select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and"
AT_IT = f"{OTHERS} query like '%pg_try_advisory_xact_lock%'"
WAITS = "select from pg_locks where relation = 'a'::regclass and not granted"


@pytest.fixture(autouse=True)
def _hardly_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "_FIRST_SECONDS", 0.05)


@contextmanager
def patient_one(server: TargetServer, app: Database) -> Iterator[Connection]:
    """A session of an administrator's, which another has to give way to where they wait for each other."""
    with Database(server.port, app.name, "postgres", server.password).connect() as session:
        session.execute("set deadlock_timeout = '1h'")
        yield session


def test_what_fell_into_a_deadlock_begins_anew(target_server: TargetServer, app: Database, tmp_path: Path) -> None:
    deploy(app, written(tmp_path / "landed", LANDED))
    met = BREAK.join(["alter table a add x int;", WAIT_AT_THE_GATE, "alter table b add x int;"])
    order = order_for(app, written(tmp_path / "new", {**LANDED, "0001_met": met}), retry_for=PATIENCE)
    told: list[str] = []
    with ThreadPoolExecutor() as pool, patient_one(target_server, app) as other, gate(app) as opened:
        other.execute("begin; lock table b")
        running = pool.submit(apply, replace(order, tell=told.append))
        assert eventually(lambda: app.ask(AT_IT))
        waiting = pool.submit(other.execute, "lock table a")
        assert eventually(lambda: app.ask(WAITS))
        opened()
        waiting.result()
        other.execute("commit")
        assert plan_applied(running.result()) == ["0001_met"]
    assert any(line.startswith("0001_met: deadlock detected; rolled back") for line in told)


def test_what_cannot_be_serialized_begins_anew(app: Database, tmp_path: Path) -> None:
    deploy(app, written(tmp_path / "landed", LANDED))
    level = "set transaction isolation level repeatable read;"
    met = BREAK.join([level, "select * from a;", WAIT_AT_THE_GATE, "update a set n = n + 1;"])
    order = order_for(app, written(tmp_path / "new", {**LANDED, "0001_met": met}), retry_for=PATIENCE)
    told: list[str] = []
    with ThreadPoolExecutor() as pool, gate(app) as opened:
        running = pool.submit(apply, replace(order, tell=told.append))
        assert eventually(lambda: app.ask(AT_IT))
        app.run("update a set n = 10")
        opened()
        assert plan_applied(running.result()) == ["0001_met"]
    assert any("could not serialize access due to concurrent update; rolled back" in line for line in told)
    assert app.ask("select n from a") == [(11,)]


def test_what_is_refused_for_another_reason_does_not(app: Database, tmp_path: Path) -> None:
    told: list[str] = []
    order = order_for(app, written(tmp_path, {"0000_no": "select 1/0;"}), retry_for=PATIENCE)
    assert isinstance(apply(replace(order, tell=told.append)), Failed)
    assert [line for line in told if line.startswith("running")] == ["running 0000_no"]


def test_what_cannot_be_asked_for_its_end_is_not_begun_anew(
    app: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another migrator takes the ledger behind a COMMIT inside: nobody may say that nothing was run."""
    monkeypatch.setattr("migcheck.deploy.reconnecting._LEAST_SECONDS", 0.5)
    deploy(app, written(tmp_path / "landed", LANDED))
    torn = BREAK.join(["create table c ();", WAIT_AT_THE_GATE, "COMMIT;", "alter table a add x int;"])
    folder = written(tmp_path / "new", {**LANDED, "0001_torn": torn})
    order = order_for(app, folder, lock_timeout=0.5, lock_wait=0.3, retry_for=PATIENCE)
    with ThreadPoolExecutor() as pool, gate(app) as opened, app.connect() as other, app.connect() as reader:
        reader.execute("begin; select from a")
        running = pool.submit(apply, order)
        assert eventually(lambda: app.ask(AT_IT))
        waiting = pool.submit(other.execute, "begin; lock table drizzle.__drizzle_migrations")
        assert eventually(lambda: app.ask("select from pg_locks where mode = 'AccessExclusiveLock' and not granted"))
        opened()
        waiting.result()
        assert isinstance(running.result(), Unknown)


def test_who_gets_no_second_connection_goes_on_and_names_nobody(
    target_server: TargetServer, app: Database, tmp_path: Path
) -> None:
    deploy(app, written(tmp_path / "landed", LANDED))
    order = order_for(app, written(tmp_path / "new", {**LANDED, "0001_x": "alter table a add x int;"}), lock_timeout=1)
    with patient_one(target_server, app) as other:
        other.execute(f"alter role {app.role} connection limit 1".encode())
        # A session that hung up is counted until its server has ended.
        gone = "select count(*) = 0 from pg_stat_activity where usename = %s"
        assert eventually(lambda: bool(other.execute(gone, (app.role,)).fetchall()[0][0]))
        other.execute("begin; lock table a in row share mode")
        outcome = apply(order)
    assert isinstance(outcome, Failed)
    assert outcome.problem == "drizzle/0001_x.sql:1: canceling statement due to lock timeout"


def test_what_another_role_hides_is_left_out(target_server: TargetServer, app: Database, tmp_path: Path) -> None:
    deploy(app, written(tmp_path / "landed", LANDED))
    order = order_for(app, written(tmp_path / "new", {**LANDED, "0001_x": "alter table a add x int;"}), lock_timeout=1)
    with patient_one(target_server, app) as other:
        other.execute("begin; lock table a in row share mode")
        outcome = apply(order)
        who = f"pid {other.info.backend_pid} (no application_name, role postgres)"
    assert isinstance(outcome, Failed)
    assert outcome.problem == f"drizzle/0001_x.sql:1: canceling statement due to lock timeout, behind {who}"


def test_a_prepared_transaction_has_no_pid() -> None:
    blocker = Holder(pid=0, application="", role="", state="", since=None)
    assert named([blocker]) == "a prepared transaction (see pg_prepared_xacts)"
