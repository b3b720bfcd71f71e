"""A foreign key to a table that is new: which rows it refuses, where what is new leaves that table empty."""

import pytest

from migcheck.facts.replay.with_rows.newcomers import stays_empty
from migcheck.facts.sql.misfit import NoValue, Orphaned
from migcheck.facts.sql.rows import RowFault
from migcheck.finding import Location
from migcheck.postgres.scratch.contract import ScratchServer
from tests.replay.test_with_rows import BREAKPOINT, with_rows
from tests.support.rehearsals import folder_of

pytestmark = pytest.mark.server

TEAMS = "create table teams (id integer primary key);"
KEY = "alter table users add constraint team foreign key (age) references teams;"


def fault(server: ScratchServer, *pieces: str) -> RowFault:
    (only,) = with_rows(server, BREAKPOINT.join(pieces)).faults
    assert (only.table, only.misfit, only.failure.sqlstate) == ("public.users", Orphaned("team"), "23503")
    return only


def test_where_it_stays_empty_each_row_that_points_anywhere_is_refused(server: ScratchServer) -> None:
    found = fault(server, TEAMS, KEY, "insert into teams values (1)")
    assert (found.select, found.why) == ('select * from public.users where "age" is not null', "")


def test_a_new_column_with_a_value_points_to_none_in_each_row(server: ScratchServer) -> None:
    add = "alter table users add column team integer not null default 1"
    key = "alter table users add constraint team foreign key (age, team) references teams"
    teams = "create table teams (a integer, b integer, primary key (a, b));"
    assert fault(server, teams, add, key).select == 'select * from public.users where "age" is not null'
    key = "alter table users add constraint team foreign key (team) references teams"
    assert fault(server, TEAMS, add, key).select == "select * from public.users"


def test_where_it_is_filled_before_there_is_none_and_why_is_told(server: ScratchServer) -> None:
    some = "insert into teams select distinct age from users where age > 0"
    found = fault(server, TEAMS, some, KEY)
    assert (found.select, found.why) == ("", "public.teams is new, and what is new may have filled it by then")


def test_where_it_is_filled_with_all_nothing_is_found(server: ScratchServer) -> None:
    some = "insert into teams select distinct age from users where age is not null"
    assert with_rows(server, BREAKPOINT.join((TEAMS, some, KEY))).faults == ()


def test_where_rows_of_the_child_were_written_there_is_none(server: ScratchServer) -> None:
    found = fault(server, TEAMS, "update users set age = 3 where age is null", KEY)
    assert (found.select, found.why) == ("", "")


def test_behind_it_the_next_is_found(server: ScratchServer) -> None:
    last = "alter table users alter column name set not null"
    told = [each.misfit for each in with_rows(server, BREAKPOINT.join((TEAMS, KEY, last))).faults]
    assert told == [Orphaned("team"), NoValue("name")]


EMPTY = [
    "",
    "create table other (); insert into other values (1)",
    "create index on teams (id); comment on table teams is $$insert into teams$$; select setval('other_id_seq', 3)",
    'alter table "teams" enable row level security',
    "create function f() returns void language sql as 'select 1'",
]
FILLED = [
    "insert into teams values (1)",
    'with new as (select 1) insert into public."teams" select * from new',
    "copy teams from stdin",
    "do $$ begin execute 'insert ' || 'into tea' || 'ms'; end $$",
    "call fill_all()",
    "create function f() returns void language sql as 'insert into teams values (1)'; select f()",
    "create trigger t after insert on users execute function f(); insert into users values (1)",
    "create table teams as select 1",
    "create unlogged table teams (id) as (\n select 1)",
    "create table sides (); alter table sides rename to teams",
    "create table part partition of teams default; insert into part values (1)",
    "alter table teams attach partition users default",
    "create view all_teams as select * from teams; insert into all_teams values (1)",
    "explain analyze insert into sides values (1)",
]


@pytest.mark.parametrize("text", [*EMPTY, *FILLED])
def test_what_may_fill_it(text: str) -> None:
    before, behind = folder_of(
        {"0000_a": f"{TEAMS}\n{text};\n{KEY}", "0001_b": "insert into teams values (1)"}
    ).migrations
    until = Location(before.path, 2 + (text + ";").count("\n") + 1)
    assert stays_empty("public.teams", [before, behind], until) is (text in EMPTY)


def test_what_is_in_the_same_piece_may_have_run_before() -> None:
    (only,) = folder_of({"0000_a": f"alter table users drop constraint team;\n{TEAMS}\n{FILLED[0]};\n{KEY}"}).migrations
    for line in range(1, 5):
        assert not stays_empty("public.teams", [only], Location(only.path, line))


def test_without_a_line_all_may_have_run_before() -> None:
    found = folder_of({"0000_a": TEAMS, "0001_b": KEY, "0002_c": "insert into teams values (1)"}).migrations
    assert stays_empty("public.teams", found, Location(found[1].path, 1))
    assert not stays_empty("public.teams", found, Location(found[1].path))


def test_a_piece_that_begins_on_the_line_may_have_run_before() -> None:
    text = BREAKPOINT.join((TEAMS, KEY)) + ";--> statement-breakpoint insert into teams values (1)"
    (only,) = folder_of({"0000_a": text}).migrations
    assert not stays_empty("public.teams", [only], Location(only.path, 3))
    (only,) = folder_of({"0000_a": text.replace("int insert", "int\ninsert")}).migrations
    assert stays_empty("public.teams", [only], Location(only.path, 3))
