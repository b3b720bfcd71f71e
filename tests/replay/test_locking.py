"""What keeps others out of a table while all of it is read or built: seen by files and scans, whatever SQL did it."""

from collections.abc import Sequence

import pytest

from migcheck.drizzle.ledger import Batching
from migcheck.facts.sql.observation import (
    Cause,
    Change,
    ColumnMadeRequired,
    Deleted,
    IndexBuilt,
    PartitionChecked,
    ReadMeanwhile,
    Reindexed,
    Rewritten,
    Seen,
    WorkedThrough,
)
from migcheck.finding import Location
from migcheck.postgres.scratch.contract import ScratchServer
from tests.support.rehearsals import folder_of, retyped, upgraded
from tests.support.seen_apart import changed_apart, seen_apart

pytestmark = pytest.mark.server

BREAKPOINT = "\n--> statement-breakpoint\n"
BASE = """
create table users (id int primary key, name text, age int);
create index by_name on users (name);
create table posts (id int primary key, author int);
create table bare (id int);
create table a (id int);
create table b (id int);
create materialized view stats as select age, count(*) as n from users group by age;
create unique index of_stats on stats (age);
create table parts (id int not null, at int not null) partition by range (at);
create table parts_1 partition of parts for values from (0) to (10);
create index parts_by_id on parts (id);
create table late (id int not null, at int not null);
create table proven (id int not null, at int not null, check (at >= 20 and at < 30));
"""
REFRESHED = Rewritten("its query was run anew", Cause.REFRESHED)
IN_ORDER = Rewritten("it was put into the order of an index", Cause.ORDERED)
LATE = IndexBuilt("late_id_idx", unique=False)
ADDS = f"alter table users add column x int;{BREAKPOINT}"
LOCKS = f"lock table a, b, bare, posts;{BREAKPOINT}"
TO_LATE = "alter table parts attach partition late for values from (10) to (20)"


def seen(
    server: ScratchServer, *new: str, batching: Batching = Batching.ALL, outside: tuple[str, ...] = ()
) -> tuple[Seen, ...]:
    base = {"0000_base": BASE}
    head = folder_of({**base, **{f"{number:04}_new": sql for number, sql in enumerate(new, 1)}})
    found = upgraded(server, head, folder_of(base), batching=batching, outside=outside)
    assert found.failure is None, found.failure
    return found.seen


def told_apart(server: ScratchServer, cases: Sequence[str]) -> dict[str, list[tuple[str, Change]]]:
    found = changed_apart(server, BASE, cases)
    return {sql: [(table.removeprefix("public."), change) for table, change in of_it] for sql, of_it in found.items()}


BUILT: list[tuple[str, list[tuple[str, Change]]]] = [
    ("reindex table users", [("users", Reindexed())]),
    ("reindex index by_name", [("users", Reindexed())]),
    ("do $$ begin execute 'reindex table users'; end $$", [("users", Reindexed())]),
    (LOCKS + "reindex table users", [("users", Reindexed())]),
    ("reindex table bare", []),
    ("reindex table parts_1", [("parts_1", Reindexed())]),
    ("reindex table stats", [("stats", Reindexed())]),
    # Built because the table is, or of another type: told as that.
    ("cluster users using by_name", [("users", IN_ORDER)]),
    (
        "alter table users alter name type varchar(3)",
        [("users", retyped("name", "text", "character varying(3)"))],
    ),
    ("refresh materialized view stats", [("stats", REFRESHED)]),
    ("refresh materialized view concurrently stats", []),
    ("cluster stats using of_stats", [("stats", IN_ORDER)]),
    ("create unique index more on stats (age, n)", [("stats", IndexBuilt("more", unique=True))]),
    ("create index more on stats (n)", [("stats", IndexBuilt("more", unique=False))]),
    ("drop materialized view stats", []),
    ("alter materialized view stats rename to numbers", []),
    ("alter materialized view stats rename column n to m", []),
    (
        "create materialized view v as select 1 as x; create unique index v_x on v (x);"
        + BREAKPOINT
        + "refresh materialized view v; reindex table v",
        [],
    ),
    (TO_LATE, [("late", LATE), ("late", PartitionChecked())]),
    (
        "create index late_id_idx on late (id);" + BREAKPOINT + TO_LATE,
        [("late", LATE), ("late", PartitionChecked())],
    ),
    (
        "alter table parts attach partition proven for values from (20) to (30)",
        [("proven", IndexBuilt("proven_id_idx", unique=False))],
    ),
    (
        "create table n (like late);"
        + BREAKPOINT
        + "alter table parts attach partition n for values from (40) to (50)",
        [],
    ),
    ("lock table users", []),
]


def test_what_is_built_or_checked_anew_is_seen(server: ScratchServer) -> None:
    assert told_apart(server, [sql for sql, _ in BUILT]) == dict(BUILT)


def test_while_indexes_are_built_anew_nobody_can_read_either(server: ScratchServer) -> None:
    [one] = seen(server, "select 1;\nreindex index by_name;")
    assert (one.at, one.statement, one.lock) == (
        Location("drizzle/0001_new.sql", 2),
        "reindex index by_name;",
        "ACCESS EXCLUSIVE",
    )
    assert [each.lock for each in seen(server, "refresh materialized view stats")] == ["ACCESS EXCLUSIVE"]
    assert [each.lock for each in seen(server, "create index on stats (n)")] == ["SHARE"]


def test_concurrently_outside_of_a_transaction_holds_no_lock(server: ScratchServer) -> None:
    found = seen(server, "reindex table concurrently users;", outside=("0001_new",))
    assert {each.lock for each in found} <= {""}


GONE_THROUGH = [
    ADDS + "update users set x = 1",
    ADDS + "do $$ begin update users set x = 1; end $$",
    "lock table users;" + BREAKPOINT + "update users set age = 1 where age > 3",
    "do $$ begin alter table users add column x int; end $$;" + BREAKPOINT + "insert into a select id from users",
    ADDS + "select count(*) from users",
    ADDS + "create table n as select id, name from users",
    "lock table users;" + BREAKPOINT + "create materialized view v as select id, name from users",
    LOCKS + ADDS + "update users set x = 1",
]


def test_a_table_that_is_gone_through_while_nobody_else_can_use_it(server: ScratchServer) -> None:
    assert told_apart(server, GONE_THROUGH) == {sql: [("users", WorkedThrough())] for sql in GONE_THROUGH}


CASCADES = ADDS + "alter table posts add foreign key (author) references users on delete cascade"
NOT_GONE_THROUGH: list[tuple[str, list[Change]]] = [
    # Before the lock is taken, or for one row.
    ("update users set age = 1;" + BREAKPOINT + "alter table users add column x int", []),
    (ADDS + "update users set x = 1 where id = 3", []),
    (ADDS + "update posts set author = 1", [ReadMeanwhile(("public.users",))]),
    (ADDS + "create table n (id int references users)", []),
    (ADDS + "create view v as select * from users", []),
    (ADDS + "create index i on users (age)", [IndexBuilt("i", unique=False)]),
    (ADDS + "insert into users (id) values (1)", []),
    (
        "create index by_age on users (age);" + BREAKPOINT + "update users set age = 1",
        [IndexBuilt("by_age", unique=False)],
    ),
    # In one piece nobody knows which came first.
    ("alter table users add column x int; update users set x = 1", []),
    # What is told as something else.
    (ADDS + "alter table users alter age set not null", [ColumnMadeRequired("age")]),
    (ADDS + "delete from users", [Deleted()]),
    ("create table n (id int);" + BREAKPOINT + "alter table n add x int;" + BREAKPOINT + "update n set x = 1", []),
]


def test_what_is_not_gone_through_under_a_lock(server: ScratchServer) -> None:
    found = told_apart(server, [CASCADES, *(sql for sql, _ in NOT_GONE_THROUGH)])
    told = {sql: [change for _, change in of_it] for sql, of_it in found.items()}
    assert WorkedThrough() not in told.pop(CASCADES)
    assert told == dict(NOT_GONE_THROUGH)


FOR_ONE = "update users set x = 1 where id = (select id from users where name <> '' order by age limit 1)"


PLANNED = [
    ("update users set x = 1", True),
    ("update users set x = 1 where age > 3", True),
    ("update users u set x = 1 from posts p where p.author = u.age", True),
    ("with found as (select author from posts) delete from users where age in (select author from found)", True),
    ("insert into users (id) select id + 1000 from users", True),
    ("do $$ begin update users set x = 1; end $$", True),
    (f"{FOR_ONE};\nupdate users set x = 1", True),
    # All of it is read to look for some, which are written by an index.
    (FOR_ONE, False),
    ("delete from users where id = (select max(age) from users)", False),
    ("select count(*) from users", False),
    ("insert into posts (id) select id from users", False),
]


def test_whether_it_is_gone_through_to_write_it_the_servers_plan_says(server: ScratchServer) -> None:
    before = ADDS + f"update users set x = 2 where id = 1;{BREAKPOINT}"
    found = seen_apart(server, BASE, [before + sql for sql, _ in PLANNED])
    told = {sql: [(each.change, each.written) for each in of_it][-1:] for sql, of_it in found.items()}
    assert told == {before + sql: [(WorkedThrough(), written)] for sql, written in PLANNED}


RULES: list[tuple[str, list[bool]]] = [
    ("instead nothing", []),
    ("also notify written", []),
    ("also insert into b values (new.id)", []),
    ("instead update users set age = 1", [True]),
    ("also update users set age = 1", [True]),
    ("instead select count(*) from users", [False]),
]


def test_what_a_rule_makes_of_a_statement_is_planned_as_well(server: ScratchServer) -> None:
    inserts = f"{BREAKPOINT}{ADDS}insert into a values (1)"
    expected = {f"create rule r as on insert to a do {does};{inserts}": written for does, written in RULES}
    found = seen_apart(server, BASE, expected)
    assert {sql: [each.written for each in of_it] for sql, of_it in found.items()} == expected


@pytest.mark.parametrize("depth", [20, 800])
def test_a_plan_may_be_deeper_than_anybody_reads(server: ScratchServer, depth: int) -> None:
    nested = "select * from (" * depth + "select age from users" + " limit 1) t" * depth
    assert [each.change for each in seen(server, ADDS + nested)] == [WorkedThrough()]


def test_a_lock_ends_with_its_transaction(server: ScratchServer) -> None:
    new = ("alter table users add x int", "update users set x = 1")
    assert seen(server, *new, batching=Batching.EACH) == ()
    [one] = seen(server, *new)
    assert (one.migration, one.change, one.lock, one.written) == ("0002_new", WorkedThrough(), "ACCESS EXCLUSIVE", True)
