"""What is done to a partition by its own name: it is told of that, and once."""

from collections.abc import Sequence

import pytest

from migcheck.facts.sql.observation import (
    Change,
    ColumnDropped,
    ColumnMadeRequired,
    ColumnRenamed,
    Deleted,
    Emptied,
    End,
    IndexBuilt,
    PartitionChecked,
    PartitionDetached,
    RequiredColumnAdded,
    RestChecked,
    Seen,
    TableDropped,
    TransactionEnded,
    Validated,
    WorkedThrough,
)
from migcheck.finding import Location
from migcheck.postgres.scratch.contract import ScratchServer
from tests.support.rehearsals import folder_of, retyped, upgraded
from tests.support.seen_apart import changed_apart, seen_apart

pytestmark = pytest.mark.server

BREAKPOINT = "\n--> statement-breakpoint\n"
BASE = """
create table users (id int primary key);
create table parts (id int, at int, name varchar(20)) partition by range (at);
create table parts_1 partition of parts for values from (0) to (10);
create table parts_2 partition of parts for values from (10) to (20) partition by range (at);
create table parts_21 partition of parts_2 for values from (10) to (15);
create table parts_22 partition of parts_2 for values from (15) to (20);
create table only_one (id int) partition by range (id);
create table the_one partition of only_one for values from (0) to (10);
create table logs (id int, at int not null) partition by range (at);
create index on logs (id);
create table logs_1 partition of logs for values from (0) to (10);
create table logs_rest partition of logs default;
create table proven (id int, at int not null) partition by range (at);
create table proven_1 partition of proven for values from (0) to (10);
create table proven_rest partition of proven (check (at < 0 or at >= 99)) default;
create table many (id int, at int not null) partition by range (id);
create index on many (id);
create table late (id int, at int not null check (at >= 20 and at < 30));
create index on late (id);
create table unproven (id int, at int not null);
create index on unproven (id);
create table unproven_too (id int);
create table tree (id int) partition by range (id);
create table tree_1 partition of tree for values from (0) to (99);
alter table tree_1 enable row level security;
create table whole (id int, at int not null) partition by range (at);
create table named (id int references users, name text check (name <> '')) partition by range (id);
create table named_1 partition of named for values from (0) to (10);
"""
CHECKED = RestChecked | PartitionChecked
DETACH = "alter table parts detach partition parts_1;"


def seen(server: ScratchServer, *new: str) -> tuple[Seen, ...]:
    base = {"0000_base": BASE}
    head = folder_of({**base, **{f"{number:04}_new": sql for number, sql in enumerate(new, 1)}})
    found = upgraded(server, head, folder_of(base))
    assert found.failure is None, found.failure
    return found.seen


def told(server: ScratchServer, *new: str) -> list[tuple[str, Change]]:
    return [(each.table.removeprefix("public."), each.change) for each in seen(server, *new)]


def told_apart(server: ScratchServer, cases: Sequence[str]) -> dict[str, list[tuple[str, Change]]]:
    found = changed_apart(server, BASE, cases)
    return {sql: [(table.removeprefix("public."), change) for table, change in of_it] for sql, of_it in found.items()}


BY_NAME: list[tuple[str, list[tuple[str, Change]]]] = [
    ("drop table parts_1", [("parts_1", TableDropped())]),
    ("do $$ begin drop table parts_1; end $$", [("parts_1", TableDropped())]),
    ("drop table parts_2", [("parts_2", TableDropped())]),
    ("drop table parts", [("parts", TableDropped())]),
    ("truncate parts_1", [("parts_1", Emptied())]),
    ("truncate parts_2", [("parts_2", Emptied())]),
    ("truncate parts_22;" + BREAKPOINT + "alter table parts add x int", [("parts_22", Emptied())]),
    ("truncate parts", [("parts", Emptied())]),
    # It was all that there was.
    ("truncate the_one;" + BREAKPOINT + "alter table only_one add x int", [("only_one", Emptied())]),
    ("delete from parts_1", [("parts_1", Deleted())]),
    ("delete from parts", [("parts", Deleted())]),
    ("alter table parts detach partition parts_1", [("parts_1", PartitionDetached())]),
    ("alter table parts detach partition parts_2", [("parts_2", PartitionDetached())]),
    ("alter table parts_2 detach partition parts_21", [("parts_21", PartitionDetached())]),
    ("alter table named detach partition named_1", [("named_1", PartitionDetached())]),
    (
        "alter table parts detach partition parts_1;" + BREAKPOINT + "drop table parts_1",
        [("parts_1", TableDropped())],
    ),
    (
        "alter table parts detach partition parts_1;"
        + BREAKPOINT
        + "alter table parts attach partition parts_1 for values from (-5) to (10)",
        [("parts_1", PartitionChecked())],
    ),
    # What becomes of it then is told as of any table; nobody asks for it by its name.
    (
        DETACH + BREAKPOINT + "alter table parts_1 drop column name",
        [("parts_1", PartitionDetached()), ("parts_1", ColumnDropped("name"))],
    ),
    (
        DETACH + " alter table parts_1 drop column name",
        [("parts_1", PartitionDetached()), ("parts_1", ColumnDropped("name"))],
    ),
    (DETACH + " drop table parts_1", [("parts_1", TableDropped())]),
    (f"do $$ begin {DETACH} drop table parts_1; end $$", [("parts_1", TableDropped())]),
    (
        DETACH + BREAKPOINT + "alter table parts_1 add new int not null, add check (at > 0)",
        [
            ("parts_1", PartitionDetached()),
            ("parts_1", RequiredColumnAdded("new", "integer")),
            ("parts_1", Validated("parts_1_at_check", foreign=False)),
        ],
    ),
    (
        DETACH + BREAKPOINT + "alter table parts_1 rename to old; alter table old rename name to title",
        [("parts_1", PartitionDetached())],
    ),
    (
        DETACH + BREAKPOINT + "create schema archive; alter table parts_1 set schema archive",
        [("parts_1", PartitionDetached())],
    ),
    (
        "alter table parts rename to pieces;" + BREAKPOINT + "drop table pieces; create view parts as select 1",
        [("parts", TableDropped())],
    ),
    (
        "alter table parts alter id type bigint",
        [("parts", retyped("id", "integer", "bigint"))],
    ),
    ("create index by_id on parts (id)", [("parts", IndexBuilt("by_id", unique=False))]),
    ("create index by_id on parts_1 (id)", [("parts_1", IndexBuilt("by_id", unique=False))]),
    ("alter table parts_1 rename to pieces_1", []),
    ("alter table tree_1 disable row level security", []),
    ("alter table parts_1 add check (at > -1)", [("parts_1", Validated("parts_1_at_check", foreign=False))]),
    ("alter table parts_1 alter name set not null", [("parts_1", ColumnMadeRequired("name"))]),
    (
        "alter table parts alter name set not null, add check (at > -1)",
        [("parts", ColumnMadeRequired("name")), ("parts", Validated("parts_at_check", foreign=False))],
    ),
    ("alter table parts rename name to title", [("parts", ColumnRenamed("name", "title"))]),
    ("alter table parts drop name", [("parts", ColumnDropped("name"))]),
    ("alter table parts add new int references users", []),
    # Its index is built on the partition that is new, and nobody reads any other for that.
    (
        f"alter table logs add x int;{BREAKPOINT}create table l partition of logs for values from (10) to (20)",
        [("logs_rest", RestChecked())],
    ),
    (
        f"alter table parts_2 add check (at < 30);{BREAKPOINT}alter table parts detach partition parts_2",
        [("parts_2", Validated("parts_2_at_check", foreign=False)), ("parts_2", PartitionDetached())],
    ),
    (
        "create table parts_3 partition of parts for values from (20) to (30);"
        + BREAKPOINT
        + "truncate parts_3; alter table parts detach partition parts_3; drop table parts_3",
        [],
    ),
]


def test_a_partition_is_told_of_by_its_own_name(server: ScratchServer) -> None:
    assert told_apart(server, [sql for sql, _ in BY_NAME]) == dict(BY_NAME)
    rewritten = told(server, "alter table parts drop column name, add x int not null default 3")
    assert {table for table, _ in rewritten} == {"parts"}


def test_it_is_told_with_its_place_its_lock_and_what_it_was_a_part_of(server: ScratchServer) -> None:
    sql = "select 1;\nalter table parts_2 detach partition parts_21;"
    assert seen(server, sql) == (
        Seen(
            "0001_new",
            Location("drizzle/0001_new.sql", 2),
            "alter table parts_2 detach partition parts_21;",
            "public.parts_21",
            PartitionDetached(),
            "ACCESS EXCLUSIVE",
            of="public.parts_2",
        ),
    )


def test_behind_the_end_of_a_transaction_it_is_told_in_the_end(server: ScratchServer) -> None:
    assert told(server, f"commit;{BREAKPOINT}drop table parts_2;{BREAKPOINT}drop table only_one;") == [
        ("parts_2", TableDropped()),
        ("only_one", TableDropped()),
        ("", TransactionEnded(End.KEPT)),
    ]


REST: list[tuple[str, Change]] = [("logs_rest", RestChecked())]
ASIDE = "alter table logs detach partition logs_rest;"
READ_PROVEN = " create table copy as select * from proven_rest"
NEW_PART = "create table logs_2 partition of logs for values from (10) to (20)"


READ_FOR_ANOTHER: list[tuple[str, list[tuple[str, Change]]]] = [
    (NEW_PART, REST),
    ("alter table logs attach partition late for values from (20) to (30)", REST),
    (f"do $$ begin {NEW_PART}; end $$", REST),
    # One without rows of its own.
    (f"{NEW_PART} partition by range (id)", REST),
    ("alter table logs attach partition many for values from (20) to (30)", REST),
    # It is put aside meanwhile.
    (
        f"{ASIDE}{BREAKPOINT}{NEW_PART};{BREAKPOINT}alter table logs attach partition logs_rest default",
        [("logs_rest", PartitionChecked())],
    ),
    (f"{ASIDE} {NEW_PART}; alter table logs attach partition logs_rest default", REST),
    (f"{ASIDE}{BREAKPOINT}{NEW_PART}", [("logs_rest", PartitionDetached())]),
    (f"{ASIDE} {NEW_PART}", [("logs_rest", PartitionDetached())]),
    (f"{NEW_PART}; create index on logs_2 (at)", REST),
    (f"-- as each month\n{NEW_PART}", REST),
    # What reads it as well.
    (f"{NEW_PART}; create table copy as select * from logs_rest", REST),
    (f"{NEW_PART}; select count(*) from logs_rest", REST),
    (f"{NEW_PART}; create index on logs (at)", [("logs", IndexBuilt("logs_at_idx", unique=False))]),
    (
        f"{NEW_PART}; alter table logs_rest add check (at > 0)",
        [("logs_rest", Validated("logs_rest_at_check", foreign=False))],
    ),
    ("create table proven_2 partition of proven for values from (10) to (20)", []),
    ("create table proven_2 partition of proven for values from (10) to (20) partition by range (id)", []),
    # Whether the server takes its word, or another reads it, nobody knows.
    (f"create table proven_2 partition of proven for values from (10) to (20);{READ_PROVEN}", []),
    ("do $$ begin create table proven_2 partition of proven for values from (-10) to (0); end $$", []),
    ("create table proven_2 partition of proven for values from (-10) to (0)", [("proven_rest", RestChecked())]),
    (f"create table l (id int, at int) partition by range (at);{BREAKPOINT}{NEW_PART}", REST),
    ("create table parts_3 partition of parts for values from (20) to (30)", []),
    (f"lock table logs_rest;{BREAKPOINT}select count(*) from logs_rest", [("logs_rest", WorkedThrough())]),
]


def test_a_default_partition_is_read_when_another_comes(server: ScratchServer) -> None:
    assert told_apart(server, [sql for sql, _ in READ_FOR_ANOTHER]) == dict(READ_FOR_ANOTHER)


READ_OUTSIDE: list[tuple[str, list[tuple[str, Change]]]] = [
    (NEW_PART, REST),
    (f"{NEW_PART} partition by range (id)", REST),
    (f"do $$ begin {NEW_PART}; end $$", REST),
    ("alter table logs attach partition late for values from (20) to (30)", REST),
    (
        "alter table logs attach partition unproven for values from (20) to (30)",
        [*REST, ("unproven", PartitionChecked())],
    ),
    (
        f"{ASIDE}{BREAKPOINT}alter table logs attach partition logs_rest default",
        [("logs_rest", PartitionChecked())],
    ),
    (f"{ASIDE}{BREAKPOINT}{NEW_PART};", [("logs_rest", PartitionDetached())]),
    ("alter table whole attach partition unproven default", []),
    ("alter table only_one attach partition unproven_too default", [("unproven_too", PartitionChecked())]),
    # A check of each partition of it may spare that: nobody counts what is read there.
    ("alter table only_one attach partition tree for values from (10) to (20)", []),
    # With a check it may take its word: nobody counts what is read there.
    ("create table proven_2 partition of proven for values from (-10) to (0)", []),
    ("create table parts_3 partition of parts for values from (20) to (30)", []),
    ("drop table logs_1", [("logs_1", TableDropped())]),
]


def test_what_is_read_for_partitions_is_told_outside_of_a_transaction(server: ScratchServer) -> None:
    found = seen_apart(server, BASE, [sql for sql, _ in READ_OUTSIDE], outside=True)
    told = {sql: [(each.table.removeprefix("public."), each.change) for each in of_it] for sql, of_it in found.items()}
    assert told == dict(READ_OUTSIDE)
    locks = {sql: {each.lock for each in of_it if isinstance(each.change, CHECKED)} for sql, of_it in found.items()}
    assert {sql: each for sql, each in locks.items() if not each <= {"ACCESS EXCLUSIVE"}} == {}


def test_whose_default_partition_it_is_and_where_is_told(server: ScratchServer) -> None:
    [one] = seen(server, f"create type t as (a int);{BREAKPOINT}create table n (id int);\n{NEW_PART};")
    assert one == Seen(
        "0001_new",
        Location("drizzle/0001_new.sql", 4),
        f"{NEW_PART};",
        "public.logs_rest",
        RestChecked(),
        "ACCESS EXCLUSIVE",
        of="public.logs",
    )
