"""A copy of the target: its whole schema and its ledger, and what is told of what it cannot hold."""

import psycopg
import pytest

from migcheck.errors import UndecidableError
from migcheck.facts.copy import Copy
from migcheck.facts.replay.restore import CopyError
from migcheck.postgres.catalogue import difference, read_catalogue
from tests.support.copies import NAME, copy_of, record, restored, scratch_like
from tests.support.servers import Servers
from tests.support.target_server import Database, TargetServer

pytestmark = pytest.mark.server

SCHEMA = """
    create extension pg_trgm;
    create type mood as enum ('sad', 'ok');
    create domain positive as int check (value > 0);
    create table users (id int generated always as identity primary key, name text not null, mood mood default 'ok');
    create table posts (id serial primary key, author int references users, words text, size positive);
    create index words on posts using gin (words gin_trgm_ops);
    create view names as select name from users;
    create materialized view sizes as select count(*) from posts;
    create schema app;
    create sequence app.numbers start 7;
    create function app.quoted() returns text language plpgsql as $body$ begin /*
\\restrict nobody
    */    return 'a;b'; end $body$;
    create function app.later() returns int begin atomic; select 1; select case when true then 2 end; end;
    create table app.parts (at date) partition by range (at);
    create table app.part partition of app.parts for values from ('2020-01-01') to ('2021-01-01');
    comment on table users is 'it''s -- theirs';
    alter table users enable row level security;
    create policy own on users to {role} using (name = current_user);
    grant select on users to {role};
    alter default privileges in schema public grant select on tables to {role};
"""
OF_SCRATCH = {
    "+ revoke on database from public connect, temporary",
    "~ extension plpgsql: owner postgres -> owner migcheck_admin",
}
"""What any database of scratch has otherwise."""
LANDED = {"0000_a": "select 1;", "0001_b": "select 2;"}


@pytest.fixture
def reader(app: Database, target_server: TargetServer) -> str:
    """A role of the target's server with a name that has to be quoted."""
    role = f"{app.name} $migcheck$ 'reader'"
    target_server.admin.run(f'create role "{role}"')
    return role


def test_it_has_the_whole_schema(servers: Servers, app: Database, target_server: TargetServer, reader: str) -> None:
    app.run(SCHEMA.format(role=f'"{reader}"'))
    record(app, LANDED)
    copy = copy_of(app)
    with scratch_like(servers, target_server.major, copy) as server:
        assert restored(server, copy) == []
        with server.connect("copied") as owner, server.connect_admin("copied") as admin, app.connect() as target:
            there = read_catalogue(target, leave_out=NAME)
            here = read_catalogue(admin, leave_out=NAME, owner=owner.info.user)
            assert set(difference(there, here)) == OF_SCRATCH
            owner.execute("create table later (id int)")
            [(granted,)] = owner.execute("select relacl::text from pg_class where relname = 'later'").fetchall()
            assert "reader" in str(granted)
            owner.execute("create unique index on sizes (count)")
            owner.execute("refresh materialized view concurrently sizes")


def test_it_has_the_ledger_with_its_numbers(servers: Servers, app: Database, target_server: TargetServer) -> None:
    record(app, LANDED)
    app.run(
        f"alter table {NAME} add column note text default 'by hand'",
        f"update {NAME} set id = 40 where id = 2",
        f"select setval('{NAME}_id_seq', 41)",
    )
    rows = f"select * from {NAME} order by id"
    copy = copy_of(app)
    with scratch_like(servers, target_server.major, copy) as server:
        restored(server, copy)
        with server.connect("copied") as owner:
            assert owner.execute(rows.encode()).fetchall() == app.ask(rows)
            new = f"insert into {NAME} (hash) values ('x') returning id"
            assert owner.execute(new.encode()).fetchall() == [(42,)]
    assert (copy.rows, "'by hand'" in copy.sql) == (2, True)


def test_no_other_row_is_read(app: Database) -> None:
    app.run("create table secrets (id int, word text)", "insert into secrets values (1, 'swordfish')")
    copy = copy_of(app)
    assert "secrets" in copy.sql
    assert "swordfish" not in repr(copy)


def test_what_leads_outside_is_left_out(servers: Servers, app: Database, target_server: TargetServer) -> None:
    admin = Database(app.port, app.name, "postgres", target_server.password)
    admin.run(
        "create extension postgres_fdw; create server other foreign data wrapper postgres_fdw",
        f"create user mapping for {app.role} server other options (password 'swordfish')",
        "create foreign table far (id int) server other",
        "create function ended() returns event_trigger language plpgsql as 'begin end'",
        "create event trigger on_end on ddl_command_end execute function ended()",
        "create publication all_of_it for all tables",
    )
    app.run("create table users (id int)")
    copy = copy_of(app)
    with scratch_like(servers, target_server.major, copy) as server:
        without = ["extension postgres_fdw", "server other", "foreign table public.far", "event trigger on_end"]
        assert restored(server, copy) == without
        with server.connect("copied") as owner:
            assert owner.execute("select from users").fetchall() == []


def test_a_schema_that_needs_an_extension_goes_to_a_server_that_has_it(servers: Servers, app: Database) -> None:
    app.run("create extension citext", "create table users (name citext)")
    copy = copy_of(app)
    with pytest.raises(CopyError, match="without its extension citext: 42704 type") as refused:
        restored(servers.of("embedded", 16), copy)
    assert refused.value.setting == "image"
    assert restored(servers.of("embedded", 17), copy) == []


def test_a_target_without_the_schema_public(servers: Servers, app: Database) -> None:
    app.run("drop schema public", "create schema app", f"alter role {app.role} set search_path = app")
    copy = copy_of(app)
    assert copy.search_path == "app"
    server = servers.of("embedded", 17)
    restored(server, copy)
    with server.connect("copied") as owner:
        assert owner.execute("select from pg_namespace where nspname = 'public'").fetchall() == []


def test_the_schema_of_who_deploys_is_found(app: Database) -> None:
    assert copy_of(app).search_path == f"{app.role}, public"


def test_an_older_server_cannot_hold_it(servers: Servers) -> None:
    copy = Copy("db", 180_000, "app", "create table users (id int);")
    with pytest.raises(UndecidableError, match=r"PostgreSQL 17 is older than the target's 18"):
        restored(servers.of("embedded", 17), copy)


def test_a_newer_programs_settings_are_passed_over(servers: Servers) -> None:
    copy = Copy("db", 160_000, "app", "SET transaction_timeout = 0;\nCREATE TABLE users (id int);")
    assert restored(servers.of("embedded", 16), copy) == []


@pytest.mark.parametrize("line", ["\\! touch /tmp/never", "\\copy users from '/etc/passwd'"])
def test_what_is_for_psql_is_refused(servers: Servers, line: str) -> None:
    copy = Copy("db", 170_000, "app", f"CREATE TABLE users (id int);\n{line}\n")
    with pytest.raises(CopyError, match="42601 syntax error"):
        restored(servers.of("embedded", 17), copy)


def test_the_roles_leave_a_server_that_a_url_names(
    own_servers: Servers, app: Database, target_server: TargetServer
) -> None:
    target_server.admin.run("create role editors", "create role strangers", f"grant editors to {app.role}")
    copy = copy_of(app)
    host = own_servers.of("embedded", 17)
    there = "select rolname from pg_roles where rolname in ('editors', 'strangers')"
    with own_servers.another("dsn", 17, prelude=copy.prelude) as server:
        restored(server, copy)
        with server.connect("copied") as owner:
            owner.execute("set role editors")
            owner.execute("reset role")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                owner.execute("set role strangers")
    with host.connect_admin("postgres") as admin:
        assert admin.execute(there.encode()).fetchall() == []
