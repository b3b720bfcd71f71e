"""A migration may set up its transaction, as under Drizzle; the ledger is locked and looked at all the same."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from migcheck.deploy.outcome import NothingToDo
from migcheck.drizzle.ledger import Batching
from tests.support.deploys import cleared, deploy, ledger_rows, plan_applied, tables, written
from tests.support.target_server import Database
from tests.support.waiting import eventually

pytestmark = pytest.mark.server

BREAK = "\n--> statement-breakpoint\n"
LEVEL = "set transaction isolation level serializable;"
SEEN = "create table seen as select current_setting('transaction_isolation') as level;"
WAITS = """
    select 1 from pg_stat_activity
    where application_name = 'migcheck apply' and wait_event_type = 'Lock' and query like '%lock table%'
"""


@pytest.mark.parametrize(
    "sql",
    [
        f"{LEVEL}{BREAK}{SEEN}",
        f"-- money\n{LEVEL}\n{SEEN}",
        f"begin isolation level serializable;\n{SEEN}",
        f"set local statement_timeout = '1min';{BREAK}set transaction_isolation = 'serializable';{BREAK}{SEEN}",
    ],
)
def test_the_level_that_the_first_migration_sets_is_the_deploys(app: Database, tmp_path: Path, sql: str) -> None:
    folder = written(tmp_path, {"0000_seen": sql, "0001_more": "create table more ();"})
    assert plan_applied(deploy(app, folder)) == ["0000_seen", "0001_more"]
    assert app.ask("select level from seen") == [("serializable",)]
    assert len(ledger_rows(app)) == 2


def test_in_a_transaction_for_each_migration_every_one_may(app: Database, tmp_path: Path) -> None:
    folder = written(tmp_path, {"0000_a": f"{LEVEL} create table a ();", "0001_seen": f"{LEVEL} {SEEN}"})
    assert plan_applied(deploy(app, folder, cleared(folder, batching=Batching.EACH))) == ["0000_a", "0001_seen"]
    assert app.ask("select level from seen") == [("serializable",)]


@pytest.mark.parametrize("opening", ["", LEVEL])
def test_a_migrator_that_was_faster_is_seen_before_the_first_query(app: Database, tmp_path: Path, opening: str) -> None:
    one = {"0000_a": "create table a ();"}
    deploy(app, written(tmp_path / "one", one))
    folder = written(tmp_path / "two", {**one, "0001_b": f"{opening} create table b ();"})
    last = folder.migrations[1]
    with ThreadPoolExecutor() as pool:
        with app.connect() as drizzle, drizzle.transaction():
            row = (last.hash, last.when)
            drizzle.execute("insert into drizzle.__drizzle_migrations (hash, created_at) values (%s, %s)", row)
            ours = pool.submit(deploy, app, folder)
            assert eventually(lambda: app.ask(WAITS))
        assert ours.result() == NothingToDo()
    assert tables(app) == ["a"]
    assert len(ledger_rows(app)) == 2
