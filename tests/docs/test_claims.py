"""What docs/rollback.md and the fixes say of Postgres and of Drizzle beside what they have people run."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from tests.docs.shop import CASES, FILES, PAGE, WHEN, generate, write_folders
from tests.support.deploys import deploy, ledger_rows, written
from tests.support.drizzle import Ran, drizzle_migrate
from tests.support.target_server import Database
from tests.support.waiting import eventually

pytestmark = pytest.mark.server

ALONE = {
    "CREATE INDEX CONCURRENTLY": "create index concurrently i on t (id)",
    "DROP INDEX CONCURRENTLY": "drop index concurrently t_pkey",
    "REINDEX CONCURRENTLY": "reindex table concurrently t",
    "VACUUM": "vacuum t",
    "CREATE DATABASE": "create database other",
    "ALTER SYSTEM": "alter system set work_mem = '8MB'",
}
WAITS = "select from pg_stat_activity where wait_event_type = 'Lock' and query like '%__drizzle_migrations%'"


@pytest.mark.parametrize("named", ALONE)
def test_what_no_transaction_takes(app: Database, named: str) -> None:
    assert f"`{named}`" in PAGE
    app.run("create table t (id int primary key)")
    with app.connect() as person:
        person.execute("begin")
        with pytest.raises(psycopg.Error) as refused:
            person.execute(ALONE[named].encode())
    assert refused.value.sqlstate == "25001"


def test_a_value_of_an_enum_is_rolled_back_and_cannot_be_used_before_the_commit(app: Database) -> None:
    app.run("create type mood as enum ('sad')")
    with app.connect() as person:
        person.execute("begin")
        person.execute("alter type mood add value 'ok'")
        with pytest.raises(psycopg.Error) as refused:
            person.execute("select 'ok'::mood")
    assert refused.value.sqlstate == "55P04"
    assert app.ask("select enumlabel::text from pg_enum") == [("sad",)]


@pytest.mark.node
def test_drizzle_kit_overwrites_a_file_of_the_name_that_it_is_given(tmp_path: Path) -> None:
    write_folders(tmp_path)
    by_hand = tmp_path / "drizzle/0003_by_hand.sql"
    by_hand.write_text("select 1;")
    generate(tmp_path, "--custom", "--name", "by_hand")
    assert "select 1;" not in by_hand.read_text()


@pytest.mark.node
def test_drizzle_waits_for_whoever_holds_the_ledger_by_hand(app: Database, tmp_path: Path) -> None:
    deploy(app, written(tmp_path, FILES, WHEN))
    rows = ledger_rows(app)
    (block,) = CASES["every-case"]
    with ThreadPoolExecutor() as pool, app.connect() as person:
        person.execute(block.text.replace("COMMIT;", "").encode())
        theirs = pool.submit(drizzle_migrate, app, tmp_path / "drizzle")
        assert eventually(lambda: app.ask(WAITS))
        assert not theirs.done()
        person.execute("commit")
        assert theirs.result() == Ran(ok=True)
    assert ledger_rows(app) == rows
