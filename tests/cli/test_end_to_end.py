"""The main job, as a person does it: verify, apply, look, verify again."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.command import CHECKS, Command
from tests.support.deploys import deploy_at
from tests.support.folders import a_folder, add_migration
from tests.support.rehearsals import over_once_running
from tests.support.repositories import GitRepository, init
from tests.support.target_server import Database
from tests.support.waiting import PATIENCE, eventually, titles_below

from migcheck.postgres.scratch.kept_data import PLACE

CLEAR_SAVE_TARGET = (
    "clear: folder, history, project, replay, sql, waivers; not judged: target. Next: land it; `migcheck apply` "
    "deploys, with DATABASE_URL set"
)

USERS = {"0000_users": "create table users (id integer primary key);"}
CONFIG = "export default { dialect: 'postgresql', out: './drizzle' }"


def a_project(path: Path) -> GitRepository:
    """A repository whose main branch has one migration, and whose feature branch adds another."""
    repository = init(path)
    a_folder(path / "drizzle", USERS)
    repository.commit({"drizzle.config.ts": CONFIG})
    repository.git("checkout", "-q", "-b", "feature")
    add_migration(path / "drizzle", "0001_name", "alter table users add column name text;")
    repository.commit()
    return repository


@pytest.mark.server
@pytest.mark.usefixtures("lent_scratch")
def test_verify_apply_status_and_again(command: Command, tmp_path: Path, app: Database) -> None:
    a_project(tmp_path)
    target = {"DATABASE_URL": app.url}

    verified = command("verify")
    assert verified.code == 0, verified.out + verified.err
    assert verified.out.splitlines()[-1] == CLEAR_SAVE_TARGET
    assert verified.out.splitlines()[0] == "drizzle is configured by drizzle.config.ts, which was read and not run"

    planned = command("apply", "--dry-run", env=target)
    assert planned.code == 0, planned.out + planned.err
    assert planned.out.splitlines()[-1].startswith("dry run: 2 migrations would go to 127.0.0.1")
    assert app.ask("select count(*) from pg_tables where tablename = 'users'") == [(0,)]

    applied = command("apply", env=target)
    assert applied.code == 0, applied.out + applied.err
    assert applied.out.splitlines()[-1].startswith("applied: 2 migrations to 127.0.0.1")
    assert app.ask("select count(*) from drizzle.__drizzle_migrations") == [(2,)]

    again = command("apply", "--format", "json", env=target)
    assert again.code == 0, again.out + again.err
    assert json.loads(again.out)["deploys"][0]["outcome"] == "nothing to do"

    status = command("status", env=target)
    assert status.code == 0
    assert status.out.splitlines()[-1] == "2 applied"
    assert app.password not in "".join(each.out + each.err for each in (verified, planned, applied, again, status))


@pytest.mark.server
@pytest.mark.usefixtures("lent_scratch")
def test_a_ledger_in_a_file_stands_in_for_the_target(command: Command, tmp_path: Path, app: Database) -> None:
    a_project(tmp_path)
    deploy_at(app, tmp_path)
    app.run("update drizzle.__drizzle_migrations set hash = repeat('0', 64) where id = 1")
    told = command("status", "--format", "json", "--output", "ledger.json", env={"DATABASE_URL": app.url})
    assert (told.code, told.out) == (1, ""), told.err

    status = command("status", "--ledger", "ledger.json")
    assert status.code == 1
    assert "0000_users  edited" in status.out
    offline = command("verify", "--offline", "--ledger", "ledger.json", "--format", "json")
    assert (offline.code, [each["code"] for each in json.loads(offline.out)["findings"]]) == (1, ["MC507"])


@pytest.mark.server
@pytest.mark.usefixtures("lent_scratch")
@pytest.mark.parametrize(
    ("relation", "said"),
    [
        ("view {} as select 1 as id", "is a view"),
        ("materialized view {} as select 1 as id", "is a materialized view"),
        ("sequence {}", "is a sequence"),
        (
            "table {} (id uuid, hash text) partition by hash (id)",
            "is not Drizzle's table (id is uuid, created_at is absent)",
        ),
        ("table {} (id int, hash bytea, created_at bigint)", "is not Drizzle's table (hash is bytea)"),
    ],
)
def test_status_writes_no_ledger_where_there_is_none_to_read(
    command: Command, tmp_path: Path, app: Database, relation: str, said: str
) -> None:
    a_project(tmp_path)
    name = "drizzle.__drizzle_migrations"
    app.run("create schema drizzle", f"create {relation.format(name)}")
    env = {"DATABASE_URL": app.url}
    for options in ([], ["--format", "json"], ["--format", "json", "--output", "ledger.json"]):
        told = command("status", *options, env=env)
        assert (told.code, told.out) == (3, "")
        assert told.err.splitlines()[-2] == f"migcheck: {name} on 127.0.0.1:{app.port}/{app.name} {said}"
        assert "`migcheck explain MC502`" in told.err
    assert not (tmp_path / "ledger.json").exists()

    # What the shell leaves of `status --format json > ledger.json`.
    (tmp_path / "ledger.json").touch()
    read = command("verify", "--offline", "--ledger", "ledger.json")
    assert (read.code, read.out) == (2, "")
    assert "ledger.json is not a status report: Invalid JSON: EOF" in read.err


@pytest.mark.server
@pytest.mark.usefixtures("lent_scratch")
def test_a_row_without_a_time_lets_all_run_again_and_status_says_so(
    command: Command, tmp_path: Path, app: Database
) -> None:
    a_project(tmp_path)
    deploy_at(app, tmp_path)
    app.run("update drizzle.__drizzle_migrations set created_at = null where id = 2")
    told = command("status", env={"DATABASE_URL": app.url})
    assert told.code == 1
    assert "applied as row 2, whose created_at is NULL: Drizzle would run it again" in told.out
    assert told.out.splitlines()[-1].startswith("1 applied, 1 edited, Drizzle would run 2 of them again. Next: ")


@pytest.mark.server
@pytest.mark.usefixtures("lent_scratch")
def test_nothing_is_deployed_unless_every_folder_is_clear(command: Command, tmp_path: Path, app: Database) -> None:
    repository = a_project(tmp_path)
    a_folder(tmp_path / "broken", {"0000_x": "selec 1;"})
    (tmp_path / "migcheck.toml").write_text(
        '[[folder]]\npath = "drizzle"\n[[folder]]\npath = "broken"\nledger.table = "broken"\n'
    )
    repository.commit()
    ran = command("apply", env={"DATABASE_URL": app.url})
    assert ran.code == 1, ran.out + ran.err
    assert "42601" in ran.out
    assert app.ask("select count(*) from pg_tables where schemaname in ('public', 'drizzle')") == [(0,)]


@pytest.mark.server
@pytest.mark.usefixtures("lent_scratch")
def test_no_yes_is_said_to_a_second_run_that_was_not_done(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = a_project(tmp_path)
    repository.commit({"migcheck.toml": "repeatable = true\n"})
    endless = "begin if to_regclass('t') is null then create table t (); else perform pg_sleep(600); end if; end"
    add_migration(tmp_path / "drizzle", "0002_endless", f"/* no create role */ do $$ {endless} $$;")
    over_once_running(monkeypatch, "PgSleep")
    ran = command("verify", "--scratch", "embedded", "--format", "json")
    assert ran.code == 1, ran.out + ran.err
    reruns = [(each["migration"], each["outcome"]) for each in json.loads(ran.out)["folders"][0]["reruns"]]
    assert reruns == [("0001_name", "not repeatable"), ("0002_endless", "not tried")]
    assert [(each["code"], each["message"]) for each in json.loads(ran.out)["findings"]] == [
        ("MC405", '0001_name cannot run twice: 42701 column "name" of relation "users" already exists'),
        ("MC405", "0002_endless was not shown to run twice: the rehearsal was not done within 300 s"),
    ]


def test_a_server_that_the_command_line_names_is_told_by_its_option(command: Command, tmp_path: Path) -> None:
    a_project(tmp_path)
    ran = command("verify", "--scratch", "postgresql://admin:s3cret@127.0.0.1:1/postgres")
    told = " ".join(ran.out.split())
    assert ran.code == 3, ran.out + ran.err
    assert "the scratch server of --scratch cannot be used" in told
    assert "check its URL and that it takes connections from here, or choose another with --scratch" in told
    assert "rehearsing on dsn (--scratch)" in ran.err
    assert "MIGCHECK_SCRATCH_URL" not in ran.out + ran.err
    assert "s3cret" not in ran.out + ran.err


def test_apply_without_a_target_is_a_usage_error(command: Command, tmp_path: Path) -> None:
    a_project(tmp_path)
    ran = command("apply")
    assert ran.code == 2
    assert "DATABASE_URL is not set, so there is no target" in ran.err


def databases_below(pid: int) -> set[str]:
    """In which databases a SELECT runs, of the server that `pid` has started."""
    told = (re.search(r"postgres: migcheck_owner (\w+) \[local\] SELECT", title) for title in titles_below(pid))
    return {found[1] for found in told if found}


@pytest.mark.server
@pytest.mark.usefixtures("lent_scratch")
def test_an_interrupt_ends_it_with_130_and_leaves_nothing(tmp_path: Path) -> None:
    repository = init(tmp_path)
    a_folder(tmp_path / "drizzle", {"0000_long": "select pg_sleep(120);"})
    repository.commit({"drizzle.config.ts": CONFIG})
    kept = {PLACE: os.environ[PLACE]}
    running = subprocess.Popen(
        [sys.executable, "-m", "migcheck", "verify"],
        cwd=tmp_path,
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(tmp_path),
            "PYTHONPATH": str(CHECKS),
            "TMPDIR": str(tmp_path),
            **kept,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert running.stderr is not None
    while b"rehearsing" not in running.stderr.readline():
        assert running.poll() is None
    assert eventually(lambda: {"fresh", "upgrade"} <= databases_below(running.pid))
    running.send_signal(signal.SIGTERM)
    out, err = running.communicate(timeout=PATIENCE)
    assert (running.returncode, out) == (143, b"")
    assert b"migcheck: interrupted" in err
    assert b"Traceback" not in err
    assert {each.name for each in tmp_path.iterdir()} == {".git", "drizzle", "drizzle.config.ts"}


@pytest.mark.server
@pytest.mark.usefixtures("lent_scratch")
def test_the_defaults_of_the_callers_sessions_are_not_drizzles(command: Command, tmp_path: Path) -> None:
    repository = init(tmp_path)
    a_folder(tmp_path / "drizzle", {"0000_umlauts": "create table t (a varchar(3)); insert into t values ('äöü');"})
    repository.commit({"drizzle.config.ts": CONFIG})
    ran = command("verify", "--scratch", "embedded", env={"PGTZ": "nonsense", "PGCLIENTENCODING": "LATIN1"})
    assert ran.code == 0, ran.out
