"""What a refusal says that scratch lacks, and what is the fault of the migration itself."""

from functools import partial

import pytest

from migcheck.drizzle.ledger import LedgerName
from migcheck.facts.replay.lacking import lack_of
from migcheck.facts.replay.rehearse import is_of_what_all_share
from migcheck.facts.replay.unbuildable import UnbuildableBaseError
from migcheck.postgres.running.failure import SqlFailure
from tests.support.growth import LINEAR, growth
from tests.support.rehearsals import folder_of

USERS = "create table users (id serial primary key, name text);"


def remedy(sqlstate: str, message: str, *sql: str, major: int = 17, statement: str = "") -> str:
    failure = SqlFailure("0000_a", "drizzle/0000_a.sql", 1, statement, sqlstate, message)
    folder = folder_of({f"{number:04d}": text for number, text in enumerate(sql)})
    lack = lack_of(failure, folder.migrations, major, LedgerName())
    return lack.remedy if lack else ""


# To be named is not to be made.
REFERS = """
create table profiles (id uuid references auth.users (id), at vector default uuid_generate_v4());
create index i on auth.users (id); create table auth.profiles (); create extension citext with schema auth;
create policy p on profiles to authenticated using (auth.uid() = id); create view v as select * from auth.users;
grant select on profiles to app; create schema authorization_of; create extension hstore schema auth;
alter publication outbox add table profiles; create server near foreign data wrapper postgres_fdw;
create foreign table f (id int) server far; create materialized view w tablespace fast as select 1;
create schema far; create table outbox (); create view fast (a); create type hnsw as enum (); create table app ();
"""


@pytest.mark.parametrize(
    ("sqlstate", "message", "name"),
    [
        ("42P01", 'relation "posts" does not exist', "posts"),
        ("42704", 'type "kind" does not exist', "kind"),
        ("42883", "function one(integer) does not exist", "one"),
        ("42P01", 'relation "users" does not exist', ""),
        ("42P01", 'relation "later" does not exist', ""),
        ("42P01", 'relation "app.posts" does not exist', ""),
    ],
)
def test_what_an_earlier_migration_made_in_a_schema_may_be_on_the_search_path(
    sqlstate: str, message: str, name: str
) -> None:
    made = "create type app.kind as enum (); create function app.one(int) returns int return 1;"
    tables = 'create table if not exists "app"."posts" (id int); create table public.users ();'
    sql = {"0000_made": made, "0001_tables": tables, "0002_a": "", "0003_later": "create table app.later ();"}
    error = UnbuildableBaseError(SqlFailure("0002_a", "a.sql", 1, "", sqlstate, message), folder_of(sql).migrations)
    told = (
        f"app.{name} was made before it: where production's search_path leads there, set "
        '`search_path = "app, public"` under [scratch] in migcheck.toml; else fix 0002_a'
    )
    assert error.remedy.startswith(told if name else "fix 0002_a")


@pytest.mark.parametrize(
    ("sqlstate", "message", "said"),
    [
        ("0A000", 'extension "vector" is not available', 'image = "pgvector/pgvector:pg17"'),
        ("0A000", 'extension "postgis" is not available', 'image = "postgis/postgis:17-3.5"'),
        ("0A000", 'extension "uuid-ossp" is not available', 'image = "postgres:17"'),
        ("0A000", 'extension "xml2" is not available', 'image = "postgres:17"'),
        ("0A000", 'extension "pg_trgm" is not available', 'image = "postgres:17"'),
        ("42704", 'type "strng" does not exist', "where it is a slip of the pen, correct the name"),
        ("0A000", 'extension "pg_cron" is not available', "one that carries pg_cron"),
        ("58P01", 'could not open extension control file "/x/extension/vector.control": No such file', "pgvector"),
        ("58P01", 'could not access file "$libdir/timescaledb": No such file or directory', "timescale/timescaledb:"),
        ("58P01", 'could not access file "$libdir/postgis-3": No such file or directory', "postgis/postgis:17-3.5"),
        (
            "58P01",
            'could not access file "$libdir/rtpostgis-3": No such file or directory',
            "that carries postgis_raster",
        ),
        ("58P01", 'could not access file "$libdir/_int": No such file or directory', 'image = "postgres:17"'),
        ("42501", 'permission denied to create extension "vector"', 'extensions = ["vector"]'),
        ("42501", "permission denied to create role", "do it in a prelude.sql, and let the migration look first"),
        ("42501", 'must be able to SET ROLE "app"', "do it in a prelude.sql, and let the migration look first"),
        ("42501", "permission denied to drop objects", "do it in a prelude.sql, and let the migration look first"),
        ("42501", "permission denied to reassign objects", "do it in a prelude.sql, and let the migration look first"),
        ("42501", 'permission denied to create foreign-data wrapper "w"', "make it in a prelude.sql, and let the"),
        ("42501", 'permission denied to create tablespace "t"', "prelude.sql, and take it out of the migration"),
        (
            "42501",
            'permission denied to create event trigger "x"',
            "prelude.sql, and let the migration look first whether",
        ),
        ("42501", "must be superuser to create FOR TABLES IN SCHEMA publication", "look first whether it is there"),
        ("42501", "must be superuser to create subscriptions", "look first whether it is there (IF in a DO block): a"),
        ("42501", "permission denied to create database", "prelude.sql, and take it out of the migration"),
        ("42501", "permission denied for foreign server far", "`grant all on foreign server far to pg_database_owner`"),
        ("42501", "must be owner of foreign server far", "`alter server far owner to pg_database_owner`"),
        ("42501", "permission denied for tablespace fast", "`grant all on tablespace fast to pg_database_owner`"),
        (
            "42501",
            "permission denied for foreign-data wrapper file_fdw",
            "`grant all on foreign data wrapper file_fdw ",
        ),
        ("42501", "permission denied for schema auth", "`grant all on schema auth to pg_database_owner`"),
        ("42501", "must be owner of schema auth", "`alter schema auth owner to pg_database_owner`"),
        ("42704", 'role "authenticated" does not exist', '`provider = "neon"` or `provider = "supabase"`'),
        ("42704", 'type "vector" does not exist', 'create extension "vector"'),
        ("42704", 'collation "en-x-icu" for encoding "UTF8" does not exist', "prelude.sql"),
        ("3F000", 'schema "auth" does not exist', 'set `provider = "supabase"` under [[folder]] in migcheck.toml'),
        ("42883", "function auth.uid() does not exist", "make it in a prelude.sql"),
        ("42883", "procedure nobodys(integer) does not exist", "make it in a prelude.sql"),
        ("42883", "function uuid_generate_v4() does not exist", 'create extension "uuid-ossp"'),
        ("42P01", 'relation "auth.users" does not exist', "make it in a prelude.sql"),
        ("42704", 'role "app" does not exist', "make it in a prelude.sql"),
        ("42704", 'publication "supabase_realtime" does not exist', '`provider = "supabase"`'),
        ("42704", 'publication "outbox" does not exist', "make it in a prelude.sql"),
        (
            "42704",
            'foreign-data wrapper "postgres_fdw" does not exist',
            "(behind what makes it, `grant all on foreign data wrapper postgres_fdw to pg_database_owner;`)",
        ),
        ("42704", 'server "far" does not exist', "`grant all on foreign server far to pg_database_owner;`)"),
        (
            "42704",
            'tablespace "fast" does not exist',
            "(on 15 and newer `set allow_in_place_tablespaces = on; create tablespace fast location ''; grant all",
        ),
        ("42704", 'text search dictionary "unaccent" does not exist', 'create extension "unaccent"'),
        ("42704", 'access method "hnsw" does not exist', 'create extension "vector"'),
        ("42704", 'operator class "gin_trgm_ops" does not exist for access method "gin"', 'create extension "pg_trgm"'),
        (
            "42704",
            'data type text has no default operator class for access method "gin"',
            'name the one that is meant (`.op("…")` in the schema); where it is that of btree_gin, make it in',
        ),
    ],
)
def test_each_lack_has_one_remedy(sqlstate: str, message: str, said: str) -> None:
    told = remedy(sqlstate, message, USERS, REFERS)
    assert said in told
    # No major from 16 on lets an owner do more than the one before.
    assert "`major`" not in told


@pytest.mark.parametrize("message", ["permission denied to create role", 'must be member of role "app"'])
def test_before_16_no_owner_makes_roles(message: str) -> None:
    newer = "set `image` or `major` (16 and newer let an owner create roles) under [scratch] in migcheck.toml, or do it"
    assert remedy("42501", message, USERS, major=15).startswith(newer)
    assert not remedy("42501", message, USERS, major=16).startswith("set")


@pytest.mark.parametrize(
    "message",
    [
        "must be superuser to create superusers",
        "must be superuser to alter superuser roles or change superuser attribute",
        "must be superuser to alter superusers",
        "must be superuser to create replication users",
        "must be superuser to alter replication roles or change replication attribute",
    ],
)
def test_a_role_that_only_a_superuser_makes_is_lacked_on_every_major(message: str) -> None:
    """From 16 on the server refuses it as every other role; there the owner may make no such role either."""
    told = remedy("42501", message, USERS, major=15)
    assert told == remedy("42501", "permission denied to create role", USERS, major=16)
    assert told.startswith("do it in a prelude.sql, and let the migration look first")


@pytest.mark.parametrize(
    ("sqlstate", "message", "sql"),
    [
        ("0A000", "cannot alter type of a column used by a view or rule", USERS),
        (
            "42501",
            "must be superuser or have privileges of the pg_execute_server_program role to COPY to or from",
            USERS,
        ),
        ("42501", "must be owner of event trigger watch", USERS),
        ("42501", "must be owner of foreign-data wrapper file_fdw", USERS),
        ("42501", "permission denied for foreign server near", "create server near foreign data wrapper a;"),
        ("42501", "permission denied for schema app", 'create schema "app";'),
        ("42704", 'type "status" does not exist', "alter table a add s status;--> x\ncreate type status as enum ();"),
        ("42704", 'role "reader" does not exist', "grant select on a to reader; create role reader;"),
        ("42704", 'index "users_name" does not exist', "drop index users_name;"),
        ("42704", 'publication "outbox" does not exist', "create publication outbox for table users;"),
        ("42704", 'server "far" does not exist', "create server if not exists far foreign data wrapper near;"),
        ("42704", 'foreign-data wrapper "near" does not exist', "create foreign data wrapper near;"),
        ("42704", 'access method "hnsw" does not exist', "create extension vector schema extensions;"),
        ("3F000", 'schema "app" does not exist', "create schema if not exists app;"),
        ("42883", "operator does not exist: text = integer", USERS),
        ("42883", "could not identify an equality operator for type json", USERS),
        ("42883", "could not identify a comparison function for type json", USERS),
        ("42704", 'role "my role" does not exist', 'create role "my role";'),
        ("42704", 'data type json has no default operator class for access method "gin"', USERS),
        (
            "42704",
            'data type text has no default operator class for access method "gist"',
            "create extension if not exists btree_gist;",
        ),
        (
            "42883",
            "function total(text) does not exist",
            "create or replace function public.total(int)",
        ),
        ("42883", "function public.total(text) does not exist", "create function total(int)"),
        ("42P01", 'relation "public.posts" does not exist', USERS),
        ("42883", "function digest(integer, unknown) does not exist", "create extension pgcrypto;"),
        ("42704", 'type "state" does not exist', 'create type public."state" as enum (); create table t (s state);'),
        ("42704", 'type "state" does not exist', "alter type status rename to state;"),
        ("42704", 'type "email" does not exist', "CREATE DOMAIN email AS text;"),
        ("42P01", 'relation "posts" does not exist', USERS),
        ("42P01", 'relation "app.posts" does not exist', "create schema app;"),
        ("23505", "duplicate key value violates unique constraint", USERS),
    ],
)
def test_what_is_the_migrations_own_fault_is_no_lack(sqlstate: str, message: str, sql: str) -> None:
    assert remedy(sqlstate, message, sql) == ""


# The server names no schema; `users` is made by the folder as well.
NOT_ITS_OWN = "alter table profiles add foreign key (id) references {}users (id)"


CUT = "alter table profiles add constraint a_long_name foreign key (id) refer…"


@pytest.mark.parametrize("of", ["auth.", '"auth" . "'])
def test_what_a_statement_wants_of_a_schema_that_no_file_makes_is_to_be_granted(of: str) -> None:
    denied = partial(remedy, "42501", "permission denied for table users", USERS, REFERS)
    assert "`grant all on table auth.users to pg_database_owner`" in denied(statement=NOT_ITS_OWN.format(of))
    assert "grant all on table auth.users" in denied(statement=CUT)
    owned = remedy("42501", "must be owner of table users", USERS, statement="alter table auth.users add a int")
    assert "`alter table auth.users owner to pg_database_owner`" in owned
    dropped = remedy("42501", "must be owner of relation users", USERS, statement="drop trigger t on auth.users")
    assert "`alter table auth.users owner to pg_database_owner`" in dropped


@pytest.mark.parametrize("of", ["", "public.", "app."])
def test_what_a_statement_may_not_do_to_the_folders_own_is_its_fault(of: str) -> None:
    made = USERS + "create schema app; create table app.users ();"
    for message in ("permission denied for table users", "must be owner of table users"):
        assert remedy("42501", message, made, statement=f"alter table {of}users add a int") == ""


def test_an_extension_in_another_schema_is_found_by_search_path() -> None:
    message, path = 'type "vector" does not exist', 'search_path = "public, extensions"'
    made = "create extension if not exists vector with schema extensions;"
    assert path in remedy("42704", message, made.replace("with", "/* of pgvector; */ with"))
    assert path in remedy("42704", message, f"do $$ begin {made} end $$;")
    assert path not in remedy("42704", message, "create extension vector; create extension hstore schema extensions;")
    assert path not in remedy("42704", message, f"create extension vector; -- {made}")


def test_a_table_is_no_extension_of_its_name() -> None:
    made = "create table vector (); create table btree_gin ();"
    for message in (
        'access method "hnsw" does',
        'data type text has no default operator class for access method "gin"',
    ):
        assert "create extension" in remedy("42704", message.replace(" does", " does not exist"), made)
    # Its owner would have it, had the file made it.
    told = remedy("42501", "must be owner of publication outbox", "create table outbox ();")
    assert "`alter publication outbox owner to pg_database_owner`" in told
    assert not remedy("42501", "must be owner of publication outbox", "alter publication a rename to outbox;")


def test_what_a_comment_says_is_made_is_lacking() -> None:
    told = "make it in a prelude.sql"
    assert told in remedy("42704", 'role "app" does not exist', "select 1; -- create role app;\ngrant app to app;")
    assert told in remedy("3F000", 'schema "auth" does not exist', "/* create schema auth; */ select auth.uid();")


def test_what_makes_an_extension_is_read_by_the_length() -> None:
    def work(size: int) -> object:
        return remedy("42704", 'type "vector" does not exist', "create extension a " * size)

    assert growth(work, 1000) < LINEAR


PULLED = """-- Current sql file was generated after introspecting the database
-- If you want to run this migration please uncomment this code before executing migrations
/*
CREATE TYPE "public"."state" AS ENUM('a');
CREATE TABLE "users" ("id" serial PRIMARY KEY, "state" "state");
*/"""
STANDS_FOR = "write the schema that 0000 stands for"


@pytest.mark.parametrize("baseline", [PULLED, "-- all tables are there already: create table users ();"])
@pytest.mark.parametrize("missing", ["relation", "table", "view", "sequence"])
def test_what_a_baseline_stands_for_is_lacking(baseline: str, missing: str) -> None:
    told = remedy("42P01", f'{missing} "users" does not exist', baseline, "alter table users add a int;")
    assert told.startswith(STANDS_FOR)


def test_a_type_that_a_baseline_names_in_its_comment_is_not_made_there() -> None:
    assert "make it in a prelude.sql" in remedy("42704", 'type "state" does not exist', PULLED, "select 1;")
    assert 'create extension "vector"' in remedy("42704", 'type "vector" does not exist', PULLED, "select 1;")


@pytest.mark.parametrize(
    "files",
    [
        (PULLED.replace("/*", "").replace("*/", ""), "alter table users add a int;"),
        ("-- Custom SQL migration file, put your code below! --", "alter table users add a int;"),
        (PULLED, "create table users ();"),
        (USERS, PULLED),
    ],
    ids=["one that runs", "one that nobody wrote", "made later", "not the first"],
)
def test_what_no_baseline_stands_for_is_the_migrations_own_fault(files: tuple[str, ...]) -> None:
    assert remedy("42P01", 'relation "users" does not exist', *files) == ""


@pytest.mark.parametrize(
    ("sqlstate", "message", "shared"),
    [
        ("42710", 'role "a" already exists', True),
        ("42710", 'publication "a" already exists', False),
        ("23505", 'duplicate key value violates unique constraint "pg_db_role_setting_databaseid_rol_index"', True),
        ("XX000", "tuple concurrently updated", True),
        ("23505", 'duplicate key value violates unique constraint "users_pkey"', False),
    ],
)
def test_what_ways_that_run_at_once_are_refused_for_each_other(sqlstate: str, message: str, *, shared: bool) -> None:
    """`alter database app set timezone …`: then they run one by one."""
    assert is_of_what_all_share(SqlFailure("0000_a", "a.sql", 1, "", sqlstate, message)) is shared
