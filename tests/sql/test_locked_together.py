"""What MC333 says of large tables that one transaction locks."""

import pytest
from msgspec.structs import replace

from migcheck.catalogue_sql import SQL_RULES
from migcheck.config.config import SqlConfig
from migcheck.drizzle.ledger import Batching
from migcheck.facts.sql.judged import SqlFacts
from migcheck.facts.sql.locked import Locked
from migcheck.facts.sql.observation import ReadMeanwhile
from migcheck.facts.target.sizes import Size
from migcheck.finding import Finding, Location, Severity
from migcheck.postgres.scratch.contract import ScratchServer
from migcheck.rule import judge
from migcheck.rules.sql.large_tables_locked_together import large_tables_locked_together
from tests.support.growth import LINEAR, growth
from tests.support.rehearsals import folder_of, upgraded

LARGE = Size(1_000_000, 1 << 30)
USERS = Locked("0001_new", Location("drizzle/0001_new.sql", 1), "alter …", "public.users", "ACCESS EXCLUSIVE", 1, 1)
POSTS = replace(USERS, at=Location("drizzle/0001_new.sql", 3), table="public.posts", after=0)
BREAKPOINT = "\n--> statement-breakpoint\n"
BASE = {
    "0000_base": """
        create table users (id int primary key, name text);
        create table posts (id int primary key, author int constraint by_user references users, body text);
        create table tags (id int primary key);
        alter table posts add constraint said check (body <> '') not valid;
    """
}


def told(*locked: Locked, **sizes: Size) -> list[Finding]:
    return list(judge(SQL_RULES, SqlFacts(locked=locked, sizes={f"public.{name}": of for name, of in sizes.items()})))


def test_two_large_tables_are_a_warning() -> None:
    [one] = told(USERS, POSTS, users=LARGE, posts=LARGE)
    assert one == Finding(
        code="MC333",
        rule="large-tables-locked-together",
        severity=Severity.WARNING,
        at=POSTS.at,
        message="0001_new locks public.users, public.posts in one transaction: who waits for one of these large "
        "tables holds up all who need another",
        migration="0001_new",
        evidence="alter …\n"
        "ACCESS EXCLUSIVE on public.users, at drizzle/0001_new.sql:1; "
        "the target has 1,024 MiB of it, about 1,000,000 rows\n"
        "ACCESS EXCLUSIVE on public.posts, at drizzle/0001_new.sql:3; "
        "the target has 1,024 MiB of it, about 1,000,000 rows",
        fix="Deploy what locks each of them by itself. What one statement locks, such as a foreign key that is "
        "dropped, deploy when little runs, and waive this with that reason.",
    )


def test_a_table_is_large_where_any_part_of_it_is_that_was_locked() -> None:
    small, part = Size(10, 8192), replace(USERS, table="public.users_2020")
    parts = {"public.users_2020": "public.users"}
    for first, second in ((USERS, part), (part, USERS)):
        sizes = {"public.users_2020": small, "public.users": LARGE, "public.posts": LARGE}
        facts = SqlFacts(locked=(first, second, POSTS), sizes=sizes, partitions=parts)
        assert [each.code for each in judge(SQL_RULES, facts)] == ["MC333"]


def test_many_tables_in_one_transaction_cost_by_how_many_they_are() -> None:
    def work(size: int) -> object:
        locked = [replace(USERS, table=f"public.t{number}") for number in range(size)]
        facts = SqlFacts(locked=tuple(locked), sizes={each.table: LARGE for each in locked})
        return list(large_tables_locked_together.check(facts))

    assert growth(work, 100) < LINEAR


def test_small_empty_and_unknown_tables_are_none() -> None:
    small, empty = Size(10, 8192), Size(None, 8192, empty=True)
    assert told(USERS, POSTS, users=LARGE, posts=small) == []
    assert told(USERS, POSTS, users=LARGE, posts=empty) == []
    assert told(USERS, POSTS, users=LARGE) == []
    assert judge(SQL_RULES, SqlFacts(locked=(USERS, POSTS))) == ()


def test_what_is_not_held_at_once_is_none() -> None:
    for other in (replace(POSTS, transaction=2), replace(POSTS, lock="ROW EXCLUSIVE")):
        assert told(USERS, other, users=LARGE, posts=LARGE) == []


def test_what_has_landed_says_what_to_do_there() -> None:
    sizes = {"public.users": LARGE, "public.posts": LARGE}
    [one] = judge(SQL_RULES, SqlFacts(landed=frozenset({"0001_new"}), locked=(USERS, POSTS), sizes=sizes))
    assert one.fix == (
        "It has landed, and the target has not run it yet: let it run when nobody needs the table for that long."
    )


@pytest.mark.server
@pytest.mark.parametrize(
    ("sql", "places"),
    [
        ("alter table users add column x int;" + BREAKPOINT + "alter table posts add column x int", [3]),
        ("create index by_name on users (name);" + BREAKPOINT + "alter table posts add column x int", [3]),
        ("do $$ begin alter table users add column x int; alter table posts add column x int; end $$", [1]),
        ("alter table posts drop constraint by_user", [1]),
        ("lock table users, posts", [1]),
        # One of them, or a small one.
        ("alter table users add column x int;" + BREAKPOINT + "alter table tags add column x int", []),
        ("alter table users add column x int;" + BREAKPOINT + "alter table users add column y int", []),
        # Who reads goes on, and nothing is read.
        ("create table likes (of int references users, on_post int references posts)", []),
        ("alter table posts add constraint again foreign key (author) references users not valid", []),
    ],
)
def test_what_takes_them_is_seen(server: ScratchServer, sql: str, places: list[int]) -> None:
    assert at(server, sql) == [("0001_new", line) for line in places]


# Two statements of a transaction, and what is told of the second.
MEANWHILE = [
    ("alter table users add column a int", "update posts set body = ''", "goes through all of"),
    ("alter table users add column b int", "alter table posts validate constraint said", "begins to read all of"),
    ("alter table users add column c int", "insert into tags select author from posts", "begins to read all of"),
    ("alter table users add column h int", "do $$ begin update posts set body = ''; end $$", "goes through all of"),
    ("alter table users add column i int", "create table n as\nselect author from posts", "begins to read all of"),
    ("alter table users add column k int", "do $$ begin update posts set body = '' where id = 1; end $$", ""),
    ("alter table users add column m int", "create table p as(select author from posts)", "begins to read all of"),
    ("alter table users add column l int", "create table o as select author from posts where id = 1", ""),
    # By an index, of a small one, behind a small one, and before.
    ("alter table users add column d int", "update posts set body = '' where id = 1", ""),
    ("alter table users add column e int", "update tags set id = id + 1", ""),
    ("alter table tags add column f int", "update posts set body = ''", ""),
    ("update posts set body = ''", "alter table users add column g int", ""),
]


@pytest.mark.server
def test_a_large_table_that_is_held_while_another_is_gone_through(server: ScratchServer) -> None:
    found = around(server, *(BREAKPOINT.join(each[:2]) for each in MEANWHILE), batching=Batching.EACH)
    told = "public.posts, and nobody can use public.users meanwhile: an earlier statement locked that"
    assert [each.message for each in found] == [
        f"{number:04}_new {does} {told}" for number, (*_, does) in enumerate(MEANWHILE, 1) if does
    ]
    assert {(each.code, each.severity, each.at.line, each.fix) for each in found} == {
        ("MC327", Severity.WARNING, 3, "Deploy what locks public.users by itself, before this or behind it.")
    }
    assert all(
        each.evidence.endswith("public.posts: big_tables names it\npublic.users: big_tables names it") for each in found
    )


@pytest.mark.server
def test_a_transaction_each_holds_one(server: ScratchServer) -> None:
    new = ("alter table users add column x int", "alter table posts add column x int")
    assert at(server, *new) == [("0002_new", 1)]
    assert at(server, *new, batching=Batching.EACH) == []


@pytest.mark.server
def test_partitions_are_their_table(server: ScratchServer) -> None:
    base = {
        "0000_base": """
            create table days (day date) partition by range (day);
            create table one partition of days for values from ('2020-01-01') to ('2021-01-01');
            create table two partition of days for values from ('2021-01-01') to ('2022-01-01');
        """
    }
    assert at(server, "alter table days add column x int", base=base, big=("days", "one", "two")) == []


def at(
    server: ScratchServer,
    *new: str,
    base: dict[str, str] = BASE,
    big: tuple[str, ...] = ("users", "posts"),
    batching: Batching = Batching.ALL,
) -> list[tuple[str | None, int | None]]:
    """Where it is told."""
    return [(each.migration, each.at.line) for each in around(server, *new, base=base, big=big, batching=batching)]


def around(
    server: ScratchServer,
    *new: str,
    base: dict[str, str] = BASE,
    big: tuple[str, ...] = ("users", "posts"),
    batching: Batching = Batching.ALL,
) -> list[Finding]:
    """What is told."""
    head = folder_of({**base, **{f"{number:04}_new": sql for number, sql in enumerate(new, 1)}})
    run = upgraded(server, head, folder_of(base), batching=batching)
    assert run.failure is None, run.failure
    parts = {each.table: "public.days" for each in run.locked if each.table in ("public.one", "public.two")}
    config = SqlConfig(big_tables=big)
    seen = tuple(each for each in run.seen if isinstance(each.change, ReadMeanwhile))
    return list(judge(SQL_RULES, SqlFacts(seen, locked=run.locked, partitions=parts, config=config)))
