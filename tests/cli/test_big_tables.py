"""Tables that the configuration calls large, and that nobody has."""

import json

import pytest
from tests.support.command import Command, Ran
from tests.support.copies import record
from tests.support.folders import a_folder, add_migration
from tests.support.repositories import GitRepository
from tests.support.target_server import Database

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("lent_scratch")]

BASE = """
create table users (id int);
create table "Odd Ones" (id int);
create schema app;
create table app.parts (id int) partition by range (id);
create table app.parts_1 partition of app.parts default;
create materialized view sums as select count(*) from users;
"""


@pytest.fixture
def repo(a_repo: GitRepository) -> GitRepository:
    """A repository where some tables have landed, and a migration is new."""
    a_folder(a_repo / "drizzle", {"0000_base": BASE}, snapshots=False)
    a_repo.commit(message="Add tables")
    add_migration(a_repo / "drizzle", "0001_new", "create table notes (id int);", snapshot=False)
    return a_repo


def told(ran: Ran) -> list[tuple[str, str]]:
    findings = [each for each in json.loads(ran.out)["findings"] if each["code"] == "MC328"]
    assert all(each["file"] == "migcheck.toml" and each["severity"] == "warning" for each in findings)
    return [(each["message"].split()[4].strip(","), each["fix"]) for each in findings]


def big(repo: GitRepository, *names: str) -> None:
    repo.write({"migcheck.toml": f"[sql]\nbig_tables = {json.dumps(names)}\n"})


def test_one_that_nothing_makes_is_told(repo: GitRepository, command: Command) -> None:
    big(repo, "users", "public.users", "Odd Ones", "app.parts", "app.parts_1", "sums", "notes", "user", "parts")
    assert told(command("verify", "--format", "json", cwd=repo.top)) == [
        ("user", "Did you mean public.users?"),
        ("parts", "Did you mean app.parts?"),
    ]


def test_one_that_the_target_alone_has_is_known(repo: GitRepository, command: Command, app: Database) -> None:
    app.run('create table theirs (id int); create table "Their Own" (id int)')
    big(repo, "theirs", "Their Own", "nobodys_at_all", "eventz")
    ran = command("verify", "--format", "json", cwd=repo.top, env={"DATABASE_URL": app.url})
    # That both are of one schema does not make two names alike.
    assert told(ran) == [(name, "Take it out, or correct its name.") for name in ("nobodys_at_all", "eventz")]


def test_what_a_baseline_of_comments_stands_for_only_the_target_knows(
    repo: GitRepository, command: Command, app: Database
) -> None:
    a_folder(repo / "drizzle", {"0000_base": "-- create table orders (id int);", "0001_new": BASE}, snapshots=False)
    big(repo, "orders")
    assert told(command("verify", "--format", "json", cwd=repo.top)) == []
    ran = command("verify", "--format", "json", cwd=repo.top, env={"DATABASE_URL": app.url})
    assert [name for name, _ in told(ran)] == ["orders"]


def test_one_made_on_a_copy_of_the_target_is_known(repo: GitRepository, command: Command, app: Database) -> None:
    app.run(BASE)
    record(app, {"0000_base": BASE})
    big(repo, "users", "notes", "nobodys")
    config = (repo / "migcheck.toml").read_text()
    repo.write({"migcheck.toml": f'[scratch]\nstart_from = "target"\n{config}'})
    ran = command("verify", "--format", "json", cwd=repo.top, env={"DATABASE_URL": app.url})
    assert [name for name, _ in told(ran)] == ["nobodys"]


def test_the_partitions_of_a_large_table_are_large(repo: GitRepository, command: Command) -> None:
    add_migration(repo / "drizzle", "0002_more", "create index by_id on app.parts_1 (id);", snapshot=False)
    big(repo, "app.parts")
    why = "big_tables names app.parts, of which it is a partition"
    for more in ((), ("--offline",)):
        found = json.loads(command("verify", "--format", "json", *more, cwd=repo.top).out)["findings"]
        [one] = [each for each in found if each["code"] == "MC309"]
        assert (one["severity"], one["message"].rpartition("; ")[2]) == ("error", why)


def test_of_several_folders_nobody_knows_whose_it_is(repo: GitRepository, command: Command) -> None:
    big(repo, "theirs")
    a_folder(repo / "other/drizzle", {"0000_theirs": "create table theirs (id int);"}, snapshots=False)
    repo.git("add", ".")
    assert told(command("verify", "drizzle", "--format", "json", cwd=repo.top)) == []
