"""What a name may mean: no table where a snapshot has a view or a key of that name, and nobody knows behind a SET."""

import pytest

from migcheck.drizzle.schema import Relation, UniqueKey
from migcheck.facts.sql.observation import (
    ColumnDropped,
    ColumnMadeRequired,
    RequiredColumnAdded,
    TableDropped,
    TableRenamed,
)
from tests.lint.shop import BREAKPOINT, ID, TABLES, changes, column

VIEW = Relation("", "adults", (column("id", "integer"),), is_view=True)
KEYED = Relation("", "posts", (ID,), (UniqueKey("posts_pkey", ("id",)),), indexes=frozenset({"posts_by_id"}))


@pytest.mark.parametrize(
    "path",
    [
        "set search_path to app;",
        "set local search_path = app, public;",
        'set search_path = "$user";',
        "set schema 'app';",
        "select set_config('search_path', 'app', false);",
        "select pg_catalog.set_config(x, '', false) from teams;",
        "do $$ begin perform set_config('search_path', 'app', true); end $$;",
    ],
)
def test_behind_another_search_path_nothing_is_told_of_a_name_without_a_schema(path: str) -> None:
    for unsure in (
        "create table bar (id int); alter table app.bar add c int not null;",
        "create table bar as select 1; drop table app.bar;",
        "create table bar_1 partition of logs for values in (1); drop table app.bar_1;",
        "alter table logs attach partition bar_1 for values in (1); drop table app.bar_1;",
        "alter table foo rename to bar; alter table app.bar add c int not null;",
        "create table users (id int); alter table users drop column id;",
        "drop table teams; truncate teams; create index on teams (x);",
        "create table public.n (id int); drop table n; drop table public.n;",
    ):
        assert changes(path + unsure) == []
    # A name with one is told of as ever, and one without, once the path is.
    assert changes(path + "create table users (id int); drop table public.users;") == [("public.users", TableDropped())]
    assert changes(path + "alter table app.other add c int not null;") == [
        ("app.other", RequiredColumnAdded("c", "integer"))
    ]
    assert changes(path + "create schema app create table n (id int); drop table stock.n;") == [
        ("stock.n", TableDropped())
    ]
    for back in ("reset search_path;", "reset all;", "set search_path to public;", "set search_path to default;"):
        assert changes(path + back + "drop table teams;") == [("public.teams", TableDropped())]


def test_what_is_copied_behind_another_search_path_may_be_of_any_table() -> None:
    copied = "set search_path to app; create table public.n (like public.users); insert into n select * from users;"
    anew = "drop table public.users; alter table public.n rename to users;"
    assert changes(copied + anew) == []
    assert changes(copied.replace("insert into n select * from users", "select 1") + anew) == [
        ("public.users", TableDropped())
    ]
    made = "create table n (like users); set search_path to app; insert into public.n select * from n;"
    assert changes(made + anew) == []


@pytest.mark.parametrize(
    "other",
    [
        "set statement_timeout = 0;",
        "set search_path to public, app;",
        'set search_path = "$user", public;',
        "set schema 'public';",
        "select set_config('lock_timeout', '1s', true);",
        "create function f() returns int language sql set search_path = '' return 1;",
        "alter role me set search_path to app;",
        "create function f() returns text begin atomic select set_config('search_path', 'app', true); end;",
        "do $$ begin null; end $$;",
    ],
)
def test_what_sets_no_other_path_changes_nothing(other: str) -> None:
    assert changes(other + "drop table teams;") == [("public.teams", TableDropped())]


def test_a_rename_of_what_nothing_tells_of_may_be_of_an_index() -> None:
    assert changes("alter table users_pkey rename to users_key; alter table users_id_seq set schema stock;") == []
    assert changes("alter table users rename to people; alter table teams set schema stock;") == [
        ("public.users", TableRenamed("public.people")),
        ("public.teams", TableRenamed("stock.teams")),
    ]


def test_a_view_a_key_or_an_index_of_the_snapshot_is_no_table() -> None:
    tables = (*TABLES, VIEW, KEYED)
    for name in ("adults", "posts_pkey", "posts_by_id", "by_name"):
        sql = f"alter table {name} alter column id set not null; alter table {name} rename to other;"
        assert changes(sql, tables=tables) == []
    assert changes("alter table posts drop column id;", tables=tables) == [("public.posts", ColumnDropped("id"))]


def test_what_a_block_reads_from_a_view_may_be_of_any_table() -> None:
    copied = "create table n (like users); do $$ begin insert into n select * from adults; end $$;"
    anew = copied + "drop table users; alter table n rename to users;"
    assert changes(anew, tables=(*TABLES, VIEW)) == []
    assert changes(anew) == [("public.users", TableDropped())]


def test_what_landed_and_is_gone_since_does_not_come_back() -> None:
    """The snapshot is of what came of it."""
    landed = (
        "alter table old add constraint c check (x is not null) not valid; alter table old validate constraint c;",
        "alter table users add y int, alter unheard set not null, add constraint c check (name is not null) not valid;",
        "alter table users validate constraint c;",
        "drop table teams; alter table logs attach partition teams_1 for values in (1);",
    )
    assert changes("drop table if exists old; alter table users drop column if exists unheard;", landed=landed) == []
    assert changes("alter table users drop column if exists y;", landed=landed) == []
    assert changes("alter table users alter name set not null;", landed=landed) == []
    # What has to be there is there.
    assert changes("drop table teams_1;", landed=landed) == [("public.teams_1", TableDropped())]
    # What the snapshot has is there, though a piece that landed dropped it.
    assert changes("drop table if exists teams;", landed=landed) == [("public.teams", TableDropped())]
    assert changes("drop table old;", landed=landed) == [("public.old", TableDropped())]


def test_without_a_snapshot_what_landed_is_all_there_is() -> None:
    landed = ("alter table users add constraint c check (name is not null) not valid, validate constraint c;",)
    not_null = "alter table users alter name set not null;"
    assert changes(not_null, tables=None, landed=landed) == []
    assert changes(not_null, tables=(), landed=landed) == [("public.users", ColumnMadeRequired("name"))]


def test_what_landed_and_is_too_much_or_cannot_be_parsed_is_given_up() -> None:
    rows = "insert into teams values " + ", ".join(["(1, 2)"] * 40_000) + "; select 'a partition';"
    check = "alter table users add constraint named check (name is not null) not valid;"
    validated = "alter table users validate constraint named;"
    not_null = "alter table users alter name set not null;"
    required = [("public.users", ColumnMadeRequired("name"))]
    assert changes(not_null, landed=(rows,)) == required
    assert changes(not_null, landed=(check, rows, validated)) == []
    assert changes(not_null, landed=("select 'partition', " + "(" * 40_000,)) == required


def test_a_table_that_is_made_where_one_was_told_of_is_no_traceback() -> None:
    made = "create table teams (id int);"
    assert changes("alter table teams drop column size;" + made) == []
    assert changes("alter table teams drop column size;" + BREAKPOINT + made + "drop table teams;") == []
