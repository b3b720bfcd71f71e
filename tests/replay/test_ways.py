"""docs/design.md "Rehearsals": the four ways, and which of them decide."""

import pytest
from msgspec.structs import replace

from migcheck.catalogue import REPLAY_RULES
from migcheck.drizzle.ledger import Batching
from migcheck.facts.rehearsal import Apart, Differs, Failed, ReplayFacts, Way
from migcheck.finding import Location, Severity
from migcheck.postgres.scratch.contract import ScratchServer
from migcheck.rule import judge
from tests.support.folders import WHEN
from tests.support.ledgers import a_ledger, rows_of
from tests.support.rehearsals import folder_of, folders_of, outcomes, rehearsed

pytestmark = pytest.mark.server

USERS = "create table users (id serial primary key, name text);"
POSTS = "create table posts (id serial primary key, author int references users);"
ENUM = "create type status as enum ('draft');"
VALUE = "alter type status add value 'public';"
USE = "create table posts (status status not null default 'public');"
ALL_PASSED = ("passed", "passed", "passed", "passed")


def test_a_sound_folder_passes_in_every_way_whoever_it_ends(server: ScratchServer) -> None:
    """The new migration may end all other sessions of its role."""
    ends = """
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and usename = current_user and pid <> pg_backend_pid();
    """
    base = folder_of({"0000_users": USERS})
    head = folder_of({"0000_users": USERS, "0001_posts": POSTS, "0002_alone": ends})
    rehearsal = rehearsed(server, head, base)
    assert outcomes(rehearsal) == ALL_PASSED
    assert any(line.startswith("+ table public.posts") for line in rehearsal.catalogue_change)
    assert not any("users" in line and line.startswith("+ table") for line in rehearsal.catalogue_change)


def test_a_folder_of_which_nothing_landed_is_replayed_twice_and_random_values_are_no_difference(
    server: ScratchServer,
) -> None:
    keys = "create table keys (id uuid default gen_random_uuid(), at timestamptz default now(), n float8);"
    head = {"0000_users": USERS, "0001_keys": keys, "0002_row": "insert into keys (n) values (random());"}
    assert outcomes(rehearsed(server, folder_of(head))) == ALL_PASSED


def test_the_upgrade_sends_each_piece_by_itself_as_drizzle_does_and_fresh_as_a_deploy(server: ScratchServer) -> None:
    seen = "do $$ begin if current_query() like '%table' || ' users%' then create table met (); end if; end $$;"
    ways = rehearsed(server, folder_of({"0000_users": USERS, "0001_seen": seen})).ways
    assert [each.lines for each in ways if isinstance(each, Differs)] == [("- table public.met", "- rows public.met 0")]


def test_an_empty_folder_passes(server: ScratchServer) -> None:
    assert outcomes(rehearsed(server, folder_of({}))) == ALL_PASSED


def test_fresh_and_upgrade_fail_alike_where_a_new_migration_cannot_run(server: ScratchServer) -> None:
    base = folder_of({"0000_users": USERS})
    head = folder_of({"0000_users": USERS, "0001_posts": "select 1;\n\nselect * from nobody;"})
    assert outcomes(rehearsed(server, head, base)) == ("42P01 0001_posts:3", "not run", "42P01 0001_posts:3", "not run")


def test_an_enum_value_added_and_used_in_one_deploy_fails_the_upgrade(server_16: ScratchServer) -> None:
    base = folder_of({"0000_status": ENUM})
    head = folder_of({"0000_status": ENUM, "0001_value": VALUE, "0002_use": USE})
    rehearsal = rehearsed(server_16, head, base)
    assert outcomes(rehearsal) == ("55P04 0002_use:1", "passed", "55P04 0002_use:1", "not run")


def test_from_17_on_the_upgrade_alone_meets_it(server: ScratchServer) -> None:
    base = folder_of({"0000_status": ENUM})
    head = folder_of({"0000_status": ENUM, "0001_value": VALUE, "0002_use": USE})
    assert outcomes(rehearsed(server, head, base)) == ("passed", "passed", "55P04 0002_use:1", "not run")


def test_an_enum_value_added_in_one_deploy_and_used_in_the_next_fails_fresh_alone(server_16: ScratchServer) -> None:
    base = folder_of({"0000_status": ENUM, "0001_value": VALUE})
    head = folder_of({"0000_status": ENUM, "0001_value": VALUE, "0002_use": USE})
    rehearsal = rehearsed(server_16, head, base)
    assert outcomes(rehearsal) == ("55P04 0002_use:1", "passed", "passed", "passed")
    fresh = rehearsal.ways[0]
    assert isinstance(fresh, Failed)
    assert fresh.unless_apart is Apart.TRANSACTION


def test_the_rehearsal_goes_on_from_a_base_built_one_migration_per_transaction(server_16: ScratchServer) -> None:
    base = folder_of({"0000_status": ENUM, "0001_value": VALUE, "0002_use": USE})
    head = folder_of({"0000_status": ENUM, "0001_value": VALUE, "0002_use": USE, "0003_users": USERS})
    rehearsal = rehearsed(server_16, head, base)
    assert outcomes(rehearsal) == ("55P04 0002_use:1", "passed", "passed", "passed")
    assert rehearsal.proof.base_runs


def test_one_transaction_per_migration_decides_where_it_is_configured(server_16: ScratchServer) -> None:
    head = folder_of({"0000_status": ENUM, "0001_value": VALUE, "0002_use": USE})
    assert outcomes(rehearsed(server_16, head, batching=Batching.EACH)) == ALL_PASSED


def test_a_new_entry_older_than_base_is_skipped_in_silence_and_same_tells(server: ScratchServer) -> None:
    base = folder_of({"0000_users": USERS})
    for when in (WHEN - 1, WHEN):
        head = folder_of({"0000_users": USERS, "0001_posts": POSTS}, when={"0001_posts": when})
        rehearsal = rehearsed(server, head, base)
        assert outcomes(rehearsal)[:3] == ("passed", "passed", "passed")
        told = rehearsal.ways[3]
        assert isinstance(told, Differs)
        assert any(line.startswith("- table public.posts") for line in told.lines)
        assert [each.tag for each in rehearsal.request.skipped()] == ["0001_posts"]


def test_what_the_batching_changed_is_a_difference(server: ScratchServer) -> None:
    at = "create table marks (at timestamptz);--> statement-breakpoint\ninsert into marks values (now());"
    by_batch = "insert into marks select now() where not exists (select from marks where at = now());"
    base = folder_of({"0000_marks": at})
    head = folder_of({"0000_marks": at, "0001_more": by_batch})
    assert outcomes(rehearsed(server, head, base))[3] == "differs: ~ rows public.marks: 1 -> 2"


def test_something_random_in_the_schema_is_a_difference(server: ScratchServer) -> None:
    sql = "do $$ begin execute 'create table t' || substr(gen_random_uuid()::text, 1, 8) || ' ()'; end $$;"
    outcome = outcomes(rehearsed(server, folder_of({"0000_random": sql})))
    assert outcome[:3] == ("passed", "passed", "passed")
    assert outcome[3].startswith("differs: ")


def test_again_tells_what_a_second_run_changes(server: ScratchServer) -> None:
    forget = "update drizzle.__drizzle_migrations set created_at = null;"
    head = folder_of({"0000_log": "create table if not exists log (n int);", "0001_forget": forget})
    rehearsal = rehearsed(server, head)
    assert rehearsal.ways[1].way is Way.AGAIN
    assert outcomes(rehearsal)[1].startswith("differs: + ledger row")


def test_again_tells_what_a_second_run_is_refused(server: ScratchServer) -> None:
    head = folder_of({"0000_users": USERS, "0001_forget": "update drizzle.__drizzle_migrations set created_at = null;"})
    assert outcomes(rehearsed(server, head))[1] == "42P07 0000_users:1"


# Whom a migration lets make roles, makes some; and who has one WITH ADMIN OPTION passes it on.
DEPLOYER = """
create role deployer createrole; grant deployer to current_user;
set role deployer; create role app_ro; create role app_rw; grant app_ro to app_rw with admin option;
grant app_rw to deployer; set role app_rw; grant app_ro to reader; reset role;
"""


def test_roles_of_one_way_and_those_that_they_made_do_not_stand_in_the_next(server: ScratchServer) -> None:
    base = folder_of({"0000_users": USERS})
    role = "create role reader;--> statement-breakpoint\ngrant select on users to reader;"
    head = folder_of({"0000_users": USERS, "0001_reader": role, "0002_deployer": DEPLOYER})
    assert outcomes(rehearsed(server, head, base)) == ALL_PASSED
    assert outcomes(rehearsed(server, head, base)) == ALL_PASSED


def test_roles_that_sql_makes_in_hiding_do_not_stand_in_the_next_way_either(server: ScratchServer) -> None:
    hidden = "do $$ begin execute 'create ' || 'role writer'; end $$;"
    head = folder_of({"0000_users": USERS, "0001_writer": hidden})
    assert outcomes(rehearsed(server, head)) == ALL_PASSED


# While one way makes the role, the other has begun to: what it is told then is that a key is there twice.
AT_ONCE = """
do $$ declare fresh bool = current_database() like '%fresh'; begin
    if fresh then perform pg_sleep(0.3); end if;
    execute 'create ' || 'role writer'; grant select on users to writer;
    if not fresh then perform pg_sleep(0.6); end if;
end $$;
"""


def test_nor_do_those_that_two_ways_make_at_once(server: ScratchServer) -> None:
    base = folder_of({"0000_users": USERS + AT_ONCE})
    head = folder_of({"0000_users": USERS + AT_ONCE, "0001_posts": POSTS})
    assert outcomes(rehearsed(server, head, base)) == ALL_PASSED


def test_settings_of_the_role_and_the_database_reach_no_other_way(server: ScratchServer) -> None:
    setting = "alter role current_user set search_path = nowhere;"
    base = folder_of({"0000_users": USERS})
    head = folder_of({"0000_users": USERS, "0001_setting": setting, "0002_posts": POSTS})
    assert outcomes(rehearsed(server, head, base)) == ALL_PASSED
    assert outcomes(rehearsed(server, base)) == ALL_PASSED


def test_every_kind_of_server_gives_the_same_answer(any_server: ScratchServer) -> None:
    base = folder_of({"0000_users": USERS})
    head = folder_of({"0000_users": USERS, "0001_posts": POSTS})
    assert outcomes(rehearsed(any_server, head, base)) == ALL_PASSED
    late = folder_of({"0000_users": USERS, "0001_posts": POSTS}, when={"0001_posts": WHEN})
    assert outcomes(rehearsed(any_server, late, base))[3].startswith("differs: ")
    broken = folder_of({"0000_users": USERS, "0001_posts": "select 1 / 0;"})
    assert outcomes(rehearsed(any_server, broken, base))[2] == "22012 0001_posts:1"


def test_a_folder_of_1_0_is_replayed_by_name(server: ScratchServer) -> None:
    names = ("20240101000000_users", "20240101000001_posts", "20240101000002_tags")
    tables = dict(zip(names, (USERS, POSTS, "create table tags ();"), strict=True))
    head = folders_of(tables)
    late = replace(head, migrations=(head.migrations[0], head.migrations[2]))
    rehearsal = rehearsed(server, head, late)
    assert [each.tag for each in rehearsal.request.new] == [names[1]]
    assert outcomes(rehearsal)[:3] == ("passed", "passed", "passed")
    assert outcomes(rehearsed(server, head)) == ALL_PASSED


DUMP = "select pg_catalog.set_config('search_path', '', false);\ncreate table public.users (id int primary key);"


def test_a_dump_that_empties_the_search_path_was_deployed_in_a_session_of_its_own(server: ScratchServer) -> None:
    base = folder_of({"0000_dump": DUMP, "0001_posts": "create table posts (id int);"})
    head = folder_of({"0000_dump": DUMP, "0001_posts": "create table posts (id int);", "0002_tags": "select 1;"})
    rehearsal = rehearsed(server, head, base)
    assert outcomes(rehearsal) == ("3F000 0001_posts:1", "passed", "passed", "passed")
    (failed,) = (each for each in rehearsal.ways if isinstance(each, Failed))
    assert failed.unless_apart is Apart.SESSION
    (found,) = judge(REPLAY_RULES, ReplayFacts(rehearsal))
    assert (found.code, found.severity) == ("MC402", Severity.WARNING)
    assert found.message == (
        "a new database can only be built with one session for each migration: in one for all (fresh), 0001_posts "
        "fails with 3F000 no schema has been selected to create in"
    )
    assert found.fix.startswith("An earlier migration left the session changed")


def test_a_search_path_that_is_emptied_in_the_same_deploy(server: ScratchServer) -> None:
    emptied = "set search_path to '';\ncreate table public.posts (id int);"
    base = folder_of({"0000_users": USERS})
    head = folder_of({"0000_users": USERS, "0001_posts": emptied, "0002_tags": "create table tags (id int);"})
    blocks, warns = judge(REPLAY_RULES, ReplayFacts(rehearsed(server, head, base)))
    assert (blocks.code, blocks.at) == ("MC401", Location("drizzle/0002_tags.sql", 1))
    assert blocks.fix.startswith(
        "The search_path is empty. This migration empties it, or one before it in the same deploy"
    )
    assert (warns.code, "one session for each migration" in warns.message) == ("MC402", True)
    alone = folder_of({"0000_users": USERS, "0001_posts": "set search_path to ''; create table posts (id int);"})
    (blocks,) = judge(REPLAY_RULES, ReplayFacts(rehearsed(server, alone, base)))
    assert (blocks.code, blocks.migration) == ("MC401", "0001_posts")


def test_a_column_that_was_added_dropped_and_added_again_is_built_with_its_last_row(server: ScratchServer) -> None:
    add = "alter table users add column age int;"
    applied = {
        "0000_users": USERS,
        "0001_age": add,
        "0002_no_age": "alter table users drop column age;",
        "0003_age": add,
    }
    head = folder_of({**applied, "0004_default": "alter table users alter column age set default 7;"})
    rehearsal = rehearsed(server, head, folder_of(applied), ledger=a_ledger(rows_of(head, 4)))
    assert outcomes(rehearsal) == ALL_PASSED
    assert [each.tag for each in rehearsal.request.new] == ["0004_default"]


def test_what_two_racing_deploys_recorded_twice_is_built_once(server: ScratchServer) -> None:
    head = folder_of({"0000_users": USERS})
    row = rows_of(head)[0]
    rehearsal = rehearsed(server, head, head, ledger=a_ledger([row, replace(row, id=2)]))
    assert outcomes(rehearsal) == ALL_PASSED
