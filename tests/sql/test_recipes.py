"""The safe way that each rule of the gate `sql` names passes that gate, on a real server; the unsafe one does not."""

import re
from functools import partial

import pytest

from migcheck.catalogue_sql import SQL_RULES
from migcheck.config.config import SqlConfig
from migcheck.drizzle.ledger import Batching
from migcheck.facts.sql.judged import SqlFacts
from migcheck.finding import Finding
from migcheck.postgres.scratch.contract import ScratchServer
from migcheck.rule import judge
from tests.support.rehearsals import folder_of, upgraded

pytestmark = pytest.mark.server

BASE = """
create table teams (id int primary key);
create table users (id int primary key, name text, team int, age int);
alter table users enable row level security;
create table parts (id int, at int) partition by range (at);
create table parts_1 partition of parts for values from (0) to (10);
create table late (id int, at int not null);
create materialized view names as select id as name from late;
create unique index names_name on names (name);
create table parts_2 partition of parts for values from (10) to (20);
"""
BREAKPOINT = "\n--> statement-breakpoint\n"
LARGE = SqlConfig(big_tables=("users", "teams", "names", "late"))


def codes(server: ScratchServer, *landed: str, new: str, outside: bool = False, config: SqlConfig = LARGE) -> list[str]:
    """The codes of what is found of `new`, which comes after `landed`, where every table is large."""
    return [each.code for each in told(server, *landed, new=new, outside=outside, config=config)]


def told(
    server: ScratchServer, *landed: str, new: str, outside: bool = False, config: SqlConfig = LARGE
) -> list[Finding]:
    before = {f"{number:04}_landed": sql for number, sql in enumerate((BASE, *landed))}
    head = folder_of({**before, "0009_new": new})
    found = upgraded(
        server, head, folder_of(before), batching=Batching.ALL, outside={"0009_new"} if outside else frozenset()
    )
    assert found.failure is None, found.failure
    return list(judge(SQL_RULES, SqlFacts(found.seen, config=config)))


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("drop table teams;", "MC301"),
        ("alter table users drop column name;", "MC302"),
        ("truncate users;", "MC303"),
        ("select count(*) from users; truncate users;", "MC303"),
        ("create table n as table users; truncate users; insert into users table n;", "MC307"),
        ("delete from users;", "MC303"),
        ("alter table users rename column name to title;", "MC304"),
        ("alter table users add column x text not null;", "MC305"),
        (
            "alter table users add column x text;\n--> statement-breakpoint\nalter table users alter x set not null;",
            "MC306 MC308",
        ),
        ("alter table users alter column name set not null;", "MC306 MC308"),
        ("alter table users alter column age type bigint;", "MC307"),
        ("alter table users add foreign key (team) references teams;", "MC308"),
        ("alter table users add constraint grown check (age > 3);", "MC308"),
        ("create index by_name on users (name);", "MC309"),
        ("alter table users add unique (name);", "MC309"),
        ("alter table users disable row level security;", "MC310"),
        ("drop table parts_1;", "MC301"),
        ("truncate parts_1;", "MC303"),
        ("alter table parts detach partition parts_1;", "MC326"),
        ("alter table users add column x text;\n--> statement-breakpoint\nupdate users set x = '';", "MC327"),
        ("reindex table users;", "MC309"),
        ("refresh materialized view names;", "MC307"),
        ("create unique index on names (name);", "MC309"),
        ("alter table parts attach partition late for values from (20) to (30);", "MC308"),
    ],
)
def test_the_short_way_is_found(server: ScratchServer, sql: str, code: str) -> None:
    assert codes(server, new=sql) == code.split()


GROWN = "alter table users add constraint grown check (age > 3) not valid;"
TEAM = "alter table users add constraint of_team foreign key (team) references teams not valid;"
NAMED = "alter table users add constraint named check (name is not null) not valid;"


@pytest.mark.parametrize(
    ("landed", "sql"),
    [
        # MC303: by a condition, or what is to be there is put in its place.
        ((), "delete from users where age < 3;"),
        ((), "insert into teams values (1) on conflict (id) do update set id = excluded.id;"),
        # MC304: a view keeps the old name, or the old column is copied.
        ((), "alter table users rename to people; create view users as select * from people;"),
        ((), "alter table users add column title text;"),
        # MC305
        ((), "alter table users add column x text not null default '';"),
        # MC305 and MC327: filled in a deploy of its own.
        (("alter table users add column x text;",), "update users set x = '';"),
        # MC306 on a large table, in its three steps.
        ((), NAMED),
        ((NAMED,), "alter table users validate constraint named;"),
        (
            (NAMED, "alter table users validate constraint named;"),
            (
                "alter table users alter column name set not null;\n--> statement-breakpoint\n"
                "alter table users drop constraint named;"
            ),
        ),
        # MC307: a new column beside the old one, which is copied elsewhere.
        ((), "alter table users add column age_long bigint;"),
        # MC308 in its two steps.
        ((), GROWN),
        ((GROWN,), "alter table users validate constraint grown;"),
        ((), TEAM),
        ((TEAM,), "alter table users validate constraint of_team;"),
        # MC309: what takes over an index builds none.
        (("create unique index by_name on users (name);",), "alter table users add unique using index by_name;"),
        # MC309 and MC335, where Drizzle's own migrator deploys: by hand before, and here nothing is left to do.
        (("create index by_name on users (name);",), "create index if not exists by_name on users (name);"),
        (("",), "drop index if exists by_name;"),
        # MC307: others read while the view is brought up to date.
        ((), "refresh materialized view concurrently names;"),
        # MC308: a check that was validated before says what the bounds do.
        (
            ("alter table late add check (at >= 20 and at < 30);",),
            "alter table parts attach partition late for values from (20) to (30);",
        ),
        # MC310
        ((), "create policy everybody on users using (true);"),
    ],
)
def test_the_safe_way_is_no_finding(server: ScratchServer, landed: tuple[str, ...], sql: str) -> None:
    assert codes(server, *landed, new=sql) == []


@pytest.mark.parametrize("required", ["", "\n--> statement-breakpoint\nalter table users alter column x set not null;"])
def test_a_small_table_may_be_filled_before_a_column_is_required(server: ScratchServer, required: str) -> None:
    """MC305 and MC306."""
    filled = "alter table users add column x text;\n--> statement-breakpoint\nupdate users set x = '';"
    for config in (SqlConfig(), SqlConfig(big_tables=())):
        assert codes(server, new=filled + required, config=config) == []
    # It reads all of it once more.
    assert codes(server, new=filled + required) == [*(["MC308"] if required else []), "MC327"]


@pytest.mark.parametrize("kind", ["", "unique"])
def test_an_index_that_is_built_concurrently_is_no_finding(server: ScratchServer, kind: str) -> None:
    sql = f"create {kind} index concurrently if not exists by_name on users (name);"
    assert codes(server, new=sql, outside=True) == []


def test_a_key_that_is_built_anew_by_its_name_passes_as_its_fix_says(server: ScratchServer) -> None:
    """MC309."""
    drops = "alter table users drop constraint users_pkey;" + BREAKPOINT
    required = "alter table users alter age set not null;"
    (found,) = told(server, required, new=f"{drops}alter table users add primary key (id, age);")
    build, takes_over = re.findall(r"(?<=unique index )\w+|(?<=`)ADD CONSTRAINT [^`]+", str(found.fix))
    index = f"create unique index concurrently if not exists {build} on users (id, age);"
    assert codes(server, required, new=index, outside=True) == []
    taken = f"create unique index {build} on users (id, age);"
    assert codes(server, required, taken, new=f"{drops}alter table users {takes_over};") == []


def test_a_check_that_is_added_and_validated_at_once_is_to_be_validated_later(server: ScratchServer) -> None:
    """MC308: by itself, as its fix says, it is no finding (see above)."""
    (found,) = told(server, new=f"{GROWN} alter table users validate constraint grown;")
    assert str(found.fix).startswith("Have VALIDATE CONSTRAINT in a migration of its own, in a deploy behind")


def test_an_index_that_is_built_otherwise_is_one_outside_of_a_transaction_as_well(server: ScratchServer) -> None:
    """MC309."""
    assert codes(server, new="create index if not exists by_name on users (name);", outside=True) == ["MC309"]


def test_a_partition_that_is_detached_concurrently_is_no_finding(server: ScratchServer) -> None:
    assert codes(server, new="alter table parts detach partition parts_1 concurrently;", outside=True) == []


def test_an_index_a_key_and_a_foreign_key_of_a_partitioned_table_pass_as_their_fixes_say(server: ScratchServer) -> None:
    """MC309 and MC308: each partition brings what it has, and the table takes it over."""
    find = partial(codes, server, config=SqlConfig(big_tables=("parts", "teams")))
    by_at, at = "create index by_at on {} parts (at);", "alter table {} parts add constraint at unique (at);"
    of_team = "alter table {} add constraint {} foreign key (id) references teams {};"
    short = (by_at.format(""), at.format(""), of_team.format("parts", "of_team", ""))
    assert find(new=BREAKPOINT.join(short)) == ["MC308", "MC309"]
    parts = ("parts_1", "parts_2")
    empty = by_at.format("only") + at.format("only") + "".join(of_team.format(n, f"{n}_f", "not valid") for n in parts)
    assert find(new=empty) == []
    build = "create index concurrently if not exists {0}_i on {0} (at);"
    build += BREAKPOINT + build.replace("index", "unique index").replace("_i", "_u")
    built = BREAKPOINT.join(map(build.format, parts))
    assert find(empty, new=built, outside=True) == []
    checks = "".join(f"alter table {n} validate constraint {n}_f;" for n in parts)
    assert find(empty, new=checks) == []
    takes = "alter table {0} add constraint {0}_k unique using index {0}_u; alter index at attach partition {0}_k;"
    takes += "alter index by_at attach partition {0}_i;"
    landed = (empty, built.replace("concurrently ", ""), checks)
    assert find(*landed, new="".join(map(takes.format, parts)) + of_team.format("parts", "of_team", "")) == []
