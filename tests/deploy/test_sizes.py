"""`--target-sizes`: how large what is pending touches is on the target, over both ways there."""

import json
from pathlib import Path

import pytest

from migcheck.facts.target.read_told import read_told
from migcheck.facts.target.sizes import Size, Unsized
from migcheck.postgres.target.address import parse_address
from migcheck.route import Route, Transport
from tests.support.command import Command
from tests.support.deploys import tables
from tests.support.folders import a_folder, add_migration
from tests.support.repositories import GitRepository
from tests.support.standin import standin
from tests.support.target_server import Database

pytestmark = pytest.mark.server

USERS = """
    create table users (id int);
    insert into users select generate_series(1, 1000);
    create table "Odd one" (id int);
    create table parts (id int) partition by range (id);
    create table part_1 partition of parts for values from (0) to (500);
    create table part_2 partition of parts for values from (500) to (1000);
    insert into parts select generate_series(1, 999);
"""
BYTES = """
    select pg_total_relation_size('users'), pg_total_relation_size('part_1') + pg_total_relation_size('part_2')
"""
SEEN = ("public.users", 'public."Odd one"', "public.parts", "public.gone")


@pytest.mark.parametrize("transport", [Transport.TCP, Transport.WEBSOCKET])
def test_what_there_is_is_measured(app: Database, transport: Transport) -> None:
    # Whatever a role of its own may have: it is asked for by name.
    app.run(f"alter role {app.role} set quote_all_identifiers = on")
    app.run(USERS, "analyze users, parts, part_1, part_2")
    with standin(("127.0.0.1", app.port)) as proxy:
        address = parse_address(app.url, route=Route(transport, proxy.url))
        sizes, *_ = read_told(address, SEEN, (), lambda _line: None)
    [(users, parts)] = app.ask(BYTES)
    assert sizes == {
        "public.users": Size(1000, int(str(users))),
        'public."Odd one"': Size(None, 0, empty=True),
        "public.parts": Size(999, int(str(parts))),
    }


def test_what_has_grown_since_is_as_dense_as_it_was_and_of_what_was_empty_nobody_knows(app: Database) -> None:
    app.run("create table grown (id int); create table filled (id int)")
    app.run("insert into grown select generate_series(1, 10000)", "analyze grown, filled")
    app.run("insert into grown select generate_series(1, 30000)", "insert into filled values (1)")
    sizes, *_ = read_told(parse_address(app.url), ("public.grown", "public.filled"), (), lambda _line: None)
    assert not isinstance(sizes, Unsized)
    assert 39_000 < (sizes["public.grown"].rows or 0) < 41_000
    assert sizes["public.filled"].rows is None


def test_a_table_that_somebody_holds_is_not_waited_for(app: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("migcheck.facts.target.read_sizes.PATIENCE", 0.01)
    app.run(USERS)
    with app.connect() as other, other.transaction():
        other.execute("lock table users")
        sizes, *_ = read_told(parse_address(app.url), ("public.users",), (), lambda _line: None)
    assert sizes == Unsized("canceling statement due to lock timeout")


def test_nobody_is_asked_about_nothing() -> None:
    assert read_told(parse_address("postgresql://app@db.invalid/app"), (), (), lambda _line: None) == ({}, {}, "")


def test_the_command_shows_it_before_and_with_a_deploy(a_repo: GitRepository, app: Database, command: Command) -> None:
    a_folder(a_repo / "drizzle", {"0000_users": "create table users (id int);"}, snapshots=False)
    a_repo.commit(message="Add users")
    there = {"DATABASE_URL": app.url}
    assert command("apply", cwd=a_repo.top, env=there).code == 0
    app.run("insert into users select generate_series(1, 1000)", "analyze users")
    add_migration(a_repo / "drizzle", "0001_name", "alter table users add column name text;", snapshot=False)
    a_repo.commit(message="Add names")
    row = "  0001_name  public.users  ACCESS EXCLUSIVE  about 1,000 rows  64.0 kB"
    looked = command("verify", "--target-sizes", "--report", "report.json", cwd=a_repo.top, env=there)
    assert (looked.code, row in looked.out.splitlines()) == (0, True), looked
    [folder] = json.loads((Path(a_repo.top) / "report.json").read_text())["folders"]
    assert folder["target_sizes"] == [
        {"migration": "0001_name", "table": "public.users", "lock": "ACCESS EXCLUSIVE", "rows": 1000, "bytes": 65_536}
    ]
    ran = command("apply", "--target-sizes", cwd=a_repo.top, env=there)
    assert (ran.code, row in ran.out.splitlines(), tables(app)) == (0, True, ["users"]), ran


def test_without_a_target_that_is_told(a_repo: GitRepository, command: Command) -> None:
    a_folder(a_repo / "drizzle", {"0000_users": "create table users (id int);"}, snapshots=False)
    a_repo.commit(message="Add users")
    ran = command("verify", "--target-sizes", "--offline", cwd=a_repo.top)
    assert (ran.code, "sizes on the target are not known: there is no target" in ran.out) == (0, True), ran
