"""After migcheck, Drizzle finds nothing to do; after Drizzle, migcheck; and nobody can tell the two databases apart."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from migcheck.deploy.outcome import Applied, Failed, NothingToDo
from migcheck.drizzle.ledger import LedgerName
from migcheck.facts.read_folder import read_folder
from migcheck.facts.tree import DiskTree
from tests.support.deploys import AT_THE_GATE, cleared, deploy, gate, ledger_rows, written
from tests.support.drizzle import Ran, drizzle_migrate
from tests.support.target_server import TargetServer
from tests.support.waiting import eventually

pytestmark = [pytest.mark.server, pytest.mark.node]

B = "\n--> statement-breakpoint\n"
OTHERS = "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and"
AT_IT = f"{OTHERS} query like '%pg_try_advisory_xact_lock%'"
WAITS = f"{OTHERS} wait_event_type = 'Lock'"
FOLDERS: dict[str, dict[str, str | bytes]] = {
    "tables": {
        "0000_users": f"CREATE TABLE users (id serial PRIMARY KEY, name text);{B}CREATE INDEX ON users (name);",
        "0001_posts": "CREATE TABLE posts (id int REFERENCES users (id));",
        "0002_data": "INSERT INTO users (name) VALUES ('a'), ('b');",
    },
    "several statements in one piece": {
        "0000_m": "create table a (); create table b (); insert into a default values;"
    },
    "empty pieces and comments alone": {
        "0000_custom": "-- Custom SQL migration file, put your code below! --",
        "0001_custom": "-- Custom SQL migration file, put your code below! --",
        "0002_empty": "",
        "0003_markers": f"{B}{B}create table a ();{B}",
    },
    "other letters and CR": {
        "0000_größe": 'create table "größe 😀" (id int); insert into "größe 😀" values (1);\r\n'.encode(),
        "0001_crlf": b"create table crlf (\r\n  id int\r\n);\r\n--> statement-breakpoint\r\ncreate table more ();\r\n",
    },
    "a literal with what is not UTF-8": {"0000_m": b"create table m (t text); insert into m values ('\xff\xc3');"},
    "functions, enums and DO": {
        "0000_f": "create function f() returns int language plpgsql as $$ begin return 1; end $$;",
        "0001_e": f"create type mood as enum ('sad');{B}do $$ begin create table m (mood mood); end $$;",
    },
    "settings": {"0000_s": f"set search_path = pg_catalog;{B}create table public.m (id int);"},
    "a transaction of another kind": {
        "0000_s": f"set transaction isolation level serializable;{B}"
        "create table seen as select current_setting('transaction_isolation') as level;"
    },
    "pieces that commit and begin": {
        "0000_t": "create table t (id int);",
        "0001_c": f"COMMIT;{B}create index concurrently i on t (id);{B}BEGIN;",
    },
}


@pytest.mark.parametrize("migrations", FOLDERS.values(), ids=FOLDERS.keys())
def test_both_ways(target_server: TargetServer, tmp_path: Path, migrations: dict[str, str | bytes]) -> None:
    theirs, ours = target_server.database(), target_server.database()
    folder = written(tmp_path, migrations)
    assert drizzle_migrate(theirs, tmp_path / "drizzle") == Ran(ok=True)
    assert isinstance(deploy(ours, folder), Applied)
    dump = target_server.dump(theirs)
    assert target_server.dump(ours) == dump

    assert drizzle_migrate(ours, tmp_path / "drizzle") == Ran(ok=True)
    assert deploy(theirs, folder) == NothingToDo()
    assert target_server.dump(ours) == dump
    assert target_server.dump(theirs) == dump


def test_the_driver_postgres_js(target_server: TargetServer, tmp_path: Path) -> None:
    theirs, ours = target_server.database(), target_server.database()
    folder = written(tmp_path, FOLDERS["tables"])
    assert drizzle_migrate(theirs, tmp_path / "drizzle", driver="postgres-js") == Ran(ok=True)
    deploy(ours, folder)
    assert target_server.dump(ours) == target_server.dump(theirs)


def test_turn_about_on_one_database(target_server: TargetServer, tmp_path: Path) -> None:
    app, steps = target_server.database(), list(FOLDERS["tables"].items())
    written(tmp_path / "1", dict(steps[:1]))
    assert drizzle_migrate(app, tmp_path / "1" / "drizzle") == Ran(ok=True)
    assert isinstance(deploy(app, written(tmp_path / "2", dict(steps[:2]))), Applied)
    written(tmp_path / "3", dict(steps))
    assert drizzle_migrate(app, tmp_path / "3" / "drizzle") == Ran(ok=True)
    assert [row[0] for row in ledger_rows(app)] == [1, 2, 3]


@pytest.mark.parametrize("name", [LedgerName("public", "my_mig"), LedgerName('Odd "schema"', "the ledger")])
def test_a_ledger_of_another_name(target_server: TargetServer, tmp_path: Path, name: LedgerName) -> None:
    theirs, ours = target_server.database(), target_server.database()
    folder = written(tmp_path, FOLDERS["tables"])
    assert drizzle_migrate(theirs, tmp_path / "drizzle", name) == Ran(ok=True)
    assert isinstance(deploy(ours, folder, cleared(folder, name=name)), Applied)
    assert target_server.dump(ours) == target_server.dump(theirs)
    assert drizzle_migrate(ours, tmp_path / "drizzle", name) == Ran(ok=True)
    assert target_server.dump(ours) == target_server.dump(theirs)


@pytest.mark.parametrize(
    ("sql", "sqlstate"),
    [
        (b"alter table nowhere add x int;", "42P01"),
        (b"\xef\xbb\xbfcreate table bom ();", "42601"),
        (b"create index concurrently i on users (id);", "25001"),
        (b"select 1\0;", "08P01"),
        (b"--> statement-breakpoint foo", "42601"),
    ],
)
def test_what_fails_fails_alike_and_leaves_the_same(
    target_server: TargetServer, tmp_path: Path, sql: bytes, sqlstate: str
) -> None:
    theirs, ours = target_server.database(), target_server.database()
    good = FOLDERS["tables"]
    folder = written(tmp_path / "broken", {**good, "0003_broken": sql})
    ran, outcome = drizzle_migrate(theirs, tmp_path / "broken" / "drizzle"), deploy(ours, folder)
    assert isinstance(outcome, Failed)
    assert outcome.failure is not None
    assert (ran.code, outcome.failure.sqlstate) == (sqlstate, sqlstate)
    assert target_server.dump(ours) == target_server.dump(theirs)

    mended = written(tmp_path / "mended", {**good, "0003_broken": "select 1;"})
    assert drizzle_migrate(theirs, tmp_path / "mended" / "drizzle") == Ran(ok=True)
    assert isinstance(deploy(ours, mended), Applied)
    assert target_server.dump(ours) == target_server.dump(theirs)


def test_drizzles_migrator_that_comes_in_between_waits_and_finds_nothing_to_do(
    target_server: TargetServer, tmp_path: Path
) -> None:
    app = target_server.database()
    one = written(tmp_path / "1", {"0000_t": "create table t (id int);"})
    deploy(app, one)
    slow = f"insert into t values (1);{B}do $$ begin {AT_THE_GATE} end $$;"
    folder = written(tmp_path / "2", {"0000_t": "create table t (id int);", "0001_slow": slow})
    with ThreadPoolExecutor() as pool, gate(app) as opened:
        ours = pool.submit(deploy, app, folder)
        assert eventually(lambda: app.ask(AT_IT))
        theirs = pool.submit(drizzle_migrate, app, tmp_path / "2" / "drizzle")
        assert eventually(lambda: app.ask(WAITS))
        opened()
    assert theirs.result() == Ran(ok=True)
    assert isinstance(ours.result(), Applied)
    assert app.ask("select count(*) from t") == [(1,)]
    assert len(ledger_rows(app)) == 2


def test_the_sample_folder(target_server: TargetServer) -> None:
    theirs, ours = target_server.database(), target_server.database()
    sample = Path(__file__).parents[2] / "migrations"
    assert (sample / "meta" / "_journal.json").is_file()
    folder = read_folder(DiskTree(sample.parent), "migrations")
    ran = drizzle_migrate(theirs, sample)
    outcome = deploy(ours, folder)
    assert ran == Ran(ok=True), ran
    assert isinstance(outcome, Applied), outcome
    assert target_server.dump(ours) == target_server.dump(theirs)
