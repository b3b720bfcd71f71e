"""`--start-from target` as it is typed: the way out where old files build nothing, and what is told of it."""

import json
from pathlib import Path

import pytest

from tests.support.command import Command, Ran
from tests.support.copies import record
from tests.support.deploys import ledger_rows, tables
from tests.support.folders import a_folder, add_migration
from tests.support.repositories import GitRepository, init
from tests.support.target_server import Database

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("lent_scratch")]

# The table was made by hand, before there was a folder.
OLD = {"0000_start": "alter table users add column name text;"}
TARGET = '[scratch]\nstart_from = "target"\nkind = "dsn"\n'
FILES = ("--start-from", "files", "--scratch", "dsn")
START = ("--start-from", "target", "--scratch", "dsn")


@pytest.fixture
def repo(tmp_path: Path, app: Database) -> GitRepository:
    """A folder whose first file alters a table that no file makes, and a target that has both."""
    app.run("create table users (id int primary key, name text)")
    record(app, OLD)
    repository = init(tmp_path)
    a_folder(tmp_path / "drizzle", OLD, snapshots=False)
    repository.commit(message="Add migrations")
    add_migration(tmp_path / "drizzle", "0001_city", "alter table users add column city text;", snapshot=False)
    repository.commit(message="Add a city")
    return repository


def replayed(ran: Ran) -> dict[str, str]:
    """What gate `replay` says."""
    (replay,) = [each for each in json.loads(ran.out)["gates"] if each["name"] == "replay"]
    return {name: replay[name] for name in ("outcome", "reason", "remedy")}


@pytest.mark.usefixtures("repo")
def test_what_old_files_cannot_build_the_target_has(command: Command, app: Database) -> None:
    env = {"DATABASE_URL": app.url}
    stuck = command("verify", *FILES, env=env)
    assert (stuck.code, "cannot be built on an empty database: 42P01" in stuck.out) == (3, True), stuck

    looked = command("verify", *START, env=env)
    where = f"127.0.0.1:{app.port}/{app.name}"
    assert looked.code == 0, looked
    told = " ".join(looked.out.split())
    assert f"starts from: a copy of the schema of {where} (PostgreSQL " in told
    assert ") with 1 ledger row and no other rows, made by pg_dump " in told
    assert "fresh not run: the rehearsal starts from the target" in told
    assert looked.out.endswith("Next: migcheck apply --scratch dsn --start-from target\n")
    assert app.password not in looked.out + looked.err

    ran = command("apply", *START, env=env)
    assert (ran.code, len(ledger_rows(app))) == (0, 2), ran
    assert "rehearsed, but" not in ran.out
    again = command("apply", *START, env=env)
    assert (again.code, "nothing to do: " in again.out) == (0, True), again


def test_it_is_configured_and_undone_for_once(command: Command, repo: GitRepository, app: Database) -> None:
    base = repo.head
    repo.commit({"migcheck.toml": TARGET}, message="Start from the target")
    env = {"DATABASE_URL": app.url}
    ran = command("verify", "--base", base, "--format", "json", env=env)
    (folder,) = json.loads(ran.out)["folders"]
    assert ran.code == 0, ran
    assert "migcheck.toml: scratch.start_from: (not set) -> target" in folder["judge_changes"]
    assert folder["scratch"]["starts_from"].startswith(f"a copy of the schema of 127.0.0.1:{app.port}/{app.name} (")
    assert (folder["scratch"]["left_out"], len(folder["catalogue_change"])) == ([], 1)
    assert command("verify", "--start-from", "files", env=env).code == 3

    without = replayed(command("verify", "--format", "json"))
    assert without["reason"] == "the rehearsal is to start from the target, and DATABASE_URL is not set"
    assert without["remedy"] == "set DATABASE_URL, or rehearse from the files: --start-from files"
    command("status", "--format", "json", "--output", "ledger.json", env=env)
    given = replayed(command("verify", "--ledger", "ledger.json", "--format", "json"))
    assert given["reason"] == "the rehearsal is to start from the target, and a --ledger file brings no schema"
    gone = replayed(command("verify", "--format", "json", env={"DATABASE_URL": f"{app.url}_gone"}))
    assert gone["reason"] == "the rehearsal is to start from the target, and it cannot be read"


@pytest.mark.usefixtures("repo")
def test_a_clearance_carries_it_to_a_deploy(command: Command, app: Database) -> None:
    env = {"DATABASE_URL": app.url}
    assert command("verify", *START, "--clearance", "cleared.json", env=env).code == 0
    ran = command("apply", "--clearance", "cleared.json", env=env)
    assert (ran.code, tables(app), len(ledger_rows(app))) == (0, ["users"], 2), ran


@pytest.mark.usefixtures("repo")
def test_drift_blocks_before_the_deploy(command: Command, app: Database) -> None:
    app.run("alter table users add column city text")
    ran = command("apply", *START, env={"DATABASE_URL": app.url})
    assert (ran.code, len(ledger_rows(app))) == (1, 1), ran
    assert 'drizzle/0001_city.sql:1: 42701 column "city" of relation "users" already exists' in " ".join(
        ran.out.split()
    )
    assert "fix: The target has it otherwise." in " ".join(ran.out.split())


def test_a_row_whose_file_nobody_has_is_no_hindrance(command: Command, repo: GitRepository, app: Database) -> None:
    app.run("update drizzle.__drizzle_migrations set hash = 'gone', created_at = created_at - 1")
    assert repo.head
    ran = command("verify", *START, "--format", "json", env={"DATABASE_URL": app.url})
    assert replayed(ran)["outcome"] == "judged", ran


@pytest.mark.usefixtures("repo")
def test_the_configuration_takes_two_words(command: Command, tmp_path: Path) -> None:
    (tmp_path / "migcheck.toml").write_text(TARGET.replace('"target"', '"production"'))
    ran = command("verify")
    assert (ran.code, "scratch.start_from: " in ran.err) == (2, True), ran
    assert command("verify", "--start-from", "production").code == 2


def test_a_prelude_is_not_run(command: Command, repo: GitRepository, app: Database) -> None:
    """The target has what it stands for."""
    files = {"migcheck.toml": TARGET + 'prelude = "prelude.sql"\n', "prelude.sql": "create table users (id int);"}
    repo.commit(files, message="Have a prelude")
    assert command("verify", "--base", "HEAD", env={"DATABASE_URL": app.url}).code == 0


def test_what_looks_first_runs_over_what_is_there_where_a_copy_has_shown_it(
    command: Command, tmp_path: Path, app: Database
) -> None:
    """Without a row in the ledger nobody knows what of it ran before: words alone prove nothing."""
    app.run("create table notes (id int primary key)", "insert into notes values (1)")
    looks = "create table if not exists notes (id int primary key); alter table notes add if not exists body text;"
    repository = init(tmp_path)
    a_folder(tmp_path / "drizzle", {"0000_notes": looks}, snapshots=False)
    repository.commit(message="Add migrations")
    env = {"DATABASE_URL": app.url}
    met = command("apply", *FILES, env=env)
    told = " ".join(met.out.split())
    assert (met.code, "error MC513" in told, "`--start-from target` rehearses that" in told) == (1, True, True), met
    assert "already has 1 of the tables that pending migrations make and has no row in its ledger" in told

    ran = command("apply", *START, env=env)
    assert (ran.code, "MC513" in ran.out, app.ask("select * from notes")) == (0, False, [(1, None)]), ran
