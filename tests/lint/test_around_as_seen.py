"""What statements are read to leave behind around tables is what is seen, where they are watched on a real server."""

import pytest
from msgspec.structs import replace

from migcheck.facts.sql.left_behind import NameCut, SettingKept
from migcheck.facts.sql.observation import End, Seen, TransactionEnded
from migcheck.postgres.scratch.contract import ScratchServer
from tests.lint.shop import BASE, BREAKPOINT, read, readable
from tests.support.rehearsals import folder_of, upgraded

AROUND = (
    BASE
    + """
create function touch() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger touched before update on teams for each row execute function touch();
--> statement-breakpoint
create function opened() returns int language sql security definer as 'select 1';
--> statement-breakpoint
create trigger asleep before update on teams for each row execute function touch();
alter table teams disable trigger asleep;
--> statement-breakpoint
grant select on teams to public;
"""
)
LONG = "drizzle_kit_puts_together_the_names_of_tables_and_columns_users_team_teams_id_fk"
OF_TEAM = f'ALTER TABLE "users" ADD CONSTRAINT "{LONG}" FOREIGN KEY ("team") REFERENCES "public"."teams"("id");'
MAKES = "create function f(a int) returns int language sql security definer as 'select 1'"


def both(server: ScratchServer, *new: str) -> tuple[list[Seen], list[Seen]]:
    """What is read and what is seen."""
    base = {"0000_base": AROUND}
    head = folder_of({**base, **{f"{number:04}_new": sql for number, sql in enumerate(new, 10)}})
    found = upgraded(server, head, folder_of(base))
    assert found.failure is None, found.failure
    told = [replace(each, read=False, source="") for each in read(*new, landed=tuple(AROUND.split(BREAKPOINT)))]
    return sorted(told, key=repr), sorted((replace(each, read=False) for each in readable(found.seen)), key=repr)


@pytest.mark.server
@pytest.mark.parametrize(
    "sql",
    [
        MAKES,
        MAKES + BREAKPOINT + "alter function f set search_path = ''",
        MAKES + BREAKPOINT + "drop function f(int)",
        "create function f() returns int language sql security definer set search_path = '' as 'select 1'",
        "create function f() returns int security definer begin atomic select 1; end",
        "create or replace function opened() returns int language sql security definer as 'select 2'",
        'create procedure stock."P"() language plpgsql security definer as $$ begin end $$',
        "create function pg_temp.f() returns int language sql security definer as 'select 1'",
        "create function f() returns int language sql as 'select 1'",
        'GRANT INSERT, UPDATE (id) ON TABLE "stock"."items" TO public',
        "grant all on stock.items to public, pg_monitor",
        "grant all privileges on users to public",
        "grant select on teams, users to public; grant usage on schema stock to public",
        "grant insert, update (id) on stock.items to public; revoke all on stock.items from public",
        "grant insert, delete, update (id) on stock.items to public; revoke insert, update on stock.items from public",
        "grant insert on teams to pg_monitor; grant execute on function opened() to public",
        'grant insert on "Odd Ones" to public; alter table "Odd Ones" enable row level security',
        "grant insert on teams to public; drop table teams",
        "create table n (id int); grant all on n to public",
        "alter table teams disable trigger touched",
        "alter table teams disable trigger touched; alter table teams enable trigger user",
        "alter table teams disable trigger touched, enable trigger touched",
        "alter table teams disable trigger asleep",
        "create trigger t before update on teams for each row execute function touch();"
        + BREAKPOINT
        + "alter table teams disable trigger t",
        OF_TEAM,
        OF_TEAM + BREAKPOINT + f'alter table users drop constraint "{LONG}"',
        f"create table {LONG} ({LONG} int, constraint {LONG} check (true))",
        f"alter table users rename column name to {LONG.upper()}",
        f'create index "ä{LONG}" on users (name);{BREAKPOINT}create policy {LONG} on users using (true)',
        f"with {LONG} as (select 1 as {LONG}) insert into teams select 3 from {LONG}",
        f"drop table if exists {LONG}; create view told as select 1",
    ],
)
def test_what_is_read_is_what_is_seen(server: ScratchServer, sql: str) -> None:
    told, seen = both(server, sql)
    assert told == seen


@pytest.mark.server
@pytest.mark.parametrize(
    "new",
    [
        ("set search_path to stock", "select 1", "select 2"),
        ("set local search_path = 'stock', \"$user\", public", "select 1"),
        ("select set_config('search_path', '', false)", "select 1"),
        ("set search_path to stock; reset search_path", "select 1"),
        ("set search_path to stock; set search_path to default", "select 1"),
        ("set search_path to PUBLIC", "select 1"),
        ("set search_path to stock", "set search_path to public", "select 1"),
        ("set search_path to stock", "set schema 'public'"),
        ("set schema 'stock'; set role none", "select 1"),
        ("set check_function_bodies = false; set row_security = off; set lock_timeout = '3s'", "select 1"),
        ("set check_function_bodies = false; reset all; set timezone = 'utc'; set datestyle = 'ISO'", "select 1"),
        ("set timezone to 'Europe/Berlin'; set standard_conforming_strings = off", "select 1"),
        ("set timezone = '0'; set datestyle = 'iso, mdy'; set intervalstyle = 'POSTGRES'", "select 1"),
        ("set time zone 'Europe/Berlin'; set datestyle to mdy, iso; set standard_conforming_strings = 1", "select 1"),
        ("set check_function_bodies = 0; set time zone -3; set time zone local", "select 1"),
        ("set statement_timeout to '5s'", "-- statement_timeout is as it was\nselect 1"),
        ("select 1", "set statement_timeout = '5s'"),
    ],
)
def test_which_settings_are_handed_on_is_read_as_seen(server: ScratchServer, new: tuple[str, ...]) -> None:
    told, seen = both(server, *new)
    assert told == seen


def test_what_landed_under_a_long_name_is_no_finding() -> None:
    assert [each.change for each in read(OF_TEAM) if isinstance(each.change, NameCut)] == [NameCut(LONG, LONG[:63])]
    assert [each for each in read(OF_TEAM, landed=(OF_TEAM,)) if isinstance(each.change, NameCut)] == []


def test_a_role_is_handed_on() -> None:
    """Its rights on the ledger, which each migration's row takes, are somebody else's matter."""
    for set_ in ("set role app", "set session role 'app'"):
        assert [each.change for each in read(set_, "select 1")] == [SettingKept("role", "app", "0011_new")]
        for taken_back in ("reset role", "set role none", "reset all"):
            assert read(f"{set_}; {taken_back}", "select 1") == ()
    assert read("set role app", "reset role") == ()


def test_behind_a_commit_nothing_is_told_of_settings() -> None:
    found = read("commit; set search_path to stock", "select 1")
    assert [each.change for each in found if not each.table] == [TransactionEnded(End.KEPT)]
    outside = read("set search_path to stock", "select 1", outside=("0010_new",))
    assert [each for each in outside if isinstance(each.change, SettingKept)] == []
