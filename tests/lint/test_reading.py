"""What new migrations are read to do, without a server: each with its place, and nothing of what cannot be told."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from migcheck.facts.lint.reading import Changes
from migcheck.facts.lint.squawk import Unread
from migcheck.facts.sql.left_behind import NameCut
from migcheck.facts.sql.observation import (
    Cause,
    ColumnDropped,
    ColumnMadeRequired,
    Emptied,
    End,
    IndexBuilt,
    PartitionDetached,
    RefusedInTransaction,
    Reindexed,
    RequiredColumnAdded,
    Rewritten,
    RowSecurityOff,
    TableDropped,
    TableRenamed,
    TransactionEnded,
    Validated,
)
from migcheck.facts.sql.unparsed import Unparsed
from migcheck.finding import Location
from tests.lint.shop import BREAKPOINT, TABLES, changes, column, lines, read, table, told

LOCKS = "alter table users add x int;" + BREAKPOINT


@pytest.mark.parametrize(
    "sql",
    [
        LOCKS + "update users set x = 3",
        LOCKS + "update users set x = 3; update users set x = 4",
        "alter table users add x int; update users set x = 3",
        "update users set age = 3;" + BREAKPOINT + "alter table users add x int",
        LOCKS + "update users set x = 3 where id = 3",
        LOCKS + "update teams set size = 3",
        LOCKS + "delete from users",
    ],
)
@pytest.mark.parametrize("end", [";", ";\n", "; -- for now\n", ";;\n/* all of them */;"])
def test_what_is_worked_through_does_not_hang_on_how_a_statement_ends(sql: str, end: str) -> None:
    assert changes(sql + end) == changes(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "select 1;",
        # Made by what is new, whoever says so and in whatever way.
        "create table n (id int); alter table n add x int not null; create index on n (x); drop table n;",
        "create table if not exists n (id int);" + BREAKPOINT + 'alter table "n" drop column id;',
        "create table app.n (id int); truncate app.n;",
        "create schema app create table n (id int); drop table app.n;",
        "create table n as select 1 as x; alter table n alter x type text;",
        "create table n (id int); alter table n rename to m; drop table m;",
        "do $$ begin create table later (id int); end $$;" + BREAKPOINT + "alter table later add x int not null;",
        "create function f() returns void as $$ create table later (id int) $$ language sql; drop table later;",
        "create view v as select 1; alter view v rename to w; drop view v;",
        "create table part partition of log for values in (1); drop table part;",
        "alter table log attach partition part for values in (1); drop table part;",
        # Perhaps not there.
        "drop table if exists nobody; alter table if exists nobody add x int not null;",
        "alter table teams drop column if exists nothing;",
        "alter table teams add column if not exists size int not null;",
        "create index if not exists by_name on users (name);",
        # What nobody can see into.
        "do $$ begin drop table teams; end $$;",
        "select 'drop table teams';",
        "-- drop table teams;\n/* drop table teams; */ select 1;",
        # Of a type that nothing tells of.
        "alter table users alter column unheard type text;",
        # It says who has a value there.
        'alter table "Odd Ones" alter "Y" set not null;',
        # What Squawk cannot parse says nothing, and what stands beside it neither.
        "selec 1; drop table teams;",
        "alter table teams frobnicate; drop table teams;",
        "drop table;",
        "alter table teams add column;",
        'drop table U&"t\\0065ams";',
        "",
        "\x00",
        "begin",
    ],
)
def test_nothing_is_said(sql: str) -> None:
    assert changes(sql) == []


def test_a_piece_ends_where_drizzle_ends_it_and_each_statement_has_its_line() -> None:
    """Without a semicolon, behind text that is not ASCII, with CRs, after a byte order mark and on a shared line."""
    sql = (
        "\ufeff-- größer: 😀\r\nALTER TABLE teams DROP COLUMN size\n--> statement-breakpoint\n/* é */ DROP TABLE users"
        '--> statement-breakpoint\n\n-- и\n  TRUNCATE\n "Odd Ones"; ALTER TABLE stock.items\n  ADD x int NOT NULL -- ü'
    )
    assert list(lines(read(sql))) == [
        ("0010_new", "ColumnDropped", 2, "ALTER TABLE teams DROP COLUMN size"),
        ("0010_new", "TableDropped", 4, "DROP TABLE users"),
        ("0010_new", "Emptied", 7, 'TRUNCATE "Odd Ones";'),
        ("0010_new", "RequiredColumnAdded", 8, "ALTER TABLE stock.items ADD x int NOT NULL -- ü"),
    ]


def test_the_statement_is_the_one_that_did_it() -> None:
    """On a server that is a guess: here a statement before it names the same."""
    sql = "do $$ begin perform name from users where name is null; end $$;\nalter table users alter name set not null;"
    assert list(lines(read(sql))) == [
        ("0010_new", "ColumnMadeRequired", 2, "alter table users alter name set not null;")
    ]


def test_the_statement_names_the_table_as_it_is_called_by_then() -> None:
    sql = "alter table users rename to people;\nalter table people drop column team;"
    assert [each.at.line for each in read(sql)] == [1, 2]


def test_a_table_of_an_earlier_new_migration_is_new() -> None:
    assert changes("create table n (id int);", "drop table n;", "drop table teams;") == [
        ("public.teams", TableDropped())
    ]


def test_what_cannot_be_parsed_is_told_once_for_each_migration() -> None:
    sql = "select 1;" + BREAKPOINT + "\nalter table users\n  add colum x int;\nfoo bar;" + BREAKPOINT + "bar foo;"
    found = told(sql, "drop table teams;", "creat table x ();")
    assert not isinstance(found, Unread)
    assert found.unparsed == (
        Unparsed("0010_new", Location("drizzle/0010_new.sql", 5), "add colum x int;"),
        Unparsed("0012_new", Location("drizzle/0012_new.sql", 1), "creat table x ();"),
    )
    whole = told("select 1;", "drop table teams")
    assert not isinstance(whole, Unread)
    assert whole.unparsed == ()


def test_what_lacks_at_the_end_is_told_where_that_ends() -> None:
    found = told("select 1;" + BREAKPOINT + "\nalter table users\n  add column\n\n" + BREAKPOINT + "select 2;")
    assert not isinstance(found, Unread)
    assert found.unparsed == (Unparsed("0010_new", Location("drizzle/0010_new.sql", 5), "add column"),)


def test_what_leaves_something_open_is_told_with_what_is_behind_it() -> None:
    found = told("drop table teams;" + BREAKPOINT + "\nselect 'x", "drop table users;")
    assert not isinstance(found, Unread)
    assert found.unparsed == (Unparsed("0010_new", Location("drizzle/0010_new.sql", 4), "select 'x", rest=True),)


def test_what_is_left_open_swallows_nothing_that_is_told() -> None:
    for left_open in ("select 'x", 'select "x', "/* x", "select $$ x"):
        sql = "drop table teams;" + BREAKPOINT + left_open + BREAKPOINT + "drop table users; select ' */ $$ \";"
        assert changes(sql) == [("public.teams", TableDropped())]
    closed_by_the_next = "select 'x" + BREAKPOINT + "select '; drop table users; --';"
    assert changes(closed_by_the_next) == []


def test_names_are_the_servers() -> None:
    long = "x" * 70
    assert changes(f'alter table TEAMS add constraint "{long}" check (size > 1);') == [
        ("public.teams", Validated("x" * 63, foreign=False)),
        ("", NameCut(long, "x" * 63)),
    ]
    assert changes('alter table "Teams" drop "a""b";') == [('public."Teams"', ColumnDropped('a"b'))]
    assert changes('drop table "user"; drop table date;') == [
        ('public."user"', TableDropped()),
        ("public.date", TableDropped()),
    ]


def test_a_table_in_the_only_schema_that_has_it() -> None:
    """As a search_path would find it; public comes first."""
    assert changes("drop table items;") == [("stock.items", TableDropped())]
    both = (*TABLES, table("items"))
    assert changes("drop table items;", tables=both) == [("public.items", TableDropped())]
    assert changes("drop table items;", tables=(*both[:-1], table("items", schema="b"))) == [
        ("public.items", TableDropped())
    ]


def test_without_a_snapshot_a_table_is_there_where_the_statement_needs_it() -> None:
    sql = "alter table a drop x; drop table if exists b; alter table c alter x set not null; drop table c, d cascade;"
    assert changes(sql, tables=()) == [
        ("public.a", ColumnDropped("x")),
        ("public.c", TableDropped()),
        ("public.d", TableDropped()),
    ]


def test_a_snapshot_that_no_file_bears_out_is_not_believed_where_a_statement_does_not_need_it() -> None:
    """Somebody took the column out of the file and left it in the snapshot."""
    tables = (*TABLES, table("forms", column("id", "integer"), column("edited", "timestamp")))
    sql = "alter table forms drop column if exists edited;"
    assert changes(sql, tables=tables, landed=("create table forms (id int);",)) == []
    assert changes(sql, tables=tables, landed=('create table "forms" (id int, "edited" timestamp);',)) == [
        ("public.forms", ColumnDropped("edited"))
    ]
    assert changes("drop table if exists forms;", tables=tables) == []


def test_what_landed_by_hand_is_known() -> None:
    """drizzle-kit writes neither, and its snapshots do not tell of them."""
    not_null = "alter table users alter name set not null;"
    check = "alter table users add constraint named check (name is not null) not valid;"
    validated = "alter table users validate constraint named;"
    required = [("public.users", ColumnMadeRequired("name"))]
    assert changes(not_null, landed=(check,)) == required
    assert changes(not_null, landed=(check, validated)) == []
    assert changes(not_null, landed=(check.replace("name is", "age = 3 or name is"), validated)) == required
    assert changes(validated, landed=(check,)) == [("public.users", Validated("named", foreign=False))]
    assert read(validated, landed=(check,))[0].lock == "SHARE UPDATE EXCLUSIVE"
    partition = "create table logs_1 partition of logs for values in (1);"
    assert changes("drop table logs_1;", landed=(partition,)) == [("public.logs_1", TableDropped())]
    parted = told("alter table logs add foreign key (team) references teams;", landed=(partition,))
    assert isinstance(parted, Changes)
    assert [(each.table, type(each.change)) for each in parted.seen] == [("public.logs", Validated)]
    assert parted.partitions == {"public.logs_1": "public.logs"}
    [one] = read("drop table if exists logs_1;", landed=(partition,))
    assert (one.change, one.of) == (TableDropped(), "public.logs")
    assert changes("drop table if exists logs_1;", landed=(partition, "drop table logs_1;")) == []
    apart = "alter table logs detach partition logs_1;"
    assert changes(apart, landed=(partition,)) == [("public.logs_1", PartitionDetached())]
    assert changes(apart + "drop table logs_1;", landed=(partition,)) == [("public.logs_1", TableDropped())]
    assert changes("drop table if exists logs_1;", landed=(partition, apart)) == []


def test_a_foreign_key_that_each_partition_has_is_taken_over_and_looks_at_no_row() -> None:
    partitions = [f"create table logs_{each} partition of logs for values in ({each});" for each in (1, 2)]
    add = "alter table {} add constraint of_team foreign key (team) references teams"
    keys = [add.format(f"logs_{each}") + " not valid;" for each in (1, 2)]
    validated = [f'alter table "logs_{each}" validate constraint of_team;' for each in (1, 2)]
    whole, checked = add.format("logs") + ";", [("public.logs", Validated("of_team", foreign=True))]
    assert changes(whole, landed=(*partitions, *keys, *validated)) == []
    assert changes(whole, landed=(*partitions, *keys, validated[0])) == checked
    assert changes(whole, landed=(*partitions, *validated)) == checked
    other = whole.replace("(team)", "(owner)")
    assert changes(other, landed=(*partitions, *keys, *validated)) == checked


def test_outside_of_a_transaction_a_lock_is_known_by_what_is_done_and_rows_may_be_filled() -> None:
    sql = (
        "create index concurrently if not exists i on users (age); alter table users add x int not null; vacuum users; "
        "create index j on users (age);"
    )
    found = read(sql, "truncate teams;", outside={"0010_new"})
    assert [(each.change, each.lock, each.after, each.written) for each in found] == [
        (RequiredColumnAdded("x", "integer"), "ACCESS EXCLUSIVE", 0, True),
        (IndexBuilt("i", unique=False), "", 0, True),
        (IndexBuilt("j", unique=False), "SHARE", 0, True),
        (Emptied(), "ACCESS EXCLUSIVE", 0, False),
    ]
    [emptied] = read("truncate teams;", outside={"0010_new"})
    assert (emptied.change, emptied.lock) == (Emptied(), "ACCESS EXCLUSIVE")
    landed = ("alter table users add constraint named check (name <> '') not valid;",)
    told = [
        [
            each.lock
            for each in read(f"alter table users validate constraint named{more};", landed=landed, outside={"0010_new"})
        ]
        for more in ("", ", alter name type varchar(9)")
    ]
    assert told == [[""], ["ACCESS EXCLUSIVE"]]


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("vacuum full users;", ["public.users"]),
        ("vacuum full analyze users, stock.items;", ["public.users", "stock.items"]),
        ("VACUUM (ANALYZE, FULL) teams;", ["public.teams"]),
        ("vacuum (full on) teams;", ["public.teams"]),
        ("vacuum full;", ['public."Odd Ones"', "public.teams", "public.users", "stock.items"]),
        ("vacuum (full false) teams; vacuum (verbose, full 0) teams; vacuum users; vacuum (analyze) users;", []),
    ],
)
def test_what_vacuum_full_writes_anew_nobody_can_use(sql: str, tables: list[str]) -> None:
    found = read(sql, outside=["0010_new"])
    assert sorted(each.table for each in found) == tables
    assert {(each.change, each.lock) for each in found} <= {
        (Rewritten("every row was written anew"), "ACCESS EXCLUSIVE")
    }
    # In a transaction it is refused: that is all there is to say.
    assert {each.lock for each in read(sql)} <= {""}


def test_behind_a_commit_of_its_own_a_statement_holds_its_own_lock_alone() -> None:
    sql = "alter table users add x int;" + BREAKPOINT + "commit;" + BREAKPOINT + "create index i on users (age);"
    ended, built = TransactionEnded(End.KEPT), IndexBuilt("i", unique=False)
    assert [(each.change, each.lock) for each in read(sql)] == [(ended, ""), (built, "SHARE")]
    assert changes(sql + "vacuum users;") == [("", ended), ("public.users", built)]


def test_how_much_is_run_while_a_lock_is_held() -> None:
    found = read("truncate teams;" + BREAKPOINT + "select 1;", "select 1;" + BREAKPOINT + "select 2;")
    assert [each.after for each in found] == [4]


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("create index concurrently i on users (age)", "CREATE INDEX CONCURRENTLY"),
        ("create table n (id int); create unique index concurrently i on n (id)", "CREATE INDEX CONCURRENTLY"),
        ("drop index concurrently if exists by_name", "DROP INDEX CONCURRENTLY"),
        ("reindex (concurrently) table users", "REINDEX CONCURRENTLY"),
        ("reindex schema public", "REINDEX SCHEMA"),
        ("reindex system shop", "REINDEX SYSTEM"),
        ("reindex database concurrently shop", "REINDEX DATABASE"),
        ("alter table logs detach partition logs_1 concurrently", "ALTER TABLE DETACH PARTITION CONCURRENTLY"),
        ("vacuum analyze users", "VACUUM"),
        ("create database other", "CREATE DATABASE"),
        ("alter system set work_mem = '1GB'", "ALTER SYSTEM"),
    ],
)
def test_what_the_server_refuses_in_a_transaction(sql: str, what: str) -> None:
    found = [each for each in read("select 1;\n" + sql) if isinstance(each.change, RefusedInTransaction)]
    assert [(each.change, each.at.line) for each in found] == [(RefusedInTransaction(what), 2)]
    assert [each for each in read(sql, outside={"0010_new"}) if isinstance(each.change, RefusedInTransaction)] == []
    # It does nothing else there, whatever is locked.
    whole = [each.change for each in read("lock table users;\n" + sql)]
    assert whole == [RefusedInTransaction(what)]


def test_what_runs_in_one_is_not_said_to_be_refused() -> None:
    assert changes("alter table logs detach partition logs_1; refresh materialized view concurrently v;") == []
    assert changes("reindex index by_name;") == [("public.users", Reindexed())]
    assert changes("reindex (concurrently false) table users;") == [("public.users", Reindexed())]
    assert changes("drop index by_name; reindex table users;") == [("public.users", Reindexed())]


def test_an_index_or_a_view_that_nothing_tells_of_is_no_traceback() -> None:
    assert changes("reindex index nobodys; reindex table new;") == [("public.new", Reindexed())]
    assert changes("create table n (id int); reindex table n; create index i on n (id); reindex index i;") == []
    refreshed = Rewritten("its query was run anew", Cause.REFRESHED)
    assert changes("refresh materialized view nobodys;") == [("public.nobodys", refreshed)]
    assert changes("create materialized view v as select 1; refresh materialized view v;") == []
    assert changes("refresh materialized view v with no data;") == []
    assert changes("set search_path to app; refresh materialized view v; reindex index by_name;") == []


def test_row_security_of_a_table_that_nothing_tells_of_was_on() -> None:
    """Who switches it off had it."""
    sql = "alter table teams disable row level security; alter table other disable row level security;"
    assert changes(sql) == [("public.other", RowSecurityOff())]


def test_a_name_that_is_taken_again_is_another_table() -> None:
    sql = "drop table teams cascade; create table teams (id int); alter table teams drop id; drop table teams;"
    assert changes(sql) == [("public.teams", TableDropped())]
    assert changes("alter table teams rename to a;", "alter table a rename to b;", "truncate b;") == [
        ("public.teams", TableRenamed("public.a")),
        ("public.teams", Emptied()),
    ]


@pytest.mark.parametrize(
    ("pieces", "by"),
    [
        (["create table teams (id int, size int)"], "new"),
        (["create table teams (id int) partition by range (id)", "alter table teams attach partition old default"], ""),
        (["create table teams (id int, size int)", "alter table old inherit teams"], ""),
        (
            ["create table teams (id int)", "alter table old inherit teams", "alter table old no inherit teams"],
            "new",
        ),
        (
            ["create table teams (id int) partition by range (id)"]
            + [f"alter table teams {each}" for each in ("attach partition old default", "detach partition old")],
            "new",
        ),
    ],
)
def test_a_table_that_has_the_old_name_and_shows_the_rows_is_no_other(pieces: list[str], by: str) -> None:
    sql = BREAKPOINT.join(f"{each};" for each in ("alter table teams rename to old", *pieces))
    renamed = [each.taken for table, each in changes(sql) if isinstance(each, TableRenamed)]
    assert renamed == ([by] if by else [])


def test_what_is_dropped_and_made_anew_by_what_nobody_can_read_is_new() -> None:
    sql = "drop table teams; select make_teams_anew(); alter table teams drop column size;"
    assert changes(sql) == [("public.teams", TableDropped())]


def test_a_column_that_comes_with_not_null_was_filled_by_nothing_before() -> None:
    """What is written in the same piece may have filled one that is made so behind it."""
    before = "update users set age = 3;" + BREAKPOINT + "alter table users add x int not null;"
    within = "alter table users add x int; update users set x = 3; alter table users alter x set not null;"
    assert [(each.change, each.written) for each in (*read(before), *read(within))] == [
        (RequiredColumnAdded("x", "integer"), False),
        (RequiredColumnAdded("x", "integer"), True),
    ]


def test_a_snapshot_that_has_what_is_made_now_is_wrong_about_it() -> None:
    assert changes("create table teams (id int); alter table teams drop column id;") == []


def test_too_much_is_left_to_a_rehearsal() -> None:
    much = "insert into teams values (1, 2);\n" * 10_000
    assert told(much) == Unread("--offline, and more than 256 KiB of new SQL is read by a rehearsal alone")


@pytest.mark.parametrize("sql", ["select " + "(" * 40_000, "select 1;" * 3 + "( " * 60_000 + "drop table teams;"])
def test_what_squawk_breaks_down_on_is_no_traceback(sql: str) -> None:
    found = told(sql)
    assert isinstance(found, Unread)
    assert found.reason == "--offline, and Squawk cannot read the SQL"


def test_many_statements_on_one_table_take_no_longer_than_they_should() -> None:
    many = "".join(f"alter table users add column c{number} int not null;\n" for number in range(1000))
    begun = time.process_time()
    assert [each.at.line for each in read(many)] == list(range(1, 1001))
    assert time.process_time() - begun < 10


def test_no_driver_is_loaded_to_read() -> None:
    """Psycopg takes half a second to load, and every commit waits for it."""
    code = "import sys, migcheck.facts.lint.reading; print('psycopg' in sys.modules)"
    checks = Path(__file__).parents[2] / "checks"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=checks)
    assert told.stdout == "False\n"
