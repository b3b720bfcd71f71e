"""What new migrations do to the tables that are there: seen on the server, each change with its place and lock."""

import pytest

from migcheck.drizzle.ledger import Batching
from migcheck.facts.replay.watching.observed import Observed
from migcheck.facts.sql.left_behind import SettingLeft
from migcheck.facts.sql.observation import (
    Cause,
    Change,
    ColumnDropped,
    ColumnMadeRequired,
    ColumnRenamed,
    DomainChecked,
    Emptied,
    End,
    IndexBuilt,
    LeftNotValid,
    Reindexed,
    RequiredColumnAdded,
    Rewritten,
    RowSecurityOff,
    Seen,
    TableDropped,
    TableRenamed,
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
create type mood as enum ('sad', 'glad');
create table teams (id int primary key, size int);
create table users (
    id int primary key, name varchar(20), mood mood, team int, age int, twice int generated always as (age * 2) stored
);
alter table users enable row level security;
create table points (x int, y int);
create table told (x int check (x is not null), "Y" text check ("Y" is not null and "Y" <> '→'));
create table pairs (
    a int, b int, c int, "d e" int, check ((a is not null) = (b is not null)), check (not (a is not null and b > 0)),
    check (c is not null and ("d e" is not null and a between 1 and 9))
);
create schema stock;
create table stock.items (id int);
create domain fives as int default 5 not null;
create domain small as int check (value < 9);
create domain given as int not null;
create domain ranked as int;
create domain over_ranked as ranked;
create table ranks (a over_ranked);
create table parts (id int, at int, name varchar(20)) partition by range (at);
create table parts_1 partition of parts for values from (0) to (10);
create table parts_2 partition of parts for values from (10) to (20) partition by range (at);
create table parts_21 partition of parts_2 for values from (10) to (20);
"""


def seen(
    server: ScratchServer, *new: str, batching: Batching = Batching.ALL, outside: tuple[str, ...] = ()
) -> tuple[Seen, ...]:
    """What the migrations `new` are seen to do; all must go through."""
    return run(server, *new, batching=batching, outside=outside).seen


def run(server: ScratchServer, *new: str, batching: Batching = Batching.ALL, outside: tuple[str, ...] = ()) -> Observed:
    base = {"0000_base": BASE}
    head = folder_of({**base, **{f"{number:04}_new": sql for number, sql in enumerate(new, 1)}})
    found = upgraded(server, head, folder_of(base), batching=batching, outside=outside)
    assert found.failure is None, found.failure
    return found


def changed(server: ScratchServer, *new: str) -> list[tuple[str, Change]]:
    return [(each.table, each.change) for each in seen(server, *new)]


CHANGES: list[tuple[str, str, Change]] = [
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
    # What names such a condition inside of another one is no proof to the server.
    ("alter table pairs alter column a set not null", "public.pairs", ColumnMadeRequired("a")),
    ("alter table pairs alter column b set not null", "public.pairs", ColumnMadeRequired("b")),
    (
        "alter table users alter column team type bigint",
        "public.users",
        retyped("team", "integer", "bigint"),
    ),
    (
        "alter table points alter column x type bigint",
        "public.points",
        retyped("x", "integer", "bigint"),
    ),
    (
        "alter table parts alter column id type bigint",
        "public.parts",
        retyped("id", "integer", "bigint"),
    ),
    ("truncate parts", "public.parts", Emptied()),
    (
        "alter table users add column x uuid default gen_random_uuid()",
        "public.users",
        Rewritten("x was added with a value for each row", Cause.FILLED),
    ),
    (
        "alter table points add column id serial",
        "public.points",
        # Of such a column NOT NULL comes first and its default behind it, all of it by one command.
        Rewritten("id was added with a value for each row", Cause.FILLED),
    ),
    (
        "alter table users drop twice; alter table users add column twice int generated always as (1) stored",
        "public.users",
        Rewritten("twice was added with a value for each row", Cause.COMPUTED),
    ),
    ("alter table teams set unlogged", "public.teams", Rewritten("it is stored in another way", Cause.STORED)),
    (
        "cluster teams using teams_pkey",
        "public.teams",
        Rewritten("it was put into the order of an index", Cause.ORDERED),
    ),
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
    (
        "alter table users add constraint grown check (age > 3) not valid",
        "public.users",
        LeftNotValid("grown", foreign=False),
    ),
    ("create index by_name on users (name)", "public.users", IndexBuilt("by_name", unique=False)),
    ("create index by_part on parts (id)", "public.parts", IndexBuilt("by_part", unique=False)),
    (
        "alter table points add primary key (x)",
        "public.points",
        IndexBuilt("points_pkey", unique=True, key="PRIMARY KEY"),
    ),
    (
        "alter table points add unique (x)",
        "public.points",
        IndexBuilt("points_x_key", unique=True, key="UNIQUE"),
    ),
    (
        "alter table points add exclude (x with =)",
        "public.points",
        IndexBuilt("points_x_excl", unique=False, key="EXCLUDE"),
    ),
    ("alter table users disable row level security", "public.users", RowSecurityOff()),
]


@pytest.mark.parametrize("wrapped", [False, True])
def test_each_change_is_seen_for_what_it_is(server: ScratchServer, *, wrapped: bool) -> None:
    """In a DO block as well."""
    expected: dict[str, list[tuple[str, Change]]] = {}
    for sql, table, change in CHANGES:
        also: list[tuple[str, Change]] = [(table, ColumnMadeRequired("x"))] if "primary key" in sql else []
        expected[f"do $do$ begin {sql}; end $do$;" if wrapped else sql] = [*also, (table, change)]
    assert changed_apart(server, BASE, expected) == expected


HARMLESS = [
    "create table more (id int primary key, team int references teams); drop table more;",
    "create table more (id int); alter table more add column x int not null; create index on more (x);",
    "alter table users alter column name type varchar(40)",
    "alter table users alter column name type text",
    "alter table users add column x int not null default 5",
    "alter table users add column x int; alter table users drop column x",
    "alter table told alter column x set not null",
    'alter table told alter column "Y" set not null',
    "alter table pairs alter column c set not null",
    'alter table pairs alter column "d e" set not null',
    # A default that is gone fills the rows that are there.
    "alter table users add column x int not null default 0; alter table users alter column x drop default",
    "alter table users rename to people; create view users as select * from people",
    "alter table users rename column name to title; alter table users rename column title to name",
    "create temp table mine (id int); drop table mine",
    "insert into teams values (7); update teams set size = 1; delete from teams where size = 1",
    "alter table users force row level security",
    "comment on table users is 'people'",
    "create table parts_3 partition of parts for values from (20) to (30)",
    "alter table parts alter column name type varchar(40)",
    # Empty where it is new: the server looks at no row for the foreign key.
    "alter table users add column x int references teams",
    "alter table users add column x int references users (id), add column y int default null",
]


def test_what_hurts_nobody_is_not_seen(server: ScratchServer) -> None:
    assert changed_apart(server, BASE, HARMLESS) == {sql: [] for sql in HARMLESS}


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("alter table users add column x int references users (id) default 1", ["users_x_fkey"]),
        ("alter table users add x int; alter table users add constraint of foreign key (x) references teams", ["of"]),
        (
            "alter table users add x int unique; alter table users add constraint of foreign key (x) references teams",
            ["of"],
        ),
        ("alter table users add column x int unique references users (id)", []),
    ],
)
@pytest.mark.parametrize("read_before", ["", "select count(*) from users; select count(*) from users"])
@pytest.mark.parametrize("batching", list(Batching))
def test_a_foreign_key_of_a_new_column_is_checked_where_the_table_was_read(
    server: ScratchServer, sql: str, told: list[str], read_before: str, batching: Batching
) -> None:
    earlier = (read_before + "; alter table users add earlier int;",) if read_before else ()
    found = seen(server, *earlier, f"{sql};", batching=batching)
    assert [each.change.constraint for each in found if isinstance(each.change, Validated)] == told


UNDONE = [
    ["alter table users add column x int", "alter table users drop column x"],
    ["alter table users add column x int", "alter table users rename column x to z"],
    ["alter table users rename column name to title", "alter table users rename column title to name"],
    ["savepoint a", "drop table teams", "rollback to savepoint a"],
    ["savepoint a", "truncate teams", "rollback to savepoint a"],
    ["savepoint a", "alter table users drop column team", "rollback to savepoint a"],
    ["alter table users disable row level security", "alter table users enable row level security"],
    ["alter table teams enable row level security", "alter table teams disable row level security"],
    ["alter table told alter x drop not null", "alter table told alter x set not null"],
    # Kept, and put back.
    [
        "create table kept as select * from teams",
        "delete from teams",
        "alter table teams drop column size",
        "alter table teams add column size text",
        "insert into teams select id, size::text from kept",
    ],
    # Copied and swapped: a column, and a table.
    [
        "alter table users add column new varchar(20)",
        "update users set new = name",
        "alter table users drop column name",
        "alter table users rename column new to name",
    ],
    [
        "create table new (id int primary key, size bigint)",
        "insert into new select * from teams",
        "drop table teams",
        "alter table new rename to teams",
    ],
]


def test_what_is_undone_or_made_again_is_not_seen(server: ScratchServer) -> None:
    cases = [BREAKPOINT.join(f"{each};" for each in pieces) for pieces in UNDONE]
    # To copy takes as long as it takes, whatever comes of it.
    copied = [("public.users", WorkedThrough())]
    expected = {sql: copied if "update users set new = name" in sql else [] for sql in cases}
    assert changed_apart(server, BASE, cases) == expected


def test_what_is_made_again_without_its_rows_is_seen(server: ScratchServer) -> None:
    column = [
        "update users set age = 1 where false",
        "alter table users drop column name",
        "alter table users add column name text",
    ]
    # A view reads the table, and keeps no row.
    shown = ["create view shown as select * from teams", "drop view shown"]
    table = [*shown, "drop table teams", "create table teams (id int)"]
    # Filled before there was another, or others are.
    renamed = ["update users set team = 1 where false", "alter table users rename column team to squad"]
    renamed += ["alter table users add column team int", "update users set age = 1 where false"]
    filled = ["alter table points rename x to a", "alter table points add x int", "update points set x = a"]
    swapped = ["alter table told rename x to z", 'alter table told rename "Y" to x']
    at_once = (
        "alter table parts rename name to label; alter table parts add name text; update parts set at = 1 where false"
    )
    pieces = (*column, *table, *renamed, *filled, *swapped, at_once)
    assert changed(server, BREAKPOINT.join(f"{each};" for each in pieces)) == [
        ("public.users", ColumnDropped("name")),
        ("public.teams", TableDropped()),
        ("public.users", ColumnRenamed("team", "squad", "new")),
        ("public.points", WorkedThrough()),
        ("public.told", ColumnRenamed("x", "z", "there")),
        ("public.told", ColumnRenamed("Y", "x")),
        ("public.parts", ColumnRenamed("name", "label", "new")),
    ]


def test_a_name_that_is_changed_twice_is_told_once_and_what_is_dropped_by_then_as_it_is_called(
    server: ScratchServer,
) -> None:
    twice = ["users rename column name to title", "users rename column title to label"]
    twice += ["teams rename to groups", "groups rename to circles", "users drop column label"]
    assert changed(server, BREAKPOINT.join(f"alter table {each};" for each in twice)) == [
        ("public.users", ColumnRenamed("name", "title")),
        ("public.teams", TableRenamed("public.groups")),
        ("public.users", ColumnDropped("name", called="label")),
    ]


RENAMES = "alter table teams rename to groups"
SAME = "create table teams (id int not null, size int)"
PARTED = "create table {} (id int not null, size int) partition by range (id)"
ATTACHED = "alter table teams attach partition groups default"


TAKEN: list[tuple[list[str], str | None]] = [
    ([RENAMES, "create table teams (id int)"], "new"),
    ([RENAMES, "do $$ begin create table teams (id int); end $$", "insert into teams values (1)"], "new"),
    ([RENAMES, "alter table points rename to teams"], "there"),
    # Its rows are in it, or it shows them.
    ([RENAMES, "create view teams as select * from groups"], None),
    ([RENAMES, "create table teams as select * from groups"], None),
    ([RENAMES, "create table teams (id int)", "insert into teams select id from groups"], None),
    (["create table kept as select * from teams", RENAMES, "create table teams (id int)"], None),
    # The new table shows them.
    ([RENAMES, PARTED.format("teams"), ATTACHED], None),
    ([PARTED.format("n"), RENAMES, ATTACHED.replace("teams", "n"), "alter table n rename to teams"], None),
    ([RENAMES, SAME, "alter table groups inherit teams"], None),
    ([RENAMES, SAME, "create table m () inherits (teams)", "alter table groups inherit m"], None),
    ([RENAMES, PARTED.format("teams"), PARTED.format("n"), ATTACHED.replace("teams", "n")], "new"),
    ([RENAMES, SAME, "alter table groups inherit teams", "alter table groups no inherit teams"], "new"),
    ([RENAMES, "create table teams () inherits (groups)"], "new"),
    ([RENAMES, "create table teams (id int)", "drop table teams", "alter table groups rename to teams"], None),
]


def taken(found: list[tuple[str, Change]]) -> list[str]:
    return [each.taken for table, each in found if table == "public.teams" and isinstance(each, TableRenamed)]


def test_another_table_by_the_old_name_is_told(server: ScratchServer) -> None:
    expected = {BREAKPOINT.join(f"{each};" for each in pieces): [by] if by else [] for pieces, by in TAKEN}
    told = changed_apart(server, BASE, expected)
    assert {sql: taken(found) for sql, found in told.items()} == expected
    ended = changed(server, BREAKPOINT.join((f"{RENAMES};", "create table teams (id int);", "commit;")))
    assert taken(ended) == []


@pytest.mark.parametrize(
    ("pieces", "told"),
    [
        (["alter table users add column x int", "alter table users alter x set not null"], False),
        (["update users set age = 1", "alter table users alter name set not null"], True),
        (["alter table users alter name set not null", "update users set age = 1"], False),
    ],
)
@pytest.mark.parametrize("batching", list(Batching))
def test_who_writes_rows_first_is_told(
    server: ScratchServer, pieces: list[str], batching: Batching, *, told: bool
) -> None:
    found = seen(server, *(f"{each};" for each in pieces), batching=batching)
    required = [(type(each.change), each.written) for each in found if each.change != WorkedThrough()]
    assert required == [(ColumnMadeRequired, told)]


def test_a_column_is_not_filled_by_what_was_written_before_it_came(server: ScratchServer) -> None:
    late = seen(server, f"update users set age = 1;{BREAKPOINT}alter table users add column x int not null;")
    filled = "alter table users add column x int; update users set x = 1; alter table users alter x set not null;"
    assert [(type(each.change), each.written) for each in (*late, *seen(server, filled))] == [
        (RequiredColumnAdded, False),
        (RequiredColumnAdded, True),
    ]


READ_ANEW: list[tuple[str, Change]] = [
    ("alter table points alter y type int using y * 100", Rewritten("every row was written anew")),
    ("alter table points add column z small", Rewritten("every row was written anew")),
    (
        "alter table points add column z fives not null",
        Rewritten("z was added with a value for each row", Cause.FILLED),
    ),
    ("alter table points add column z given", RequiredColumnAdded("z", "public.given")),
]


def test_a_table_is_known_to_be_rewritten_by_its_being_read(server: ScratchServer) -> None:
    told = changed_apart(server, BASE, [sql for sql, _ in READ_ANEW])
    assert [sql for sql, change in READ_ANEW if ("public.points", change) not in told[sql]] == [], told


def test_outside_of_a_transaction_words_say_whether_a_table_was_emptied(server: ScratchServer) -> None:
    told = [seen(server, sql, outside=("0001_new",)) for sql in ("vacuum full points;", "truncate points, teams;")]
    assert [(each.table, type(each.change), each.lock) for found in told for each in found] == [
        ("public.points", Rewritten, "ACCESS EXCLUSIVE"),
        ("public.teams", Emptied, "ACCESS EXCLUSIVE"),
        ("public.points", Emptied, "ACCESS EXCLUSIVE"),
    ]


def test_a_wider_type_builds_no_index_again(server: ScratchServer) -> None:
    landed = "create index by_name on users (name);"
    wider = "alter table users alter column name type varchar(99);"
    before = {"0000_base": BASE, "0001_landed": landed}
    found = upgraded(server, folder_of({**before, "0002_new": wider}), folder_of(before))
    assert (found.failure, found.seen) == (None, ())


def test_another_type_is_one_change_with_all_that_is_on_it(server: ScratchServer) -> None:
    before = {"0000_base": BASE, "0001_landed": "alter table users add check (team > 0); create index on users (team);"}
    sql = "alter table users alter column team type bigint;"
    found = upgraded(server, folder_of({**before, "0002_new": sql}), folder_of(before))
    assert [each.change for each in found.seen] == [retyped("team", "integer", "bigint")]


def test_a_new_partition_checks_nothing_of_who_points_to_its_table(server: ScratchServer) -> None:
    landed = "create table p (id int primary key) partition by range (id); create table c (p int references p);"
    before = {"0000_base": BASE, "0001_landed": landed}
    new = "create table p_1 partition of p for values from (0) to (9);"
    found = upgraded(server, folder_of({**before, "0002_new": new}), folder_of(before))
    assert (found.failure, found.seen) == (None, ())


def test_an_index_put_together_of_others_is_not_built(server: ScratchServer) -> None:
    before = {"0000_base": BASE, "0001_landed": "create index x1 on parts_1 (at); create index x21 on parts_21 (at);"}
    made = ["create index x on only parts (at);", "create index x2 on only parts_2 (at);"]
    put = [f"alter index {whole} attach partition {part};" for whole, part in (("x2", "x21"), ("x", "x1"), ("x", "x2"))]
    found = upgraded(server, folder_of({**before, "0002_new": BREAKPOINT.join(made + put)}), folder_of(before))
    assert (found.failure, found.seen) == (None, ())


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
            statement="alter table users drop column team;",
            table="public.users",
            change=ColumnDropped("team"),
            lock="ACCESS EXCLUSIVE",
            after=0,
            written=True,
        ),
    )


def test_in_transactions_of_their_own_no_lock_outlives_its_migration(server: ScratchServer) -> None:
    # To have read it before is not to write it anew.
    reads = f"create table kept as table teams;{BREAKPOINT}truncate teams;"
    told = seen(server, reads, f"truncate points;{BREAKPOINT}select 1;", batching=Batching.EACH)
    # To have written it reads it as well.
    writes = f"update teams set size = 1 where size is null;{BREAKPOINT}truncate teams;"
    assert [each.change for each in seen(server, f"{writes}{BREAKPOINT}insert into teams values (1);")] == [Emptied()]
    again = seen(server, f"{reads}{BREAKPOINT}insert into teams select distinct * from kept;")
    assert [each.change for each in again] == [Rewritten("it was emptied and filled again", Cause.REFILLED)]
    assert [(each.migration, each.table, each.change, each.lock, each.after) for each in told] == [
        ("0001_new", "public.teams", Emptied(), "ACCESS EXCLUSIVE", 0),
        ("0002_new", "public.points", Emptied(), "ACCESS EXCLUSIVE", 1),
    ]


ALONE: list[tuple[str, list[tuple[Change, str]]]] = [
    ("create index concurrently if not exists by_name on users (name)", [(IndexBuilt("by_name", unique=False), "")]),
    (
        "create index by_name on users (name) where name <> 'concurrently' -- CONCURRENTLY: on another day",
        [(IndexBuilt("by_name", unique=False), "SHARE")],
    ),
    (
        "alter table points add constraint once unique (x)",
        [(IndexBuilt("once", unique=True, key="UNIQUE"), "ACCESS EXCLUSIVE")],
    ),
    ("reindex table users", [(Reindexed(), "ACCESS EXCLUSIVE")]),
    ("reindex (concurrently false) table users", [(Reindexed(), "ACCESS EXCLUSIVE")]),
    ("reindex table concurrently users", [(IndexBuilt("users_pkey", unique=True, key="PRIMARY KEY"), "")]),
    ("alter table users add check (age > 3)", [(Validated("users_age_check", foreign=False), "ACCESS EXCLUSIVE")]),
    (
        "alter table users add constraint f foreign key (team) references teams",
        [(Validated("f", foreign=True), "SHARE ROW EXCLUSIVE")],
    ),
    ("alter table users add x int constraint f references teams", [(Validated("f", foreign=True), "")]),
    (
        "alter table teams alter size type bigint, alter size set not null",
        [
            (ColumnMadeRequired("size"), "ACCESS EXCLUSIVE"),
            (retyped("size", "integer", "bigint"), "ACCESS EXCLUSIVE"),
        ],
    ),
    ("alter table users drop team", [(ColumnDropped("team"), "ACCESS EXCLUSIVE")]),
    ("alter domain ranked add constraint low check (value < 9)", [(DomainChecked("low"), "SHARE")]),
]


def test_outside_of_a_transaction_a_lock_is_known_by_what_was_done(server: ScratchServer) -> None:
    found = seen_apart(server, BASE, [sql for sql, _ in ALONE], outside=True)
    told = {sql: [(each.change, each.lock, each.after) for each in of_it] for sql, of_it in found.items()}
    assert told == {sql: [(change, lock, 0) for change, lock in of_it] for sql, of_it in ALONE}


def test_outside_of_a_transaction_a_constraint_that_is_validated_hinders_nobody(server: ScratchServer) -> None:
    new = (
        "alter table users add constraint few check (age > 3) not valid",
        "alter table users validate constraint few",
    )
    told = seen(server, *new, outside=("0001_new", "0002_new"))
    assert [(each.change, each.lock) for each in told] == [(Validated("few", foreign=False), "")]


def test_behind_a_transaction_it_is_seen_as_well(server: ScratchServer) -> None:
    told = seen(server, "truncate points", "alter table users drop team", "truncate teams", outside=("0002_new",))
    assert [(each.migration, each.at.line, each.table, each.change, each.after) for each in told] == [
        ("0001_new", 1, "public.points", Emptied(), 0),
        ("0002_new", 1, "public.users", ColumnDropped("team"), 0),
        ("0003_new", 1, "public.teams", Emptied(), 0),
    ]


@pytest.mark.parametrize("ends", ["drop table told; commit;", "drop table told; commit; begin;"])
def test_behind_the_end_of_a_transaction_nobody_looks_and_the_end_tells(server: ScratchServer, ends: str) -> None:
    """A transaction of its own may have to say something before any query."""
    serializable = (
        f"begin;{BREAKPOINT}set transaction isolation level serializable;" if ends.endswith("commit;") else ""
    )
    after = f"{serializable}{BREAKPOINT}alter table users drop column team;{BREAKPOINT}commit;"
    told = seen(server, f"truncate points;{BREAKPOINT}{ends}{BREAKPOINT}{after}")
    at = Location("drizzle/0001_new.sql")
    assert [(each.at.line, each.table, each.change, each.lock) for each in told] == [
        (1, "public.points", Emptied(), "ACCESS EXCLUSIVE"),
        (at.line, "public.users", ColumnDropped("team"), ""),
        (at.line, "public.told", TableDropped(), ""),
        (3, "", TransactionEnded(End.KEPT), ""),
    ]
    assert [each.statement for each in told[1:3]] == ["", ""]


def test_a_schema_with_another_name_locks_no_table_and_is_seen_in_the_end(server: ScratchServer) -> None:
    told = seen(server, "create table stock.late (id int);", "alter schema stock rename to shop;")
    assert [(each.migration, each.at.line, each.table, each.change) for each in told] == [
        ("0002_new", None, "stock.items", TableRenamed("shop.items"))
    ]


@pytest.mark.parametrize(
    ("hostile", "left"),
    [
        ("set client_encoding = 'LATIN1';", []),
        ("set quote_all_identifiers = on;", []),
        ("select set_config('search_path', '', false);", [("", SettingLeft("search_path", ""))]),
    ],
)
def test_what_a_migration_sets_for_itself_disturbs_nobody(
    server: ScratchServer, hostile: str, left: list[tuple[str, Change]]
) -> None:
    told = seen(server, f"{hostile}{BREAKPOINT}alter table public.users drop column team;{BREAKPOINT}select 1;")
    assert [(each.table, each.change) for each in told] == [("public.users", ColumnDropped("team")), *left]


def test_a_lock_is_of_each_transaction_that_takes_it(server: ScratchServer) -> None:
    found = run(server, "truncate teams;", "truncate teams;", batching=Batching.EACH)
    assert [(each.migration, each.lock) for each in found.touched] == [
        ("0001_new", "ACCESS EXCLUSIVE"),
        ("0002_new", "ACCESS EXCLUSIVE"),
    ]


def test_to_look_at_partitions_locks_none(server: ScratchServer) -> None:
    add = "create table parts_3 partition of parts for values from (20) to (30);"
    found = run(server, f"{add}{BREAKPOINT}select 1;{BREAKPOINT}select 2;")
    assert {each.table for each in found.touched} == {"public.parts"}


SEVERAL = [
    ("truncate teams;\ncreate index teams_size on teams (size);\ndrop table points;", [1, 2, 3]),
    ("select * from teams;\ntruncate teams;\nselect 1;", [2]),
    ("comment on table users is 'x';\nalter table users rename to people;", [2]),
    ("alter table users add column x int;\nalter table users disable row level security;", [2]),
    ("alter table users add x int;\nalter table users add constraint grown check (age > 3);", [2]),
    ("select 'users';\ndo $$ begin alter table users drop column team; end $$;", [2]),
    ('create table "Teams_2" (id int);\nalter table teams drop column size;', [2]),
]


def test_of_several_statements_the_one_that_speaks_of_it_is_shown(server: ScratchServer) -> None:
    found = seen_apart(server, BASE, [sql for sql, _ in SEVERAL])
    assert {sql: [each.at.line for each in of_it] for sql, of_it in found.items()} == dict(SEVERAL)
    together = "do $$ begin execute format('%s', 'drop ' || 'table po' || 'ints'); end $$;"
    assert [each.at.line for each in seen(server, together)] == [1]


def test_names_are_read_whatever_a_migration_says_of_encodings(server: ScratchServer) -> None:
    told = seen(
        server, f"set client_encoding = 'SQL_ASCII';{BREAKPOINT}alter table users rename column name to \"größe\";"
    )
    assert [each.change for each in told] == [ColumnRenamed("name", "größe")]


def test_a_folder_that_fails_tells_of_nothing_but_that(server: ScratchServer) -> None:
    base = {"0000_base": BASE}
    head = folder_of({**base, "0001_new": "truncate teams;", "0002_new": "selec 1;"})
    found = upgraded(server, head, folder_of(base))
    assert found.failure is not None
    assert (found.failure.sqlstate, found.failure.migration, found.failure.line, found.seen) == (
        "42601",
        "0002_new",
        1,
        (),
    )
