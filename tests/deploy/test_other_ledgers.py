"""Ledgers besides the configured one, on a real server: found in one look, and with a way out that works."""

import re
from dataclasses import replace

import pytest

from migcheck.drizzle.ledger import LedgerName, LedgerRow
from migcheck.facts.target.judged import Target
from migcheck.facts.target.read_target import read_target
from migcheck.postgres.target.address import parse_address
from tests.support.command import Command
from tests.support.folders import a_folder, add_migration
from tests.support.repositories import GitRepository
from tests.support.target_server import Database, TargetServer

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("lent_scratch")]

COLUMNS = "id serial primary key, hash text not null, created_at bigint"
OLD = LedgerName("public")


def look(app: Database) -> Target:
    return read_target(parse_address(app.url), LedgerName())


def others(app: Database) -> dict[str, tuple[LedgerRow, ...]]:
    return {str(each.name): each.rows for each in look(app).other_ledgers}


def test_tables_that_look_like_ledgers_are_read(app: Database) -> None:
    app.run(
        f"create table __drizzle_migrations ({COLUMNS})",
        f"create table empty_one ({COLUMNS})",
        f"create table files ({COLUMNS}, size bigint)",
        "create table odd (id uuid, hash text, created_at bigint)",
        "create table loose (id integer, hash text, created_at bigint)",
        'create schema "A b"',
        f'create table "A b".upgraded ({COLUMNS}, name text, applied_at timestamptz)',
        "insert into __drizzle_migrations (hash, created_at) values ('a', 2), ('b', null)",
        "insert into \"A b\".upgraded (hash, created_at, name) values ('c', 3, 'n')",
        "insert into loose values (null, null, 4)",
    )
    expected = {
        "public.__drizzle_migrations": (LedgerRow(1, "a", 2), LedgerRow(2, "b", None)),
        "A b.upgraded": (LedgerRow(1, "c", 3, "n"),),
        "public.loose": (LedgerRow(0, "", 4),),
    }
    assert others(app) == expected
    app.run("create schema drizzle", f"create table drizzle.__drizzle_migrations ({COLUMNS})")
    assert others(app) == expected


def test_what_may_not_be_read_or_is_locked_is_left_alone_and_told(app: Database, target_server: TargetServer) -> None:
    app.run(f"create table old ({COLUMNS})", "insert into old (hash, created_at) values ('a', 2)")
    target_server.admin.run(f"create role {app.name}_reader login password 'pw'")
    reader = Database(app.port, app.name, f"{app.name}_reader", "pw")
    assert (others(reader), look(reader).unread_ledgers) == ({}, ("public.old",))
    with app.connect() as holder, holder.transaction():
        holder.execute("lock table old in access exclusive mode")
        assert (others(app), look(app).unread_ledgers) == ({}, ("public.old",))
    assert (list(others(app)), look(app).unread_ledgers) == (["public.old"], ())


def test_a_deploy_says_which_it_did_not_read(
    a_repo: GitRepository, app: Database, command: Command, target_server: TargetServer
) -> None:
    a_folder(a_repo / "drizzle", {"0000_users": "create table users (id int);"}, snapshots=False)
    a_repo.commit(message="Add migrations")
    admin = replace(target_server.admin, name=app.name)
    admin.run(f"create table __drizzle_migrations ({COLUMNS})", "insert into __drizzle_migrations values (1, 'a', 2)")
    ran = command("apply", "drizzle", cwd=a_repo.top, env={"DATABASE_URL": app.url})
    told = "not read: the rows of what looks like a ledger: public.__drizzle_migrations"
    assert (ran.code, told in " ".join(ran.out.split())) == (0, True), ran


@pytest.mark.parametrize("begun", [False, True], ids=["no ledger", "an empty ledger"])
def test_the_way_out_that_is_printed_works(
    a_repo: GitRepository, app: Database, command: Command, *, begun: bool
) -> None:
    env = {"DATABASE_URL": app.url}
    a_folder(a_repo / "drizzle", {"0000_users": "create table users (id int);"}, snapshots=False)
    a_repo.commit(message="Add migrations")
    assert command("apply", "drizzle", cwd=a_repo.top, env=env).code == 0
    app.run("alter table drizzle.__drizzle_migrations set schema public")
    if begun:
        app.run(f"create table drizzle.__drizzle_migrations ({COLUMNS})")
    add_migration(a_repo / "drizzle", "0001_posts", "create table posts (id int);", snapshot=False)
    a_repo.commit(message="Add posts")
    ran = command("apply", "drizzle", cwd=a_repo.top, env=env)
    text = " ".join(ran.out.split())
    assert (ran.code, "error MC514 rows-in-another-ledger" in text) == (1, True), ran
    # That the tables are there as well follows from it, and is no step of its own.
    assert "fix: First what MC514 says" in text
    assert text.endswith("Next: see MC514 above (migcheck explain MC514)")
    last = command("status", "drizzle", cwd=a_repo.top, env=env).out.splitlines()[-1]
    assert last.endswith("which tells what to do with the rows of another (MC514)")
    found = re.search(r"or, where all that migrates keeps its rows in \S+, move them there: `(?P<sql>[^`]+)`", text)
    assert found is not None, text
    app.run(found["sql"])
    again = command("apply", "drizzle", cwd=a_repo.top, env=env)
    assert (again.code, "applied: 1 migration" in again.out, "MC514" in again.out) == (0, True, False), again


def test_status_tells_of_a_second_ledger_that_disagrees(a_repo: GitRepository, app: Database, command: Command) -> None:
    env = {"DATABASE_URL": app.url}
    a_folder(a_repo / "drizzle", {"0000_users": "create table users (id int);"}, snapshots=False)
    a_repo.commit(message="Add migrations")
    assert command("apply", "drizzle", cwd=a_repo.top, env=env).code == 0
    app.run("create table __drizzle_migrations as table drizzle.__drizzle_migrations")
    assert "MC514" not in command("status", "drizzle", cwd=a_repo.top, env=env).out
    app.run("delete from drizzle.__drizzle_migrations")
    ran = command("status", "drizzle", cwd=a_repo.top, env=env)
    told = (
        f"warning: public.__drizzle_migrations on 127.0.0.1:{app.port}/{app.name} has 1 migration of the folder that "
        "drizzle.__drizzle_migrations lacks: `migcheck verify` says so where that is in the way (MC514)"
    )
    assert told in " ".join(ran.out.split()), ran
    app.run("update __drizzle_migrations set hash = 'edited'")
    edited = (
        "has rows with the time of 1 migration of the folder, by other hashes, and drizzle.__drizzle_migrations lacks"
    )
    assert edited in " ".join(command("status", "drizzle", cwd=a_repo.top, env=env).out.split())
