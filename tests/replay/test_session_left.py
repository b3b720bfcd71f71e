"""What new migrations leave to the session that ran them: seen on the server when their transaction has ended."""

import pytest

from migcheck.drizzle.ledger import Batching
from migcheck.facts.sql.left_behind import SessionHolds, SettingKept, SettingLeft
from migcheck.facts.sql.observation import Change, Seen
from migcheck.postgres.scratch.contract import ScratchServer
from tests.support.rehearsals import folder_of, upgraded

pytestmark = pytest.mark.server

BREAKPOINT = "\n--> statement-breakpoint\n"
BASE = """
create schema app;
create table users (id int primary key, name text);
create function locks() returns void language sql as 'select pg_advisory_lock(3)';
"""
LOCKS = "select pg_advisory_lock(42)"
COMPUTES = "do $$ begin perform pg_advisory_lock(hashtext('cron')); end $$"
LISTENS = 'listen "My Jobs"'
PARTED = 'create temp table "T p" (id int) partition by list (id)'
HOLDS: tuple[tuple[str, str, SessionHolds], ...] = (
    (LISTENS, LISTENS, SessionHolds("channel", "My Jobs")),
    (
        'declare "C" cursor with hold for select 1',
        'declare "C" cursor with hold for select 1',
        SessionHolds("cursor", "C"),
    ),
    (
        "select pg_try_advisory_lock(1, -2)",
        "select pg_try_advisory_lock(1, -2)",
        SessionHolds("lock", "1, -2"),
    ),
    (COMPUTES, "", SessionHolds("lock", "2033627865")),
    ("select locks()", "", SessionHolds("lock", "3")),
    (LOCKS, LOCKS, SessionHolds("lock", "42")),
    ("create temp sequence s", "create temp sequence s", SessionHolds("sequence", "s")),
    (
        "select pg_advisory_lock_shared(-7)",
        "select pg_advisory_lock_shared(-7)",
        SessionHolds("shared lock", "-7"),
    ),
    ("prepare p as select 1", "prepare p as select 1", SessionHolds("statement", "p")),
    (PARTED, PARTED, SessionHolds("table", "T p")),
    ('create temp table "T t" (id serial)', 'create temp table "T t" (id serial)', SessionHolds("table", "T t")),
    (
        "do $$ begin create temp table hidden as select 1; end $$",
        "do $$ begin create temp table hidden as select 1; end $$",
        SessionHolds("table", "hidden"),
    ),
    ("create temporary view v as select 1", "create temporary view v as select 1", SessionHolds("view", "v")),
)
PATH = "set search_path to app"
OF_SESSION = SessionHolds | SettingLeft | SettingKept


def seen(
    server: ScratchServer,
    *new: str,
    outside: tuple[str, ...] = (),
    batching: Batching = Batching.ALL,
    base: tuple[str, ...] = (BASE,),
) -> list[Seen]:
    """What is left to the session by the migrations `new`, all of which must go through."""
    landed = {f"{number:04}_base": sql for number, sql in enumerate(base)}
    head = folder_of({**landed, **{f"{number:04}_new": sql for number, sql in enumerate(new, len(base))}})
    found = upgraded(server, head, folder_of(landed), batching=batching, outside=outside)
    assert found.failure is None, found.failure
    return [each for each in found.seen if isinstance(each.change, OF_SESSION)]


def left(server: ScratchServer, *new: str, batching: Batching = Batching.ALL) -> list[tuple[str, Change]]:
    return [(each.migration, each.change) for each in seen(server, *new, batching=batching)]


def test_what_the_session_holds_is_seen_whatever_made_it(server: ScratchServer) -> None:
    found = seen(server, "select 1", BREAKPOINT.join(sql for sql, *_ in HOLDS), "select 'pg_advisory_lock' as listen")
    assert [(each.migration, each.statement, each.change) for each in found] == [
        ("0002_new", statement, change) for _, statement, change in HOLDS
    ]
    assert [each.at.line for each in found] == [
        number * 2 + 1 if statement else None for number, (_, statement, _) in enumerate(HOLDS)
    ]


def test_what_the_last_of_them_leaves_is_seen_too(server: ScratchServer) -> None:
    assert left(server, "select 1", f"{COMPUTES};{LISTENS}") == [
        ("0002_new", SessionHolds("channel", "My Jobs")),
        ("0002_new", SessionHolds("lock", "2033627865")),
    ]


GIVES_BACK = (
    f"{LOCKS}; select pg_advisory_unlock(42); select pg_advisory_xact_lock(7), pg_try_advisory_xact_lock(1, 2)",
    f"{LISTENS}; {LOCKS}; prepare p as select 1; create temp table t (id int)",
    f'unlisten "My Jobs"; deallocate p; drop table t; select pg_advisory_unlock_all(); {PATH}',
    "reset search_path; create temp table t on commit drop as select 1; declare c cursor for select 1",
    "declare d cursor with hold for select 1; close d; set local statement_timeout = '5s'",
    "set lock_timeout = '5s'; reset statement_timeout; set role none; set timezone = 'Etc/UTC'",
    (
        "set search_path to public; create function pg_temp.f() returns int language sql as 'select 1'; "
        "set check_function_bodies = off"
    ),
)


def test_what_is_given_back_or_ends_by_itself_is_no_finding(server: ScratchServer) -> None:
    assert [each for each in left(server, *GIVES_BACK) if not isinstance(each[1], SettingKept)] == []


def test_what_the_first_of_them_takes_and_the_last_takes_again_is_told_of_the_last(server: ScratchServer) -> None:
    again = (LOCKS, "select pg_advisory_unlock(42)", LOCKS, "select 1")
    assert left(server, *again) == [("0003_new", SessionHolds("lock", "42"))]


def test_a_setting_is_told_once(server: ScratchServer) -> None:
    assert left(server, PATH) == [("0001_new", SettingLeft("search_path", "app"))]
    assert left(server, PATH, "select 1", "select 2") == [("0001_new", SettingKept("search_path", "app", "0002_new"))]
    assert left(server, PATH, "-- with the search_path as it is\nselect 1") == [
        ("0001_new", SettingLeft("search_path", "app"))
    ]


MEANS_OTHERWISE = (
    "set time zone 'Europe/Berlin'; set datestyle = 'German'; set intervalstyle = 'iso_8601'; "
    "set standard_conforming_strings = off; set default_transaction_read_only = on"
)


def test_a_setting_that_gives_sql_another_meaning_is_told(server: ScratchServer) -> None:
    assert left(
        server, MEANS_OTHERWISE, "create table t (at timestamp with time zone); alter table t alter at set not null"
    ) == [
        ("0001_new", SettingKept("timezone", "Europe/Berlin", "0002_new")),
        ("0001_new", SettingKept("datestyle", "German, DMY", "0002_new")),
        ("0001_new", SettingKept("intervalstyle", "iso_8601", "0002_new")),
        ("0001_new", SettingKept("standard_conforming_strings", "off", "0002_new")),
        # The transaction that is open is as it was begun.
        ("0001_new", SettingLeft("default_transaction_read_only", "on")),
    ]


@pytest.mark.parametrize(
    "sets", ["set schema 'app'", "set search_path to app", "select pg_catalog.set_config('search_path', 'app', false)"]
)
def test_a_path_is_placed_where_it_is_set_last(server: ScratchServer, sets: str) -> None:
    before = "create function f() returns int language sql set search_path = '' as 'select 1';\nset search_path = '';"
    [one] = seen(server, f"{before if 'schema' not in sets else 'select 1;'}\n{sets}")
    assert (one.statement, one.change) == (sets, SettingLeft("search_path", "app"))


def test_outside_of_a_transaction_and_behind_a_commit_it_is_seen_as_well(server: ScratchServer) -> None:
    [two, one] = seen(server, "select 1", LOCKS, "select 2", f"commit; {PATH}", outside=("0002_new",))
    assert (one.migration, one.change, one.statement) == ("0002_new", SessionHolds("lock", "42"), LOCKS)
    assert (two.migration, two.change) == ("0004_new", SettingLeft("search_path", "app"))


def test_what_landed_holds_is_no_finding(server: ScratchServer) -> None:
    assert seen(server, "select 2", base=(BASE, LOCKS + ";" + PATH)) == []


def test_it_is_seen_whatever_the_settings_say(server: ScratchServer) -> None:
    lies = """
    create function app.never(text, text) returns bool language sql as 'select false';
    create operator app.= (function = app.never, leftarg = text, rightarg = text);
    set search_path to app, pg_catalog;
    """
    assert left(server, f"{lies}; {LOCKS}; set statement_timeout = 999", "reset all; select 1") == [
        ("0001_new", SettingKept("search_path", "app, pg_catalog", "0002_new")),
        ("0001_new", SettingKept("statement_timeout", "999ms", "0002_new")),
        ("0001_new", SessionHolds("lock", "42")),
    ]
