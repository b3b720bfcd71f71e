"""A ledger that somebody keeps locked: a deploy waits as long as it was told to, and says who it is."""

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from migcheck.deploy.apply import apply
from migcheck.deploy.outcome import Applied, Failed, Refused, Unknown
from tests.support.deploys import AT_THE_GATE, deploy, gate, order_for, plan_applied, tables, written
from tests.support.target_server import Database
from tests.support.waiting import eventually

pytestmark = pytest.mark.server

LANDED = {"0000_users": "create table users (id int);"}
NEW = {**LANDED, "0001_posts": "create table posts (id int);"}
LEDGER = "drizzle.__drizzle_migrations"
OTHERS = "select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and"
AT_IT = f"{OTHERS} query like '%pg_try_advisory_xact_lock%'"
WAITS = f"{OTHERS} wait_event_type = 'Lock' and query like 'begin; lock table%'"


@contextmanager
def locked(app: Database) -> Iterator[None]:
    """Another session has the ledger for itself; what waits for it fails in the end, and does not hang the test."""
    app.run(f"alter role {app.role} set statement_timeout = '30s'")
    with app.connect() as other, other.transaction():
        other.execute(f"lock table {LEDGER} in access exclusive mode".encode())
        yield


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("lock_wait", [0, 0.8])
def test_a_deploy_and_a_dry_run_are_refused_in_time(
    app: Database, tmp_path: Path, lock_wait: float, *, dry_run: bool
) -> None:
    deploy(app, written(tmp_path / "landed", LANDED))
    order = replace(order_for(app, written(tmp_path / "new", NEW), lock_wait=lock_wait), dry_run=dry_run)
    with locked(app):
        # Whatever the role has of its own.
        app.run(f"alter role {app.role} set statement_timeout = '300ms'")
        outcome = apply(order)
    assert isinstance(outcome, Refused), outcome
    assert re.fullmatch(
        rf"{LEDGER} is locked by pid \d+ \(no application_name, role {app.role}, since \d.* UTC\)", outcome.problem
    )
    assert outcome.remedy == "wait for it to end, or raise lock_wait"
    assert tables(app) == ["users"]


def test_a_deploy_is_refused_in_time_where_another_migrator_makes_the_ledger(app: Database, tmp_path: Path) -> None:
    with app.connect() as other, other.transaction(force_rollback=True):
        other.execute("create schema drizzle")
        outcome = deploy(app, written(tmp_path, LANDED), lock_wait=0.3)
    assert outcome == Refused(f"{LEDGER} is locked", "wait for it to end, or raise lock_wait")
    assert tables(app) == []


@pytest.mark.parametrize(("before", "end"), [("set local work_mem = '1MB';", Failed), ("commit;", Unknown)])
def test_a_ledger_that_another_takes_at_once_holds_up_no_failure(
    app: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str, end: type[Failed | Unknown]
) -> None:
    """Without a COMMIT, what was refused is all that there is to tell; else what it was is told all the same."""
    monkeypatch.setattr("migcheck.deploy.reconnecting._LEAST_SECONDS", 0.5)
    deploy(app, written(tmp_path / "landed", LANDED))
    fails = f"do $$ begin {AT_THE_GATE} perform 1/0; end $$;"
    folder = written(tmp_path / "fails", {**LANDED, "0001_no": f"{before} {fails}"})
    with ThreadPoolExecutor() as pool, gate(app) as opened, app.connect() as other:
        running = pool.submit(deploy, app, folder, lock_wait=0.3, lock_timeout=0)
        assert eventually(lambda: app.ask(AT_IT))
        other.execute("set idle_in_transaction_session_timeout = '30s'")
        waiting = pool.submit(other.execute, f"begin; lock table {LEDGER} in access exclusive mode".encode())
        assert eventually(lambda: waiting.done() or app.ask(WAITS))
        opened()
        waiting.result()
        outcome = running.result()
        assert isinstance(outcome, end)
        assert outcome.problem == "drizzle/0001_no.sql:1: division by zero"


def test_a_table_that_somebody_keeps_locked_holds_up_no_deploy_that_leaves_it_alone(
    app: Database, tmp_path: Path
) -> None:
    deploy(app, written(tmp_path / "landed", {"0000_users": "create table users (id int default 1);"}))
    new = written(
        tmp_path / "new", {"0000_users": "create table users (id int default 1);", "0001_posts": NEW["0001_posts"]}
    )
    app.run(f"alter role {app.role} set statement_timeout = '30s'")
    with app.connect() as other, other.transaction():
        other.execute("lock table users in access exclusive mode")
        outcome = deploy(app, new, lock_timeout=0.2)

    assert isinstance(outcome, Applied), outcome
    assert outcome.warnings == (
        "what changed was not compared with the rehearsal: a table was locked for longer than lock_timeout (0.2 s)",
    )
    assert tables(app) == ["posts", "users"]


def test_what_cannot_be_read_back_in_time_is_applied_with_a_warning(app: Database, tmp_path: Path) -> None:
    deploy(app, written(tmp_path / "landed", LANDED))
    slow = written(tmp_path / "slow", {**LANDED, "0001_slow": f"do $$ begin {AT_THE_GATE} end $$;"})
    with ThreadPoolExecutor() as pool, gate(app) as opened, app.connect() as other:
        running = pool.submit(deploy, app, slow, lock_wait=1)
        assert eventually(lambda: app.ask(AT_IT))
        waiting = pool.submit(other.execute, f"begin; lock table {LEDGER} in access exclusive mode".encode())
        assert eventually(lambda: waiting.done() or app.ask(WAITS))
        opened()
        outcome = running.result()
        waiting.result()
    assert isinstance(outcome, Applied), outcome
    (warning,) = outcome.warnings
    assert warning.startswith(
        "committed, but it could not be read back: drizzle.__drizzle_migrations is locked by pid "
    )


def test_a_timeout_that_the_role_has_of_its_own_ends_no_reading_back(app: Database, tmp_path: Path) -> None:
    deploy(app, written(tmp_path / "landed", LANDED))
    slow = written(tmp_path / "slow", {**LANDED, "0001_slow": f"do $$ begin {AT_THE_GATE} end $$;"})
    with ThreadPoolExecutor() as pool, gate(app) as opened, app.connect() as other:
        app.run(f"alter role {app.role} set statement_timeout = '300ms'")
        running = pool.submit(deploy, app, slow)
        assert eventually(lambda: app.ask(AT_IT))
        held = f"begin; lock table {LEDGER} in access exclusive mode; select pg_sleep(0.9); rollback"
        waiting = pool.submit(other.execute, held.encode())
        assert eventually(lambda: waiting.done() or app.ask(WAITS))
        opened()
        outcome = running.result()
        waiting.result()
    assert isinstance(outcome, Applied), outcome
    assert outcome.warnings == ()


HELD = {"0000_users": "create table users (id int);", "0001_posts": "create table if not exists posts (id int);"}


@contextmanager
def held_from(app: Database, line: str) -> Iterator[Callable[[str], None]]:
    """Somebody who hears what a deploy tells, and takes the ledger at once when it tells `line`."""
    app.run(f"alter role {app.role} set statement_timeout = '30s'")
    with app.connect() as other:

        def tell(told: str) -> None:
            if told.startswith(line):
                other.execute(f"begin; lock table {LEDGER} in access exclusive mode".encode())

        yield tell


@pytest.mark.parametrize("lock_timeout", [0, 20])
def test_before_a_migration_outside_of_a_transaction_the_ledger_is_waited_for_as_before_any(
    app: Database, tmp_path: Path, lock_timeout: float
) -> None:
    """By `lock_wait`, and not by the `lock_timeout` of the migration."""
    folder = written(tmp_path, HELD)
    order = order_for(app, folder, lock_timeout=lock_timeout, lock_wait=0.3)
    order = replace(order, clearance=structs.replace(order.clearance, outside=("0001_posts",)))
    with held_from(app, "running 0001_posts") as tell:
        outcome = apply(replace(order, tell=tell))
    assert isinstance(outcome, Failed), outcome
    assert outcome.problem.startswith(f"{LEDGER} is locked by pid ")
    assert ([step.tag for step in outcome.applied], tables(app)) == (["0000_users"], ["users"])


def test_statement_timeout_is_of_migrations_and_not_of_the_first_look(app: Database, tmp_path: Path) -> None:
    deploy(app, written(tmp_path / "landed", LANDED))
    folder = written(tmp_path / "new", NEW)
    order = order_for(app, folder, statement_timeout=0.2, lock_wait=20)
    with app.connect() as other, ThreadPoolExecutor(1) as pool:
        other.execute(f"begin; lock table {LEDGER} in access exclusive mode".encode())
        deploying = pool.submit(apply, order)
        assert eventually(lambda: app.ask(f"{OTHERS} wait_event_type = 'Lock' and query like '%to_jsonb(held)%'"))
        time.sleep(0.3)  # Longer than a statement may take.
        other.execute("rollback")
        assert plan_applied(deploying.result()) == ["0001_posts"]
