"""The gate `sql` offline, as a commit meets it: what is staged is read, by Squawk, and no server is started."""

import json
from pathlib import Path

import pytest
from tests.support.command import Command, Ran, migcheck
from tests.support.folders import a_folder, a_folder_1_0, add_migration
from tests.support.repositories import GitRepository

from migcheck.facts.lint import parsing
from migcheck.facts.lint.squawk import Unread

USERS = 'create table "users" ("id" integer, "name" varchar(20));'
HOOK = ("verify", "--offline", "--staged", "--if-changed")
WAIVER = """
[[waiver]]
code = "MC302"
migration = "0001_new"
reason = "no release reads it any more"
until = 2099-12-31
"""
SNAPSHOT_OF_USERS = {
    "public.users": {
        "name": "users",
        "schema": "",
        "columns": {
            "id": {"name": "id", "type": "integer", "primaryKey": False, "notNull": False},
            "name": {"name": "name", "type": "varchar(20)", "primaryKey": False, "notNull": False},
        },
    }
}


@pytest.fixture
def repo(a_repo: GitRepository) -> GitRepository:
    """A repository in which a migration with a snapshot has landed."""
    drizzle = a_folder(a_repo / "drizzle", {"0000_users": USERS})
    tell_tables(drizzle / "meta" / "0000_snapshot.json")
    a_repo.commit(message="Add users")
    return a_repo


def tell_tables(snapshot: Path) -> None:
    snapshot.write_text(json.dumps({**json.loads(snapshot.read_bytes()), "tables": SNAPSHOT_OF_USERS}))


def staged(repo: GitRepository, sql: str) -> GitRepository:
    add_migration(repo / "drizzle", "0001_new", sql)
    repo.git("add", ".")
    return repo


def found(ran: Ran) -> list[tuple[str, str, int]]:
    """Code, severity and line of what the gate `sql` found."""
    findings = [each for each in json.loads(ran.out)["findings"] if each["code"].startswith("MC3")]
    return [(each["code"], each["severity"], each["line"]) for each in findings]


def gate(ran: Ran) -> tuple[str, str]:
    [one] = [each for each in json.loads(ran.out)["gates"] if each["name"] == "sql"]
    return one["outcome"], one["reason"]


def test_a_commit_that_loses_values_is_stopped_until_somebody_means_it(repo: GitRepository, command: Command) -> None:
    staged(repo, '-- ü\nALTER TABLE "users" DROP COLUMN "name"\n--> statement-breakpoint\nselect 1')
    ran = command(*HOOK, cwd=repo.top)
    assert ran.code == 1
    assert (
        """error MC302 column-dropped
  drizzle/0001_new.sql:2
    0001_new drops the column name of public.users: its values are gone with it
    │ ALTER TABLE "users" DROP COLUMN "name"
    │ ACCESS EXCLUSIVE on public.users, held until the transaction ends, 1 statement later
    │ read by Squawk, not seen on a server
"""
        in ran.out
    )
    repo.write({"migcheck.toml": WAIVER})
    repo.git("add", ".")
    assert command(*HOOK, cwd=repo.top).code == 0


def test_an_index_as_drizzle_kit_writes_it_stops_nobody_but_where_the_table_is_large(
    repo: GitRepository, command: Command
) -> None:
    staged(repo, 'CREATE INDEX "by_name" ON "users" USING btree ("name");')
    ran = command(*HOOK, "--format", "json", cwd=repo.top)
    assert (ran.code, found(ran)) == (0, [("MC309", "warning", 1)])
    assert "its size is not known: there is no target" in ran.out
    repo.write({"migcheck.toml": '[sql]\nbig_tables = ["users"]\n'})
    repo.git("add", ".")
    ran = command(*HOOK, "--format", "json", cwd=repo.top)
    assert (ran.code, found(ran)) == (1, [("MC309", "error", 1)])
    repo.write({"migcheck.toml": '[sql]\nbig_tables = ["events"]\n'})
    repo.git("add", ".")
    assert found(command(*HOOK, "--format", "json", cwd=repo.top)) == []


def test_the_types_that_were_are_in_the_snapshot_of_base(repo: GitRepository, command: Command) -> None:
    """Whatever this change makes of that file."""
    staged(repo, 'ALTER TABLE "users" ALTER COLUMN "id" SET DATA TYPE bigint, ALTER "name" SET DATA TYPE text;')
    (repo / "drizzle" / "meta" / "0000_snapshot.json").write_text("{}")
    ran = command("verify", "--offline", "--format", "json", cwd=repo.top)
    assert found(ran) == []  # It is no snapshot now, so nothing is known.
    repo.git("checkout", "--", "drizzle/meta/0000_snapshot.json")
    ran = command(*HOOK, "--format", "json", cwd=repo.top)
    assert found(ran) == [("MC307", "warning", 1)]
    assert "id was integer, and is bigint" in ran.out


def test_the_views_that_were_are_in_the_snapshot_of_base(repo: GitRepository, command: Command) -> None:
    view = {"name": "adults", "schema": "public", "columns": {}, "definition": "select 1"}
    snapshot = repo / "drizzle" / "meta" / "0000_snapshot.json"
    snapshot.write_text(json.dumps({**json.loads(snapshot.read_bytes()), "views": {"public.adults": view}}))
    repo.commit(message="Tell of a view")
    staged(repo, "alter table adults drop column x;\nalter table others drop column x;")
    ran = command(*HOOK, "--format", "json", cwd=repo.top)
    assert found(ran) == [("MC302", "error", 2)]


def test_a_snapshot_that_cannot_be_read_is_not_without_tables(repo: GitRepository, command: Command) -> None:
    """What landed is all that is known then: a check that held, which one who knows of no table takes for none."""
    check = "ALTER TABLE users ADD CONSTRAINT c CHECK (name IS NOT NULL) NOT VALID, VALIDATE CONSTRAINT c;"
    add_migration(repo / "drizzle", "0001_check", check)
    snapshot = repo / "drizzle" / "meta" / "0001_snapshot.json"
    tables: object = {"t": {"name": "t", "columns": {}, "indexes": None}}
    snapshot.write_text(json.dumps({**json.loads(snapshot.read_bytes()), "tables": tables}))
    repo.commit(message="Merge it by hand")
    add_migration(repo / "drizzle", "0002_new", "ALTER TABLE users ALTER COLUMN name SET NOT NULL;")
    repo.git("add", ".")
    assert found(command(*HOOK, "--format", "json", cwd=repo.top)) == []


def test_a_snapshot_of_1_0(a_repo: GitRepository, command: Command) -> None:
    first, second = "20240101000000_users", "20240201000000_new"
    a_folder_1_0(a_repo / "drizzle", {first: USERS})
    snapshot = a_repo / "drizzle" / first / "snapshot.json"
    table = {"entityType": "tables", "schema": "public", "name": "users"}
    column = {"entityType": "columns", "schema": "public", "table": "users", "name": "id", "type": "integer"}
    snapshot.write_text(json.dumps({**json.loads(snapshot.read_bytes()), "ddl": [table, column]}))
    a_repo.commit(message="Add users")
    a_repo.write({f"drizzle/{second}/migration.sql": 'alter table "users" alter "id" type bigint;'})
    a_repo.git("add", ".")
    ran = command(*HOOK, "drizzle", "--format", "json", cwd=a_repo.top)
    assert found(ran) == [("MC307", "warning", 1)]


def test_what_landed_is_said_nothing_of(repo: GitRepository, command: Command) -> None:
    staged(repo, 'drop table "users";')
    repo.commit(message="Drop users")
    add_migration(repo / "drizzle", "0002_next", "select 1;")
    ran = command("verify", "--offline", "--format", "json", cwd=repo.top)
    assert (gate(ran), found(ran)) == (("judged", ""), [])


def test_nothing_starts_where_nothing_is_new(
    repo: GitRepository, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parsing, "print_tree", lambda _sql: pytest.fail("it was started"))
    ran = command("verify", "--offline", "--format", "json", cwd=repo.top)
    assert (gate(ran), found(ran)) == (("judged", ""), [])


def test_nothing_starts_where_nothing_has_landed(
    a_repo: GitRepository, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parsing, "print_tree", lambda _sql: pytest.fail("it was started"))
    a_folder(a_repo / "drizzle", {"0000_users": USERS, "0001_gone": "drop table users;"})
    a_repo.git("add", ".")
    assert gate(command(*HOOK, "--format", "json", cwd=a_repo.top)) == ("judged", "")


def test_what_runs_outside_of_a_transaction(repo: GitRepository, command: Command) -> None:
    staged(repo, 'create index concurrently if not exists "by_name" on "users" ("name");')
    ran = command(*HOOK, "--format", "json", cwd=repo.top)
    assert (ran.code, found(ran)) == (1, [("MC311", "error", 1)])
    repo.write({"migcheck.toml": '[[migration]]\ntag = "0001_new"\ntransaction = "none"\n'})
    repo.git("add", ".")
    ran = command(*HOOK, "--format", "json", cwd=repo.top)
    assert (ran.code, found(ran)) == (0, [])


def test_a_folder_that_was_begun_anew_is_another_matter(repo: GitRepository, command: Command) -> None:
    for each in (repo / "drizzle").rglob("*.*"):
        each.unlink()
    a_folder(repo / "drizzle", {"0000_all": USERS + "drop table other;"})
    repo.git("add", ".")
    ran = command(*HOOK, "--format", "json", cwd=repo.top)
    assert gate(ran) == ("skipped", "--offline, and the folder was begun anew")


def test_without_git_nobody_knows_what_is_new(tmp_path: Path) -> None:
    a_folder(tmp_path / "drizzle", {"0000_users": USERS, "0001_new": "drop table users;"})
    ran = migcheck("verify", "drizzle", "--offline", "--format", "json", cwd=tmp_path)
    assert gate(ran) == ("skipped", "--offline, and what is new is not known")


def test_where_there_is_no_squawk_the_gate_is_skipped(
    repo: GitRepository, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parsing, "print_tree", lambda _sql: Unread("--offline, and there is none"))
    staged(repo, "drop table users;")
    ran = command(*HOOK, "--format", "json", cwd=repo.top)
    assert (ran.code, gate(ran)) == (0, ("skipped", "--offline, and there is none"))


@pytest.mark.parametrize(("code", "unused"), [("MC332", False), ("MC101", True)])
def test_a_waiver_of_what_only_a_rehearsal_sees_is_not_called_unused(
    repo: GitRepository, command: Command, code: str, *, unused: bool
) -> None:
    repo.write({"migcheck.toml": WAIVER.replace("MC302", code)})
    ran = command(*HOOK, cwd=staged(repo, "select pg_advisory_lock(42);").top)
    assert (ran.code, "MC001" in ran.out) == (0, unused), ran.out
