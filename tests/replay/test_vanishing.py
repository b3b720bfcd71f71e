"""Tables of which new migrations leave no row: told by what becomes of rows, whatever SQL deletes them."""

from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from migcheck.config.config import SqlConfig
from migcheck.facts.replay.watching.deleting import says_all
from migcheck.facts.sql.rows import Gone
from migcheck.facts.target.sizes import Unsized
from migcheck.finding import Location
from migcheck.gather.target import Told, sql_facts
from migcheck.postgres.scratch.contract import ScratchServer
from migcheck.rule import judge
from migcheck.rules.sql.column_dropped import column_dropped
from migcheck.rules.sql.table_emptied import table_emptied
from tests.replay.test_with_rows import BASE, BREAKPOINT, with_rows
from tests.support.asked import with_rows as rehearsed

pytestmark = pytest.mark.server

SOWN = f"create table codes (id int);{BREAKPOINT}insert into codes values {', '.join(['(1)'] * 40)};{BREAKPOINT}"
SEED = "insert into orgs (name) values ('a'), ('b');"


def gone(
    server: ScratchServer, *new: str, base: Mapping[str, str] = BASE, seed: str | None = None
) -> list[tuple[str, str]]:
    """The tables that have no row left, with the file that those were of."""
    rows = with_rows(server, *new, base=base, seed=seed)
    assert (rows.ended, rows.faults) == ("", ())
    return [(each.table, "said" if each.said else each.seed) for each in rows.all_gone]


@pytest.mark.parametrize(
    "sql",
    [
        "delete from posts where true",
        "delete from posts where id is not null",
        # Only where another table has rows.
        "do $$ begin if exists (select from users) then delete from posts; end if; end $$",
        "do $$ begin execute 'delete ' || 'from posts'; end $$",
        "delete from posts using users where posts.author = users.id",
        "with old as (select 1 as one) delete from posts using old where old.one = 1",
        "create function f() returns void language sql as 'delete from posts';" + BREAKPOINT + "select f()",
        "delete from posts where id > 0; delete from posts where id <= 0",
        "alter table posts rename to articles;" + BREAKPOINT + "delete from articles where true",
        # What other tables get is none of its rows.
        SOWN + "delete from posts where true",
        "insert into orgs (name) select 'o' || n from generate_series(1, 40) n; delete from posts where true",
    ],
)
def test_every_row_is_gone_by_whatever_words(server: ScratchServer, sql: str) -> None:
    assert gone(server, sql) == [("public.posts", "")]


def test_a_block_says_it_as_well(server: ScratchServer) -> None:
    assert gone(server, "do $$ begin delete from posts; end $$") == [("public.posts", "said")]


def test_of_what_may_have_kept_fewer_the_place_is_told(server: ScratchServer) -> None:
    found = with_rows(server, f"create table kept as select * from posts limit 1;{BREAKPOINT}delete from posts").gone
    at, keeper = (Location("drizzle/0001_new.sql", line) for line in (3, 1))
    assert found == (Gone("0001_new", at, "delete from posts", "public.posts", 16, keeper=keeper),)


@pytest.mark.parametrize(
    ("block", "says"),
    [
        ("do $$ begin delete from only public.posts; end $$", True),
        ("do 'begin delete from posts; end'", True),
        ("select 1; do $$ begin perform 1; delete from posts; if true then perform 1; end if; end $$", True),
        ('do language plpgsql $a$ declare n int; begin Delete From "posts" p; n := 1; end $a$', True),
        ("do $$ begin delete from posts where true; delete from users; end $$", False),
        ("do $$ begin delete from other.posts; end $$", False),
        ("do $$ begin perform 1; -- delete from posts;\n end $$", False),
        ("do $$ declare r posts; begin for r in delete from posts returning * loop perform r; end loop; end $$", False),
        # Not run, or not for sure.
        (
            "create procedure f() language plpgsql as $f$ begin delete from posts; end $f$; do $$ begin end $$",
            False,
        ),
        ("do $$ begin if now() is null then delete from posts; end if; end $$", False),
        ("do $$ begin if now() is null then perform 1; delete from posts; end if; end $$", False),
        ("do $$ begin if now() is null then return; end if; delete from posts; end $$", False),
        ("do $$ begin perform 1; exception when others then perform 2; delete from posts; end $$", False),
    ],
)
def test_what_a_block_says(*, block: str, says: bool) -> None:
    assert says_all(block, "public.posts") is says


@pytest.mark.parametrize(
    "sql",
    [
        "delete from posts where body is null",
        # The words say it, or the table does: no second voice.
        "delete from posts",
        "truncate posts",
        "delete from posts where true; drop table posts",
        # What is kept, or put back.
        "create table kept as select * from posts;" + BREAKPOINT + "delete from posts where true",
        "create materialized view kept as select * from posts;" + BREAKPOINT + "delete from posts",
        "create table kept (id int);"
        + BREAKPOINT
        + "with gone as (delete from posts returning id) insert into kept select id from gone",
        # By way of another table.
        SOWN
        + "create temp table t as select * from posts;"
        + BREAKPOINT
        + "delete from posts where true; insert into codes select id from t; drop table t",
        "delete from posts where id in (select id from posts)",
        "savepoint a;" + BREAKPOINT + "delete from posts where true;" + BREAKPOINT + "rollback to savepoint a",
        "delete from orgs where id = 1 and name = 'nobody''s'",
        # No address that is made up is one.
        "delete from posts where body is null or body not like '%@%'",
        "do $$ begin delete from posts where slug <> 'welcome'; end $$",
        "delete from posts where id > 100 or id <= 100",
        "delete from posts where now() > '2000-01-01'",
        # No name that is made up is an owner's: what is not filled is not chosen by the DELETE.
        BREAKPOINT.join(
            (
                "alter table posts add owner uuid",
                "update posts p set owner = u.id from users u where u.id = p.author and u.name = 'owner'",
                "delete from posts where owner is null",
            )
        ),
    ],
)
def test_where_rows_may_be_left_nothing_is_told(server: ScratchServer, sql: str) -> None:
    assert gone(server, sql) == []


def test_what_is_dropped_or_emptied_only_where_there_are_rows_is_found(server: ScratchServer) -> None:
    block = "do $$ begin if exists (select from posts) then {}; end if; end $$"
    drops = (block.format(f"alter table {each}") for each in ("posts drop column slug", "users drop column age"))
    new = (*drops, "alter table users drop column name", block.format("truncate posts"))
    rehearsal = rehearsed(server, BASE["0000_base"], new)
    facts = sql_facts(rehearsal, Told(Unsized("there is no target")), SqlConfig())
    found = list(judge((column_dropped, table_emptied), facts))
    # What is dropped without any rows is told once.
    assert [(each.code, each.at.line) for each in found] == [("MC302", 5), ("MC302", 1), ("MC302", 3), ("MC303", 7)]
    said = "seen with rows that were made up: without any it is not done"
    assert [said in each.evidence for each in found] == [False, True, True, True]
    # The rows of production are others, and may not be such as it asks for; the project's own are what it says.
    assert [each.severity.value for each in found] == ["error", "warning", "warning", "warning"]
    own = replace(facts, seen=tuple(replace(each, made_up=False) for each in facts.seen))
    assert {each.severity.value for each in judge((column_dropped, table_emptied), own)} == {"error"}


def test_what_a_cascade_takes_is_told_of_its_table(server: ScratchServer) -> None:
    base = {
        "0000_base": """
            create table users (id serial primary key, name text);
            create table posts (id serial primary key, author int not null references users on delete cascade);
        """
    }
    assert gone(server, "delete from users where id is not null", base=base) == [
        ("public.users", ""),
        ("public.posts", ""),
    ]
    # That of the other its words say.
    assert gone(server, "delete from users", base=base) == [("public.posts", "")]


def test_it_is_told_with_its_place_and_how_many_rows_there_were(server: ScratchServer) -> None:
    [one] = with_rows(server, "select 1;\nselect 2;", "select 3;\ndelete from posts where id is not null;").gone
    at = Location("drizzle/0002_new.sql", 2)
    assert one == Gone("0002_new", at, "delete from posts where id is not null;", "public.posts", 16)


def test_the_projects_own_rows_are_told_of_with_their_file(server: ScratchServer) -> None:
    emptied = "delete from users; delete from orgs where length(name) >= 0"
    base = {"0000_base": "create table orgs (id serial primary key, name text not null); create table users (id int)"}
    assert gone(server, emptied, base=base, seed=SEED) == [("public.orgs", "seed.sql")]
    # Of those a condition with values of its own is told as well.
    assert gone(server, "delete from users; delete from orgs where name <> 'z'", base=base, seed=SEED) == [
        ("public.orgs", "seed.sql")
    ]
    # Of a single row a condition may mean it.
    only = "delete from orgs where name = 'a'"
    assert gone(server, only, base=base, seed="insert into orgs (name) values ('a')") == []
    assert gone(server, only, base=base, seed=SEED) == []


def test_partitions_are_told_of_together(server: ScratchServer) -> None:
    base = {
        "0000_base": """
            create table parts (id int not null) partition by range (id);
            create table parts_1 partition of parts for values from (minvalue) to (3);
            create table parts_2 partition of parts default;
        """
    }
    assert gone(server, "delete from parts where id is not null", base=base) == [("public.parts", "")]
    assert gone(server, "delete from parts_1 where id is not null", base=base) == []
