"""DELETE without a condition: told where it ran, of the table that it locked."""

import pytest

from migcheck.drizzle.ledger import Batching
from migcheck.drizzle.pieces import Piece
from migcheck.facts.replay.watching.deleting import whole_deletes
from migcheck.facts.sql.observation import Deleted, Seen
from migcheck.finding import Location
from migcheck.postgres.scratch.contract import ScratchServer
from tests.lint.shop import read as told
from tests.support.rehearsals import folder_of, upgraded

BREAKPOINT = "\n--> statement-breakpoint\n"
BASE = """
create table users (id int primary key, name text);
create table teams (id int primary key);
create schema stock;
create table stock.users (id int);
create view people as select * from users;
"""


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("delete from users", [("users",)]),
        ("DELETE /* all */ FROM ONLY stock . users *;", [("stock", "users")]),
        ('delete from "Odd One" as o returning *', [("Odd One",)]),
        ("delete from users; delete\nfrom users u", [("users",), ("users",)]),
        ("delete from users where id = 3", []),
        ("delete from users using teams", []),
        ("delete from users -- where id = 3", [("users",)]),
        ("delete from users returning 'where'", [("users",)]),
        ('delete from "where"', [("where",)]),
        ("deletefrom users", []),
        ("delete users", []),
        ("do $$ begin delete from users; end $$", []),
        ("with d as (delete from users) select 1", []),
        ("select 'delete from users'; -- delete from users", []),
        ('delete from U&"d\\0061t"', []),
        ('delete from shop."d""x" "alias"', [("shop", 'd"x')]),
        ("delete from", []),
    ],
)
def test_which_statements_take_every_row_is_told_by_their_words(sql: str, named: list[tuple[str, ...]]) -> None:
    assert [path for path, _, _ in whole_deletes("x.sql", Piece(sql, 1))] == named


VIEWS = """
create view shown as select * from users;
create view more as select * from shown where name <> '';
create view by_team as select * from teams;
create view others as select teams.id, null::text from teams;
"""


def deleted(
    server: ScratchServer, *new: str, batching: Batching = Batching.ALL, outside: tuple[str, ...] = (), views: str = ""
) -> list[Seen]:
    base = {"0000_base": BASE + views}
    head = folder_of({**base, **{f"{number:04}_new": sql for number, sql in enumerate(new, 1)}})
    found = upgraded(server, head, folder_of(base), batching=batching, outside=outside)
    assert found.failure is None, found.failure
    return [each for each in found.seen if isinstance(each.change, Deleted)]


@pytest.mark.server
def test_it_is_told_with_its_place_its_lock_and_how_long_that_is_held(server: ScratchServer) -> None:
    sql = f"select 1;{BREAKPOINT}-- all\n\nselect 2;\nDELETE FROM teams;\n{BREAKPOINT}select 3"
    assert deleted(server, sql) == [
        Seen(
            "0001_new",
            Location("drizzle/0001_new.sql", 6),
            "DELETE FROM teams;",
            "public.teams",
            Deleted(),
            "ROW EXCLUSIVE",
            after=1,
            written=True,
        )
    ]


@pytest.mark.server
@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("delete from stock.users", ["stock.users"]),
        ("set search_path to stock; delete from users; reset search_path", ["stock.users"]),
        ("delete from users" + BREAKPOINT + "alter table users rename to folk", ["public.users"]),
        ("alter table users rename to folk" + BREAKPOINT + "delete from folk", ["public.users"]),
        # Of two of that name both are locked: which it was nobody knows.
        ("delete from stock.users where id = 3; delete from users", []),
        ("delete from people", []),
        ("create temp table users (id int); delete from users; drop table pg_temp.users", []),
        ("savepoint a" + BREAKPOINT + "delete from teams" + BREAKPOINT + "rollback to savepoint a", []),
        ("commit" + BREAKPOINT + "delete from teams", []),
        ("delete from teams; drop table teams", []),
    ],
)
def test_it_is_told_of_a_table_that_was_there_and_still_is(server: ScratchServer, sql: str, tables: list[str]) -> None:
    assert [each.table for each in deleted(server, sql)] == tables


@pytest.mark.server
def test_rows_that_were_read_before_may_be_kept(server: ScratchServer) -> None:
    keeps = f"create temp table kept as select distinct name from users;{BREAKPOINT}delete from public.users;"
    assert deleted(server, keeps + BREAKPOINT + "insert into users select 1, name from kept") == []
    (seen,) = deleted(server, keeps.replace("temp ", ""))
    assert seen.keeper == Location("drizzle/0001_new.sql", 1)
    assert deleted(server, "create table kept as select * from users", "delete from public.users") == []
    # By name alone they are read, and none is kept.
    reads = ["create view v as select * from users", "select count(*) from users", "grant select on users to public"]
    reads += ["create table n (id int generated always as identity, u int references users)", "delete from users"]
    [one] = deleted(server, BREAKPOINT.join(reads))
    assert (one.table, one.keeper) == ("public.users", None)
    # Nor is who reads them by a view told from who does by the table, and what reads another keeps none.
    for name, kept in (("more", []), ("others", [Location("drizzle/0001_new.sql", 5)])):
        by_view = [
            "select count(*) from users",
            "create table kept (like users)",
            f"insert into kept select * from {name}",
        ]
        found = deleted(server, BREAKPOINT.join([*by_view, "delete from users"]), views=VIEWS)
        assert [each.keeper for each in found] == kept
    # What a function did its call does not say.
    calls = ["create table kept (like users)", "create function f() returns void language sql as $$", "select f()"]
    calls[1] += "insert into kept select * from users $$"
    assert deleted(server, BREAKPOINT.join([*calls, "delete from users"])) == []
    # Of some there are values.
    takes = ["update users set name = 'x' from teams where true", "update users set name = teams.id from teams"]
    [one] = deleted(server, BREAKPOINT.join([*takes, "delete from teams"]))
    assert (one.table, one.keeper) == ("public.teams", Location("drizzle/0001_new.sql", 3))
    # Those of another table are not.
    [one] = deleted(server, "create table kept as select * from teams", "delete from public.users")
    assert (one.table, one.migration) == ("public.users", "0002_new")


@pytest.mark.server
def test_it_is_told_outside_of_a_transaction_as_well(server: ScratchServer) -> None:
    sql = f"create index on teams (id);{BREAKPOINT}delete from teams;"
    found = deleted(server, sql, "select 1", outside=("0001_new",))
    at = Location("drizzle/0001_new.sql", 3)
    assert found == [Seen("0001_new", at, "delete from teams;", "public.teams", Deleted(), written=True)]
    [read] = [each for each in told(sql, outside={"0010_new"}) if isinstance(each.change, Deleted)]
    assert (read.at.line, read.table, read.lock) == (3, "public.teams", "")
    [one] = deleted(server, "delete from teams", "select 1", batching=Batching.EACH)
    assert (one.table, one.lock) == ("public.teams", "ROW EXCLUSIVE")


@pytest.mark.server
@pytest.mark.parametrize(
    "before",
    [
        "create table kept as select * from teams",
        "insert into users select id from teams",
        "insert into users select id from by_team",
        "do $$ begin create table kept as table teams; end $$",
        "create temp table teams (id int)",
    ],
)
def test_outside_of_a_transaction_words_say_what_may_have_read_rows_before(server: ScratchServer, before: str) -> None:
    for new in ((f"{before};{BREAKPOINT}delete from teams",), (before, "delete from teams")):
        assert deleted(server, *new, outside=("0001_new",), views=VIEWS) == []


@pytest.mark.server
def test_outside_of_a_transaction_a_count_keeps_none(server: ScratchServer) -> None:
    sql = f"select count(*) from public.teams;{BREAKPOINT}delete from teams"
    assert [each.keeper for each in deleted(server, sql, outside=("0001_new",))] == [None]
