"""What new migrations do to the tables that are there: seen on the server, each change with its place and lock."""

import pytest

from migcheck.drizzle.ledger import Batching
from migcheck.facts.observation import (
    Change,
    ColumnDropped,
    ColumnMadeRequired,
    ColumnRenamed,
    Emptied,
    IndexBuilt,
    RequiredColumnAdded,
    Rewritten,
    RowSecurityOff,
    Seen,
    TableDropped,
    TableRenamed,
    Validated,
)
from migcheck.facts.rehearsal import Rehearsal
from migcheck.finding import Location
from migcheck.postgres.scratch import ScratchServer
from tests.support.rehearsals import folder_of, outcomes, rehearsed

pytestmark = pytest.mark.server

BREAKPOINT = "\n--> statement-breakpoint\n"
BASE = """
create type mood as enum ('sad', 'glad');
create table teams (id int primary key, size int);
create table users (
    id int primary key, name varchar(20), mood mood, team int, age int, twice int generated always as (age * 2) stored
);
alter table users enable row level security;
create table points (x int, y int);
create table told (x int check (x is not null));
create table parts (id int, at int, name varchar(20)) partition by range (at);
create table parts_1 partition of parts for values from (0) to (10);
create table parts_2 partition of parts for values from (10) to (20) partition by range (at);
create table parts_21 partition of parts_2 for values from (10) to (20);
"""


def seen(
    server: ScratchServer, *new: str, batching: Batching = Batching.ALL, outside: tuple[str, ...] = ()
) -> tuple[Seen, ...]:
    """What the migrations `new` are seen to do; all must go through."""
    return rehearsal(server, *new, batching=batching, outside=outside).seen


def rehearsal(
    server: ScratchServer, *new: str, batching: Batching = Batching.ALL, outside: tuple[str, ...] = ()
) -> Rehearsal:
    base = {"0000_base": BASE}
    head = folder_of({**base, **{f"{number:04}_new": sql for number, sql in enumerate(new, 1)}})
    found = rehearsed(server, head, folder_of(base), batching=batching, outside=outside)
    assert outcomes(found)[2] == "passed", outcomes(found)
    return found


def changed(server: ScratchServer, *new: str) -> list[tuple[str, Change]]:
    return [(each.table, each.change) for each in seen(server, *new)]


@pytest.mark.parametrize(
    ("sql", "table", "change"),
    [
        ("drop table teams", "public.teams", TableDropped()),
        ("alter table users drop column team", "public.users", ColumnDropped("team")),
        ("drop type mood cascade", "public.users", ColumnDropped("mood")),
        ("truncate teams", "public.teams", Emptied()),
        ("truncate points", "public.points", Emptied()),
        ("alter table users rename to people", "public.users", TableRenamed("public.people")),
        ("create schema app; alter table users set schema app", "public.users", TableRenamed("app.users")),
        ("alter table users rename column name to title", "public.users", ColumnRenamed("name", "title")),
        ("alter table users add column x text not null", "public.users", RequiredColumnAdded("x", "text")),
        ("alter table users alter column name set not null", "public.users", ColumnMadeRequired("name")),
        (
            "alter table users alter column team type bigint",
            "public.users",
            Rewritten("team was integer, and is bigint"),
        ),
        (
            "alter table points alter column x type bigint",
            "public.points",
            Rewritten("x was integer, and is bigint"),
        ),
        ("alter table parts alter column id type bigint", "public.parts", Rewritten("id was integer, and is bigint")),
        ("truncate parts", "public.parts", Emptied()),
        (
            "alter table users add column x uuid default gen_random_uuid()",
            "public.users",
            Rewritten("x was added with a value for each row"),
        ),
        (
            "alter table points add column id serial",
            "public.points",
            # Of such a column NOT NULL comes first and its default behind it, all of it by one command.
            Rewritten("id was added with a value for each row"),
        ),
        (
            "alter table users drop twice; alter table users add column twice int generated always as (1) stored",
            "public.users",
            Rewritten("twice was added with a value for each row"),
        ),
        ("alter table teams set unlogged", "public.teams", Rewritten("it is stored in another way")),
        ("cluster teams using teams_pkey", "public.teams", Rewritten("it was put into the order of an index")),
        (
            "alter table users add constraint grown check (age > 3)",
            "public.users",
            Validated("grown", foreign=False),
        ),
        (
            "alter table users add constraint of_team foreign key (team) references teams",
            "public.users",
            Validated("of_team", foreign=True),
        ),
        ("create index by_name on users (name)", "public.users", IndexBuilt("by_name", unique=False)),
        ("create index by_part on parts (id)", "public.parts", IndexBuilt("by_part", unique=False)),
        ("alter table points add primary key (x)", "public.points", IndexBuilt("points_pkey", unique=True)),
        ("alter table users disable row level security", "public.users", RowSecurityOff()),
    ],
)
@pytest.mark.parametrize("wrapped", [False, True])
def test_each_change_is_seen_for_what_it_is(
    server: ScratchServer, sql: str, table: str, change: Change, *, wrapped: bool
) -> None:
    """In a DO block as well."""
    told = changed(server, f"do $do$ begin {sql}; end $do$;" if wrapped else sql)
    also = [(table, ColumnMadeRequired("x"))] if "primary key" in sql else []
    assert told == [*also, (table, change)]


@pytest.mark.parametrize(
    "sql",
    [
        "create table more (id int primary key, team int references teams); drop table more;",
        "create table more (id int); alter table more add column x int not null; create index on more (x);",
        "alter table users alter column name type varchar(40)",
        "alter table users alter column name type text",
        "alter table users add column x int not null default 5",
        "alter table users add column x int; alter table users drop column x",
        "alter table users add constraint grown check (age > 3) not valid",
        "alter table told alter column x set not null",
        "alter table users rename to people; create view users as select * from people",
        "alter table users rename column name to title; alter table users rename column title to name",
        "alter table users rename column name to title; alter table users add column name text",
        "create temp table mine (id int); drop table mine",
        "insert into teams values (7); update teams set size = 1; delete from teams",
        "alter table users force row level security",
        "comment on table users is 'people'",
        "alter table parts detach partition parts_1; drop table parts_1",
        "truncate parts_21",
        "create table parts_3 partition of parts for values from (20) to (30)",
        "alter table parts alter column name type varchar(40)",
    ],
)
def test_what_hurts_nobody_is_not_seen(server: ScratchServer, sql: str) -> None:
    told = changed(server, sql)
    assert told == []


def test_each_is_told_with_its_place_its_lock_and_how_long_that_is_held(server: ScratchServer) -> None:
    first = f"-- to begin with\ncreate table more (id int);{BREAKPOINT}create index by_name on users\n  (name);"
    second = (
        "insert into teams values (1);\nupdate users set team = 1;\n\nalter table users drop column team;\nselect 1;"
    )
    assert seen(server, first, second) == (
        Seen(
            migration="0001_new",
            at=Location("drizzle/0001_new.sql", 4),
            statement="create index by_name on users (name);",
            table="public.users",
            change=IndexBuilt("by_name", unique=False),
            lock="SHARE",
            after=2,
        ),
        Seen(
            migration="0002_new",
            at=Location("drizzle/0002_new.sql", 4),
            statement="alter table users drop column team; select 1;",
            table="public.users",
            change=ColumnDropped("team"),
            lock="ACCESS EXCLUSIVE",
            after=0,
            written=True,
        ),
    )


def test_in_transactions_of_their_own_no_lock_outlives_its_migration(server: ScratchServer) -> None:
    told = seen(server, "truncate teams;", f"truncate points;{BREAKPOINT}select 1;", batching=Batching.EACH)
    assert [(each.migration, each.table, each.lock, each.after) for each in told] == [
        ("0001_new", "public.teams", "ACCESS EXCLUSIVE", 0),
        ("0002_new", "public.points", "ACCESS EXCLUSIVE", 1),
    ]


def test_outside_of_a_transaction_what_is_done_is_seen_and_its_lock_is_not(server: ScratchServer) -> None:
    told = seen(server, "create index concurrently if not exists by_name on users (name);", outside=("0001_new",))
    assert [(each.change, each.lock, each.after) for each in told] == [(IndexBuilt("by_name", unique=False), "", 0)]


def test_what_ends_the_transaction_hides_nothing(server: ScratchServer) -> None:
    told = seen(server, f"truncate points; commit;{BREAKPOINT}alter table users drop column team;{BREAKPOINT}select 1;")
    assert [(each.change, each.lock) for each in told] == [(Emptied(), ""), (ColumnDropped("team"), "")]


def test_names_are_read_whatever_a_migration_says_of_encodings(server: ScratchServer) -> None:
    told = seen(
        server, f"set client_encoding = 'SQL_ASCII';{BREAKPOINT}alter table users rename column name to \"größe\";"
    )
    assert [each.change for each in told] == [ColumnRenamed("name", "größe")]


def test_a_folder_that_fails_tells_of_nothing_but_that(server: ScratchServer) -> None:
    base = {"0000_base": BASE}
    head = folder_of({**base, "0001_new": "truncate teams;", "0002_new": "selec 1;"})
    found = rehearsed(server, head, folder_of(base))
    assert (outcomes(found)[2], found.seen) == ("42601 0002_new:1", ())
