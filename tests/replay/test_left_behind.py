"""What new migrations leave behind around the tables that are there: seen on the server, whatever SQL did it."""

from collections.abc import Iterable

import pytest
from msgspec.structs import replace

from migcheck.drizzle.ledger import Batching
from migcheck.facts.replay.watching.leavings import Leavings, Step
from migcheck.facts.sql.left_behind import (
    DefinerLeftOpen,
    GrantedToAll,
    NameCut,
    SettingKept,
    TakenAlong,
    TriggerDisabled,
)
from migcheck.facts.sql.observation import Change, Seen
from migcheck.finding import Location
from migcheck.postgres.scratch.contract import ScratchServer
from migcheck.postgres.surroundings import State, Thing, Things
from tests.support.rehearsals import folder_of, upgraded
from tests.support.seen_apart import seen_apart

pytestmark = pytest.mark.server

BREAKPOINT = "\n--> statement-breakpoint\n"
BASE = """
create schema app;
create table teams (id int primary key, name text);
create table users (id int primary key, name text, team int, age int);
alter table users enable row level security;
create function touch() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger touched before update on teams for each row execute function touch();
create trigger asleep before update on teams for each row execute function touch();
alter table teams disable trigger asleep;
create function mine(int) returns bool language sql as 'select true';
create policy own on users using (mine(id));
create view grown as select id from users where age > 3;
create materialized view "Old Ones" as select id from users where age > 9;
create sequence numbers;
create function is_admin() returns bool language sql security definer as 'select true';
create function is_owner() returns bool language sql security definer set search_path = '' as 'select true';
grant select on teams to public;
"""
OF_TEAM = "a_table_with_a_long_name_and_its_column_another_table_with_a_long_name_id_fk"
KEPT = OF_TEAM[:63]
AROUND = (DefinerLeftOpen, GrantedToAll, NameCut, SettingKept, TakenAlong, TriggerDisabled)
MAKES = "create function f(a int) returns int language sql security definer as 'select 1'"
GOES = "create table n (id int);\ndrop function mine cascade;"
DROPS = 'drop policy "Only their own." on users'
IS_ADMIN = "create or replace function is_admin() returns bool language sql security definer"


def seen(
    server: ScratchServer, *new: str, base: str = BASE, outside: tuple[str, ...] = (), batching: Batching = Batching.ALL
) -> list[Seen]:
    """What is left behind around the tables by the migrations `new`, all of which must go through."""
    landed = {"0000_base": base}
    head = folder_of({**landed, **{f"{number:04}_new": sql for number, sql in enumerate(new, 1)}})
    found = upgraded(server, head, folder_of(landed), batching=batching, outside=outside)
    assert found.failure is None, found.failure
    return [each for each in found.seen if isinstance(each.change, AROUND)]


def changed_apart(server: ScratchServer, cases: Iterable[str], base: str = BASE) -> dict[str, list[tuple[str, Change]]]:
    """The same of each of `cases`, on tables of its own."""
    told = seen_apart(server, base, cases)
    return {
        sql: [(each.table, each.change) for each in found if isinstance(each.change, AROUND)]
        for sql, found in told.items()
    }


LEFT: list[tuple[str, str, Change]] = [
    (MAKES, "", DefinerLeftOpen("public.f")),
    (
        "create procedure app.\"P\"() language plpgsql security definer as 'begin end'",
        "",
        DefinerLeftOpen('app."P"'),
    ),
    ("alter function mine(int) security definer", "", DefinerLeftOpen("public.mine")),
    ("alter function is_owner() reset search_path", "", DefinerLeftOpen("public.is_owner")),
    ("grant insert, delete on teams to public", "public.teams", GrantedToAll("public.teams", ("DELETE", "INSERT"))),
    ("grant update (name) on teams to public", "public.teams", GrantedToAll("public.teams", ("UPDATE (name)",))),
    ("grant select on grown to public", "", GrantedToAll("view public.grown", ("SELECT",))),
    ("grant usage on sequence numbers to public", "", GrantedToAll("sequence public.numbers", ("USAGE",))),
    ("grant create, usage on schema app to public", "", GrantedToAll("schema app", ("CREATE",))),
    ("grant truncate, select on users to public", "public.users", GrantedToAll("public.users", ("TRUNCATE",))),
    (
        "alter default privileges grant select, insert on tables to public",
        "",
        GrantedToAll("each new table", ("INSERT", "SELECT")),
    ),
    (
        "alter default privileges in schema app grant usage on sequences to public",
        "",
        GrantedToAll("each new sequence of app", ("USAGE",)),
    ),
    ("alter table teams disable trigger touched", "public.teams", TriggerDisabled("touched")),
    ("alter table teams disable trigger user", "public.teams", TriggerDisabled("touched")),
    ("drop function mine cascade", "public.users", TakenAlong("policy", "own")),
    ("alter table users drop column age cascade", "", TakenAlong("view", "public.grown")),
]


LONG = (
    f"alter table users add constraint {OF_TEAM} foreign key (team) references teams",
    f'create table "{OF_TEAM}" (id int)',
    f"alter table users rename column name to {OF_TEAM}",
)


def wrapped(sql: str, how: str) -> str:
    """It, in a DO block or in a function that is called."""
    body = f"$do$ begin {sql}; end $do$"
    ways = {
        "": sql,
        "do": f"do {body};",
        "function": f"create or replace function pg_temp.run() returns void language plpgsql as {body};{BREAKPOINT}"
        "select pg_temp.run();",
    }
    return ways[how]


@pytest.mark.parametrize("how", ["", "do", "function"])
def test_each_is_seen_for_what_it_is(server: ScratchServer, how: str) -> None:
    expected = {}
    for sql, table, change in LEFT:
        also = [("", TakenAlong("materialized view", 'public."Old Ones"'))] if "column age" in sql else []
        expected[wrapped(sql, how)] = sorted([(table, change), *also], key=repr)
    told = changed_apart(server, expected)
    assert {sql: sorted(found, key=repr) for sql, found in told.items()} == expected


# A name that has a prefix is cut in another place.
@pytest.mark.parametrize("sql", LONG)
@pytest.mark.parametrize("how", ["", "do", "function"])
def test_a_name_that_is_cut_is_seen(server: ScratchServer, sql: str, how: str) -> None:
    assert [(each.table, each.change) for each in seen(server, wrapped(sql, how))] == [("", NameCut(OF_TEAM, KEPT))]


SAFE = [
    # The safe ways.
    "create function f() returns int language sql security definer set search_path = '' as 'select 1'",
    MAKES + BREAKPOINT + "alter function f set search_path = ''",
    "alter table teams disable trigger user" + BREAKPOINT + "alter table teams enable trigger touched",
    "drop view grown",
    "drop function mine cascade" + BREAKPOINT + "create policy own on users using (true)",
    "alter table users drop age cascade" + BREAKPOINT + "create view grown as select id from users; "
    'create view "Old Ones" as select id from users',
    # What cannot be another's.
    "create function f() returns int language sql security definer begin atomic select 1; end",
    "create function f() returns int language sql as 'select 1'",
    "create function pg_temp.f() returns int language sql security definer as 'select 1'",
    # What was so before.
    f"{IS_ADMIN} as 'select false'",
    f"drop function is_admin; {IS_ADMIN} as 'select false'",
    "grant select on teams to public",
    "alter table teams disable trigger asleep",
    # What is new, and no longer there.
    "alter default privileges grant execute on functions to public",
    "alter default privileges grant usage on schemas to public",
    "create schema s; alter default privileges in schema s grant select on tables to public",
    "alter default privileges grant all on tables to public; alter default privileges revoke all on tables from public",
    "create table n (id int); grant all on n to public",
    (
        "create trigger other before update on teams for each row execute function touch();"
        "alter table teams disable trigger other"
    ),
    MAKES + BREAKPOINT + "drop function f",
    "grant insert on teams to public" + BREAKPOINT + "revoke insert on teams from public",
    # What policies say, and what everybody may anyway.
    "grant select, insert on users to public",
    "grant usage on schema app to public",
    "create function f() returns int language sql as 'select 1'; grant execute on function f to public",
    # What goes with its table.
    "drop table teams cascade",
    'drop table users cascade; create view grown as select 1; create view "Old Ones" as select 1',
]


# Of all tables; and a name that nothing gets.
SAFE_ALONE = (
    (
        "do $$ declare p record; begin for p in select * from pg_policies loop "
        "execute format('drop policy %I on %I.%I', p.policyname, p.schemaname, p.tablename); end loop; end $$"
    ),
    f"select 1 as {OF_TEAM}",
    f"alter table users add constraint {KEPT} check (age > 3); alter table users drop constraint {OF_TEAM}",
    f'create table "{KEPT}" (id int)',
)


def test_what_is_safe_was_so_or_is_over_is_no_finding(server: ScratchServer) -> None:
    assert changed_apart(server, SAFE) == {sql: [] for sql in SAFE}


@pytest.mark.parametrize("sql", SAFE_ALONE)
def test_what_is_safe_with_all_tables_or_a_long_name_is_no_finding(server: ScratchServer, sql: str) -> None:
    assert seen(server, sql) == []


def test_a_long_name_of_what_landed_is_no_finding(server: ScratchServer) -> None:
    base = f"{BASE}; alter table users add constraint {OF_TEAM} check (age > 3);"
    assert seen(server, f"alter table users drop constraint {OF_TEAM}", base=base) == []
    comment = f"comment on constraint {OF_TEAM} on users is 'x'; alter table users validate constraint {OF_TEAM}"
    assert seen(server, comment, base=base) == []


def test_each_is_told_of_its_migration_with_its_place_and_statement(server: ScratchServer) -> None:
    found = seen(
        server,
        f"-- one\nselect 1;{BREAKPOINT}grant select on grown to public;",
        f"select 2;{BREAKPOINT}{MAKES}",
        "alter table users add x int",
        f"select 3;\n\nalter table teams disable trigger touched;{BREAKPOINT}select 4",
    )
    assert found == [
        Seen(
            "0001_new",
            Location("drizzle/0001_new.sql", 4),
            "grant select on grown to public;",
            "",
            GrantedToAll("view public.grown", ("SELECT",)),
        ),
        Seen("0002_new", Location("drizzle/0002_new.sql", 3), MAKES, "", DefinerLeftOpen("public.f")),
        Seen(
            "0004_new",
            Location("drizzle/0004_new.sql", 3),
            "alter table teams disable trigger touched;",
            "public.teams",
            TriggerDisabled("touched"),
        ),
    ]


def test_what_no_statement_says_has_no_place(server: ScratchServer) -> None:
    hidden = "do $$ begin execute 'gra' || 'nt insert on tea' || 'ms to public'; end $$"
    [one] = seen(server, hidden)
    assert (one.at, one.statement) == (Location("drizzle/0001_new.sql"), "")
    every = "grant insert on all tables in schema app, public to public"
    assert {(each.at.line, each.statement) for each in seen(server, every)} == {(1, every)}


@pytest.mark.parametrize("batching", list(Batching))
def test_behind_a_commit_of_its_own_it_is_told_of_whoever_names_it(server: ScratchServer, batching: Batching) -> None:
    found = seen(server, "commit", "grant insert on teams to public", MAKES, batching=batching)
    assert sorted((each.migration, type(each.change).__name__) for each in found) == [
        ("0002_new", "GrantedToAll"),
        ("0003_new", "DefinerLeftOpen"),
    ]


def test_outside_of_a_transaction_it_is_told_as_well(server: ScratchServer) -> None:
    sql = "create or replace function f() returns int language sql security definer as 'select 1'"
    [one] = seen(server, "select 1", sql, "select 2", outside=("0002_new",))
    assert (one.migration, one.change, one.statement) == ("0002_new", DefinerLeftOpen("public.f"), sql)


SETS_PATH = "set search_path to app"


@pytest.mark.parametrize(
    ("sql", "setting", "value"),
    [
        (SETS_PATH, "search_path", "app"),
        ("set local search_path to app", "search_path", "app"),
        ("select pg_catalog.set_config('search_path', '', false)", "search_path", ""),
        ("do $$ begin perform set_config('search_path', 'app', true); end $$", "search_path", "app"),
        ("set row_security = off", "row_security", "off"),
        ("set check_function_bodies = false", "check_function_bodies", "off"),
        ("set statement_timeout = '5s'", "statement_timeout", "5s"),
    ],
)
def test_a_setting_that_the_next_migration_begins_with_is_seen(
    server: ScratchServer, sql: str, setting: str, value: str
) -> None:
    found = seen(server, "select 1", sql, "select 2", "select 3")
    assert [(each.migration, each.change) for each in found] == [("0002_new", SettingKept(setting, value, "0003_new"))]
    assert found[0].at.line == 1
    assert setting in found[0].statement


def test_what_is_set_before_every_query_is_seen_as_well(server: ScratchServer) -> None:
    [one] = seen(server, "set transaction isolation level serializable; set statement_timeout = '5s'", "select 1")
    assert (one.change, one.statement) == (
        SettingKept("statement_timeout", "5s", "0002_new"),
        "set statement_timeout = '5s'",
    )


@pytest.mark.parametrize(
    "new",
    [
        (SETS_PATH,),
        ("select 1", SETS_PATH),
        (SETS_PATH + BREAKPOINT + "reset search_path", "select 1"),
        (SETS_PATH, "set search_path to public", "select 1"),
        (SETS_PATH, "reset search_path", "select 1"),
        (SETS_PATH, "set schema 'public'", "select 1"),
        ("set lock_timeout = '5s'", "select 1"),
        ("set client_min_messages = warning", "select 1"),
        ("create function f() returns int language sql set search_path = app as 'select 1'; select f()", "select 1"),
    ],
)
def test_a_setting_that_nobody_begins_with_is_no_finding(server: ScratchServer, new: tuple[str, ...]) -> None:
    assert seen(server, *new) == []


def test_with_a_transaction_each_what_is_local_reaches_nobody(server: ScratchServer) -> None:
    assert seen(server, "set local search_path to app", "select 1", batching=Batching.EACH) == []
    [one] = seen(server, SETS_PATH, "select 1", batching=Batching.EACH)
    assert one.change == SettingKept("search_path", "app", "0002_new")


TAKEN_ALONG: list[tuple[str, list[str]]] = [
    ("alter table users drop constraint users_pkey cascade", ["posts.by_user"]),
    ("alter table users drop constraint users_email_key cascade", ["likes.by_email_of"]),
    ("do $$ begin alter table users drop constraint users_pkey cascade; end $$", ["posts.by_user"]),
    # It is named, or there again.
    ("alter table posts drop constraint by_user; alter table users drop constraint users_pkey", []),
    (
        (
            "alter table users drop constraint users_pkey cascade; alter table users add primary key (id);"
            "alter table posts add constraint other foreign key (author) references users"
        ),
        [],
    ),
    (
        (
            "do $$ declare one text; begin for one in select conname from pg_constraint where contype = 'f' loop "
            "execute format('alter table posts drop constraint if exists %I', one); end loop; end $$"
        ),
        [],
    ),
    ("drop table users cascade", ["likes.by_email_of", "posts.by_user"]),
    # The table is made anew, and one of the keys.
    (
        (
            "create table n (id int primary key, email text unique); insert into n select * from users;"
            "drop table users cascade; alter table n rename to users;"
            "alter table posts add constraint other foreign key (author) references users"
        ),
        ["likes.by_email_of"],
    ),
    # It went with its column, or with its table.
    ("alter table posts drop column author", []),
    ("drop table posts", []),
]


def test_a_foreign_key_that_goes_with_what_it_points_to_is_told(server: ScratchServer) -> None:
    base = """
        create table users (id int primary key, email text unique);
        create table posts (id int, author int constraint by_user references users);
        create table likes (email text constraint by_email_of references users (email));
    """
    expected = {}
    for sql, told in TAKEN_ALONG:
        to = "public.users" if "drop table users cascade" in sql else ""
        keys = [one.partition(".") for one in told]
        expected[sql] = [(f"public.{table}", TakenAlong("foreign key", name, to)) for table, _, name in keys]
    found = changed_apart(server, expected, base)
    assert {sql: sorted(of_it, key=repr) for sql, of_it in found.items()} == expected


@pytest.mark.parametrize(("sql", "told"), [(GOES, True), (DROPS, False)])
def test_a_policy_may_be_called_by_a_sentence(*, sql: str, told: bool) -> None:
    users, policy = Thing("table", 1, 0, "public.users"), Thing("policy", 2, 1, "Only their own.")
    nothing = State(frozenset(), frozenset(), frozenset(), frozenset())
    first, last = (Things(each, frozenset(), frozenset()) for each in ((users, policy), (users,)))
    step = Step(folder_of({"0001_new": sql}).migrations, replace(nothing, gone=frozenset({2})))
    found = [(each.change, each.at.line) for each in Leavings(first, nothing, [step], last).told()]
    assert found == [(TakenAlong("policy", "Only their own."), 2)] * told
