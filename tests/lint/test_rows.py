"""Whose rows new migrations are read to read and write: a table that is put together anew keeps its rows."""

import pytest

from migcheck.facts.sql.observation import (
    ColumnMadeRequired,
    RequiredColumnAdded,
    TableDropped,
)
from tests.lint.shop import BREAKPOINT, changes, read

MADE = "create table n (like users);"
ANEW = "drop table users; alter table n rename to users;"
COPIES = "create function copy_users() returns void language sql as 'insert into n select * from users';"


@pytest.mark.parametrize(
    "copied",
    [
        "insert into n select id from users;",
        "insert into n select u.id from users u;",
        "insert into n select u.id from public.users as u (id) join teams t on true;",
        "insert into n select t.id from teams t left join only users u on true;",
        "insert into n table users;",
        "insert into n select id from (select * from users u) as x;",
        "with users as (select * from users u) insert into n select * from users;",
        "with old as (delete from users u returning *) insert into n select * from old;",
        "copy users (id) to '/tmp/x';",
        # What nobody can look into.
        COPIES + "select copy_users();",
        COPIES + "select * from app.copy_users() x;",
        "select app.lower('x');",
        "create view v as select * from users; insert into n select * from v;",
        "insert into n select * from a_view;",
        "insert into a_view select 1;",
        "insert into n select * from heard_nowhere h;",
        "create table c as select * from copied_users();",
        "create materialized view c as select * from copied_users();",
        "create view v as select * from copied_users(); insert into n select * from v;",
        "call copy_users(3);",
        "prepare p as select 1; execute p;",
        "refresh materialized view m;",
        "explain analyze select copy_users();",
        "do $$ begin insert into n select * from users; end $$;",
        "do $$ begin execute format('insert into %I select 1', 'n'); end $$;",
        "do $$ begin perform copy_users(); end $$;",
        "do $$ begin if true then call copy_users(1); end if; end $$;",
        "create view v as select * from users; do $$ begin insert into n select * from v; end $$;",
        "selec copy_users();",
    ],
)
def test_what_may_have_been_copied_is_not_lost(copied: str) -> None:
    # A view that is refreshed is told of by itself.
    lost = [one for one in changes(MADE + BREAKPOINT + copied + BREAKPOINT + ANEW) if one[0] != "public.m"]
    assert lost == []


@pytest.mark.parametrize(
    "nothing",
    [
        "",
        "insert into n select t.id from teams t;",
        "insert into n select users.id from teams users;",
        "with users as (select 1) select 2;",
        "with c as (select 1) insert into n select * from c;",
        "create table m (id int); insert into n select id from m; insert into m select 1;",
        "create view v as select 1; drop view v; create table v (id int); insert into n select id from v;",
        "insert into n select count(*) from pg_class; insert into n select 1 from information_schema.columns;",
        "select lower('x'), pg_catalog.now(), extract(year from now()), coalesce(1, 2);",
        "select * from unnest(array[1]);",
        # Defined, and not called.
        COPIES + "alter table teams add column x text default copy_users();",
        "create policy p on teams using (auth.uid() = id);",
        "create view v as select auth.uid() as id;",
        "do $$ begin insert into teams (id) values (1); update teams set size = lower('3')::int; end $$;",
        "grant execute on function copy_users to public;",
        "do $$ begin grant execute on function f to public; end $$;",
    ],
)
def test_what_nothing_read_is_lost(nothing: str) -> None:
    assert changes(MADE + BREAKPOINT + nothing + BREAKPOINT + ANEW) == [("public.users", TableDropped())]


@pytest.mark.parametrize(
    ("filled", "written"),
    [
        ("update users u set x = 3;", True),
        ("merge into users u using teams t on true when matched then update set x = 3;", True),
        ("update users_view set x = 3;", True),
        ("select fill();", True),
        ("do $$ begin execute 'update ' || 'us' || 'ers set x = 3'; end $$;", True),
        ("do $$ begin perform 1 from users; end $$;", False),
        ("update teams users set size = 3;", False),
    ],
)
def test_what_may_have_filled_a_column(filled: str, *, written: bool) -> None:
    found = read(f"alter table users add x int; {filled} alter table users alter x set not null;")
    assert [(each.change, each.written) for each in found] == [(RequiredColumnAdded("x", "integer"), written)]


def test_a_name_may_be_more_than_one_word() -> None:
    """As `"Odd Ones"`; and in what makes a table that nothing tells of."""
    sql = 'do $$ begin update "Odd Ones" set x = 3; end $$; alter table "Odd Ones" alter x type bigint;'
    assert [each.written for each in read(sql)] == [True]
    made = 'do $$ begin create table "user-roles" (id int); end $$; alter table "user-roles" add x int not null;'
    assert changes(made) == []
    assert changes(made.replace("begin create table", "begin drop table")) == [
        ('public."user-roles"', RequiredColumnAdded("x", "integer"))
    ]


@pytest.mark.parametrize(
    "hidden",
    [
        "do $$ begin execute format('create %s %I (id int)', 'table', 'n'); end $$;",
        "create function f() returns void language plpgsql as $$ begin execute x(); end $$;",
        "select create_parts();",
        "call create_parts();",
    ],
)
def test_what_may_be_made_by_what_nobody_can_look_into_is_not_judged(hidden: str) -> None:
    """What a snapshot tells of is."""
    sql = "alter table part_1 add x int not null; alter table users alter age set not null;"
    assert changes(hidden + sql) == [("public.users", ColumnMadeRequired("age"))]
