"""What a deploy does to a real database, and what it says it did."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from msgspec import structs

from migcheck.clearance import plan_of
from migcheck.deploy.apply import apply
from migcheck.deploy.outcome import Failed, NothingToDo, Refused, WouldApply
from migcheck.drizzle.folder import Layout
from migcheck.drizzle.ledger import Batching, Ledger, LedgerName, LedgerRow
from migcheck.errors import UndecidableError, UsageError
from migcheck.evidence import Evidence
from migcheck.postgres.running.ledger import create_ledger
from tests.support.deploys import (
    AT_THE_GATE,
    NAME,
    cleared,
    deploy,
    gate,
    ledger_rows,
    order_for,
    plan_applied,
    tables,
    written,
)
from tests.support.folders import add_migration
from tests.support.target_server import Database, TargetServer
from tests.support.waiting import eventually

pytestmark = pytest.mark.server

SLEEPING = """
    select pid from pg_stat_activity
    where datname = current_database() and query like '%pg_sleep(3600)%' and pid <> pg_backend_pid()
"""
TWO = {
    "0000_users": "create table users (id int);\n--> statement-breakpoint\ncreate index on users (id);",
    "0001_posts": "create table posts (id int);",
}


class TestApplied:
    def test_everything_pending_is_run_and_recorded(self, app: Database, tmp_path: Path) -> None:
        folder = written(tmp_path, TWO)
        outcome = deploy(app, folder)
        assert plan_applied(outcome) == ["0000_users", "0001_posts"]
        assert tables(app) == ["posts", "users"]
        assert ledger_rows(app) == [(at, each.hash, each.when) for at, each in enumerate(folder.migrations, 1)]

    def test_a_second_deploy_has_nothing_to_do(self, app: Database, tmp_path: Path) -> None:
        folder = written(tmp_path, TWO)
        deploy(app, folder)
        assert deploy(app, folder) == NothingToDo()
        assert len(ledger_rows(app)) == 2

    def test_only_what_is_new_is_run(self, app: Database, tmp_path: Path) -> None:
        deploy(app, written(tmp_path, TWO))
        folder = written(tmp_path, {**TWO, "0002_tags": "create table tags (id int);"})
        assert plan_applied(deploy(app, folder)) == ["0002_tags"]
        assert [row[0] for row in ledger_rows(app)] == [1, 2, 3]

    def test_one_transaction_for_each_migration(self, app: Database, tmp_path: Path) -> None:
        enum = {
            "0000_mood": "create type mood as enum ('sad'); create table m (mood mood);",
            "0001_add": "alter type mood add value 'glad';",
            "0002_use": "insert into m values ('glad');",
        }
        folder = written(tmp_path, enum)
        clearance = cleared(folder, batching=Batching.EACH)
        assert plan_applied(deploy(app, folder, clearance)) == ["0000_mood", "0001_add", "0002_use"]

    def test_one_transaction_each_on_a_ledger_that_was_begun_by_hand(self, app: Database, tmp_path: Path) -> None:
        folder = written(tmp_path, {**TWO, "0002_tags": "create table tags (id int);"})
        with app.connect() as owner:
            create_ledger(owner, LedgerName(), Layout.JOURNAL)
        first = folder.migrations[0]
        app.run(f"insert into drizzle.__drizzle_migrations values (100, '{first.hash}', {first.when})")
        ledger = Ledger(LedgerName(), (LedgerRow(100, first.hash, first.when),))
        outcome = deploy(app, folder, cleared(folder, ledger, Batching.EACH))
        assert plan_applied(outcome) == ["0001_posts", "0002_tags"]
        assert [row[0] for row in ledger_rows(app)] == [1, 2, 100]

    def test_a_ledger_of_another_name(self, app: Database, tmp_path: Path) -> None:
        name = LedgerName("My Schema", "the ledger")
        folder = written(tmp_path, TWO)
        clearance = cleared(folder, name=name)
        assert plan_applied(deploy(app, folder, clearance)) == ["0000_users", "0001_posts"]
        assert len(ledger_rows(app, name)) == 2

    def test_a_role_that_may_not_create_schemas_keeps_a_ledger_that_is_there(
        self, target_server: TargetServer, app: Database, tmp_path: Path
    ) -> None:
        deployer = target_server.database()
        deployer = Database(app.port, app.name, deployer.role, deployer.password)
        app.run(
            f"create schema drizzle authorization {app.role}",
            f"grant all on schema drizzle to {deployer.role}",
            f"grant all on schema public to {deployer.role}",
        )
        assert plan_applied(deploy(deployer, written(tmp_path, TWO))) == ["0000_users", "0001_posts"]

    def test_pieces_that_commit_and_begin_by_themselves(self, app: Database, tmp_path: Path) -> None:
        breakpoint_ = "\n--> statement-breakpoint\n"
        pieces = ["create table users (id int);", "COMMIT;", "create index concurrently i on users (id);", "BEGIN;"]
        assert plan_applied(deploy(app, written(tmp_path, {"0000_users": breakpoint_.join(pieces)}))) == ["0000_users"]
        assert len(ledger_rows(app)) == 1


class TestNothingToDo:
    def test_a_database_ahead_of_the_folder_is_told(self, app: Database, tmp_path: Path) -> None:
        deploy(app, written(tmp_path / "new", {**TWO, "0002_tags": "create table tags (id int);"}))
        assert deploy(app, written(tmp_path / "old", TWO)) == NothingToDo(
            ("the target is ahead of the folder by 1 migration",)
        )

    def test_a_dry_run_gives_the_plan_and_touches_nothing(self, app: Database, tmp_path: Path) -> None:
        folder = written(tmp_path, TWO)
        outcome = apply(replace(order_for(app, folder), dry_run=True))
        assert outcome == WouldApply(plan_of(folder.migrations))
        assert tables(app) == []
        assert app.ask("select 1 from pg_namespace where nspname = 'drizzle'") == []

    def test_a_dry_run_of_nothing(self, app: Database, tmp_path: Path) -> None:
        folder = written(tmp_path, TWO)
        deploy(app, folder)
        assert apply(replace(order_for(app, folder), dry_run=True)) == NothingToDo()


class TestRefused:
    def test_a_folder_that_is_not_the_one_that_was_cleared(self, app: Database, tmp_path: Path) -> None:
        folder = written(tmp_path, TWO)
        clearance = cleared(folder)
        add_migration(tmp_path / "drizzle", "0002_evil", "drop table users;")
        changed = written(tmp_path, {**TWO, "0002_evil": "drop table users;"})
        assert deploy(app, changed, clearance) == Refused(
            "the folder is not the one that was cleared", "run the whole of it again"
        )
        assert tables(app) == []

    def test_a_target_that_moved_on_along_the_folder(self, app: Database, tmp_path: Path) -> None:
        three = written(tmp_path / "three", {**TWO, "0002_tags": "create table tags (id int);"})
        clearance = cleared(three)
        deploy(app, written(tmp_path / "one", {"0000_users": TWO["0000_users"]}))
        assert deploy(app, three, clearance) == Refused(
            "what is pending on the target is not what was cleared: "
            "0001_posts, 0002_tags, not 0000_users, 0001_posts, 0002_tags",
            "run the whole of it again: verify rehearses what is pending now",
        )
        assert tables(app) == ["users"]

    def test_a_target_that_moved_past_the_plan(self, app: Database, tmp_path: Path) -> None:
        folder = written(tmp_path / "ours", TWO)
        clearance = cleared(folder)
        other = written(
            tmp_path / "theirs", {"0000_other": "create table other ();"}, {"0000_other": 1_900_000_000_000}
        )
        deploy(app, other)
        assert deploy(app, folder, clearance) == Refused(
            "the target moved on since it was verified, and 0000_users, 0001_posts would never run there",
            "run the whole of it again: verify tells what the target has now",
        )

    def test_a_ledger_that_gained_a_row_since(self, app: Database, tmp_path: Path) -> None:
        """Also one that leaves everything pending that was: nobody rehearsed what its migration made."""
        deploy(app, written(tmp_path / "one", {"0000_users": TWO["0000_users"]}))
        folder = written(tmp_path, TWO)
        rows = tuple((each.hash, each.when) for each in folder.migrations[:1])
        order = order_for(app, folder)
        cleared_on = structs.replace(order.clearance, evidence=Evidence(rows=rows))
        app.run(f"insert into {NAME} (hash, created_at) values (repeat('a', 64), 1)")
        assert apply(replace(order, clearance=cleared_on)) == Refused(
            "the ledger is not the one that was rehearsed from: "
            f"{NAME} has 1 row (hash aaaaaaaaaaaa…, created_at 1) more",
            "see what writes to it, then run the whole of it again",
        )
        assert tables(app) == ["users"]

    def test_another_deploy_that_does_not_end(self, app: Database, tmp_path: Path) -> None:
        folder = written(tmp_path, TWO)
        waiting: list[str] = []
        order = replace(order_for(app, folder, lock_wait=0.3), tell=waiting.append)
        slow = written(tmp_path / "slow", {"0000_slow": "select pg_sleep(3600);"})
        with_slow = threading.Thread(target=deploy, args=(app, slow))
        with_slow.start()
        assert eventually(lambda: app.ask(SLEEPING))
        outcome = apply(order)
        app.ask(f"select pg_terminate_backend(pid) from ({SLEEPING}) as sleeping")
        with_slow.join()
        assert isinstance(outcome, Refused)
        assert outcome.problem.startswith("another deploy holds the lock of drizzle.__drizzle_migrations: pid "), (
            outcome.problem
        )
        assert f"(migcheck apply, role {app.role}, since 20" in outcome.problem
        assert [line.partition(": ")[0] for line in waiting] == ["waiting for another deploy"]

    def test_a_migrator_that_holds_the_ledger(self, app: Database, tmp_path: Path) -> None:
        one = written(tmp_path / "one", {"0000_users": TWO["0000_users"]})
        deploy(app, one)
        folder = written(tmp_path, TWO)
        order = order_for(app, folder, lock_wait=0.3)
        with app.connect() as drizzle, drizzle.transaction(force_rollback=True):
            drizzle.execute("insert into drizzle.__drizzle_migrations (hash, created_at) values ('x', 1)")
            outcome = apply(order)
        assert isinstance(outcome, Refused)
        assert outcome.problem.startswith("drizzle.__drizzle_migrations is locked by pid ")
        assert f"role {app.role}, since 20" in outcome.problem
        assert outcome.remedy == "wait for it to end, or raise lock_wait"
        assert tables(app) == ["users"]


class TestFailed:
    BROKEN = {  # noqa: RUF012 - never written to
        "0000_users": "create table users (id int);",
        "0001_broken": "create table posts (id int);\n--> statement-breakpoint\n\nalter table nowhere add x int;",
    }

    def test_a_refused_statement_is_told_and_all_is_rolled_back(self, app: Database, tmp_path: Path) -> None:
        outcome = deploy(app, written(tmp_path, self.BROKEN))
        assert isinstance(outcome, Failed)
        assert outcome.problem == 'drizzle/0001_broken.sql:4: relation "nowhere" does not exist'
        assert outcome.failure is not None
        assert (outcome.failure.sqlstate, outcome.failure.statement) == ("42P01", "alter table nowhere add x int;")
        assert (outcome.applied, outcome.torn) == ((), False)
        assert tables(app) == []
        assert ledger_rows(app) == []

    def test_a_retry_after_the_repair(self, app: Database, tmp_path: Path) -> None:
        deploy(app, written(tmp_path, self.BROKEN))
        assert plan_applied(deploy(app, written(tmp_path, TWO))) == ["0000_users", "0001_posts"]

    def test_with_a_transaction_each_what_was_committed_stays(self, app: Database, tmp_path: Path) -> None:
        folder = written(tmp_path, self.BROKEN)
        outcome = deploy(app, folder, cleared(folder, batching=Batching.EACH))
        assert isinstance(outcome, Failed)
        assert [step.tag for step in outcome.applied] == ["0000_users"]
        assert tables(app) == ["users"]

    def test_a_deferred_constraint_that_fails_at_commit(self, app: Database, tmp_path: Path) -> None:
        sql = (
            "create table a (id int unique deferrable initially deferred);\n--> statement-breakpoint\n"
            "insert into a values (1), (1);"
        )
        outcome = deploy(app, written(tmp_path, {"0000_a": sql}))
        assert isinstance(outcome, Failed)
        assert outcome.failure is not None
        assert outcome.failure.sqlstate == "23505"
        assert outcome.problem.startswith("COMMIT of 0000_a: duplicate key value")
        assert outcome.remedy.startswith("see which rows of the target are in the way")
        assert tables(app) == []

    def test_a_lock_that_is_not_given_in_time(self, app: Database, tmp_path: Path) -> None:
        deploy(app, written(tmp_path / "one", {"0000_users": "create table users (id int);"}))
        both = {"0000_users": "create table users (id int);", "0001_name": "alter table users add name text;"}
        folder = written(tmp_path, both)
        with app.connect() as reader, reader.transaction():
            reader.execute("select * from users")
            outcome = deploy(app, folder, lock_timeout=0.2)
        assert isinstance(outcome, Failed)
        assert outcome.failure is not None
        assert outcome.failure.sqlstate == "55P03"
        assert outcome.remedy == (
            "end what holds the lock or wait for it, or raise retry_for, then run the whole of it again"
        )

    def test_a_statement_that_takes_too_long(self, app: Database, tmp_path: Path) -> None:
        outcome = deploy(app, written(tmp_path, {"0000_slow": "select pg_sleep(3600);"}), statement_timeout=5)
        assert isinstance(outcome, Failed)
        assert outcome.failure is not None
        assert outcome.failure.sqlstate == "57014"

    def test_a_role_that_may_not_make_the_ledger(
        self, target_server: TargetServer, app: Database, tmp_path: Path
    ) -> None:
        other = target_server.database()
        outcome = deploy(Database(app.port, app.name, other.role, other.password), written(tmp_path, TWO))
        assert isinstance(outcome, Failed)
        assert outcome.problem == f"permission denied for database {app.name}"


class TestTwoAtOnce:
    def test_of_two_deploys_one_deploys_and_the_other_has_nothing_to_do(self, app: Database, tmp_path: Path) -> None:
        slow = f"do $$ begin {AT_THE_GATE} end $$;"
        folder = written(tmp_path, {"0000_users": "create table users (id int);", "0001_slow": slow})
        told: list[list[str]] = [[], [], []]
        orders = [replace(order_for(app, folder), tell=each.append) for each in told]
        with ThreadPoolExecutor() as pool, gate(app) as opened:
            running = [pool.submit(apply, order) for order in orders]
            assert eventually(lambda: sum("waiting" in " ".join(each) for each in told) == 2)
            opened()
        outcomes = sorted(type(each.result()).__name__ for each in running)
        assert outcomes == ["Applied", "NothingToDo", "NothingToDo"]
        assert len(ledger_rows(app)) == 2


class TestNoTarget:
    def test_a_malformed_url(self, tmp_path: Path) -> None:
        folder = written(tmp_path, TWO)
        with pytest.raises(UsageError):
            deploy(Database(0, "a@b", "x", "y"), folder, cleared(folder))

    def test_nobody_there(self, tmp_path: Path) -> None:
        folder = written(tmp_path, TWO)
        with pytest.raises(UndecidableError) as caught:
            deploy(Database(1, "app", "app", "s3cret-pw"), folder, cleared(folder))
        assert isinstance(caught.value.__cause__, psycopg.OperationalError)
        assert "s3cret" not in str(caught.value)
