"""What MC334 says of an UPDATE that takes every row of a large table."""

import pytest
from msgspec.structs import replace

from migcheck.catalogue_sql import SQL_RULES
from migcheck.config.config import SqlConfig
from migcheck.facts.sql.judged import SqlFacts
from migcheck.facts.sql.observation import ReadMeanwhile, Seen, WorkedThrough
from migcheck.facts.sql.row_counts import Counts, RowsWritten, asks_others
from migcheck.facts.sql.rows import Own, Rows
from migcheck.facts.target.sizes import Size, Sizes, Unsized
from migcheck.finding import Finding, Location, Severity
from migcheck.postgres.scratch.contract import ScratchServer
from migcheck.rule import judge
from tests.replay.test_with_rows import BREAKPOINT, with_rows
from tests.support.rehearsals import folder_of, outcomes, rehearsed

LARGE = Size(1_000_000, 1 << 30)
AT = Location("drizzle/0001_new.sql", 3)
WROTE = RowsWritten("0001_new", AT, "update …", "public.users", Counts(updated=16), 16)


def told(*written: RowsWritten, sizes: Sizes, seen: tuple[Seen, ...] = ()) -> list[Finding]:
    return list(judge(SQL_RULES, SqlFacts(seen, rows=Rows(0, written=written), sizes=sizes)))


def test_of_a_large_table_it_warns() -> None:
    assert told(WROTE, replace(WROTE, at=Location(AT.path, 5)), sizes={"public.users": LARGE}) == [
        Finding(
            code="MC334",
            rule="every-row-updated",
            severity=Severity.WARNING,
            at=AT,
            message="0001_new updates every row of public.users in one transaction; the target has 1,024 MiB of it, "
            "about 1,000,000 rows",
            migration="0001_new",
            evidence="update …\nit updates 16 of 16 rows of public.users that were made up",
            fix="Fill it in portions, each in a transaction of its own, by a script beside the migrations.",
        )
    ]


def test_of_any_other_it_is_none() -> None:
    for size in (Size(1000, 1 << 20), Size(None, 8192, empty=True)):
        assert told(WROTE, sizes={"public.users": size}) == []
    assert told(WROTE, sizes={}) == []
    assert told(WROTE, sizes=Unsized("there is no target")) == []


@pytest.mark.parametrize(
    "other",
    [
        replace(WROTE, counts=Counts(updated=15)),
        replace(WROTE, counts=Counts(updated=3), had=3),
        replace(WROTE, counts=Counts(inserted=16)),
        replace(WROTE, counts=Counts(deleted=16)),
        replace(WROTE, had=None),
        replace(WROTE, chosen=True),
    ],
)
def test_where_others_may_be_left_it_is_none(other: RowsWritten) -> None:
    assert told(other, sizes={"public.users": LARGE}) == []


@pytest.mark.parametrize(
    ("sql", "asks"),
    [
        ("update posts set author = null where not exists (select from users u where u.id = author)", True),
        ("update posts set author = null where id in (\nselect id from old)", True),
        ("update posts set author = null where id = (select max(id) from old)", True),
        ("update posts set author = null where id = any (array(select id from old))", True),
        ("with gone as (update posts set a = 1 where id in (with o as (select 1) select 1)) select 1", True),
        ("do $x$ begin update posts set a = 1 where id in (select id from old); end $x$", True),
        ("update posts set a = (select x from t where t.id = posts.id), b = (select y from t)", False),
        ("with s as (select id from t where exists (table old)) update posts set a = 1 from s", True),
        ("update posts set a = 1 from (select id from t where exists (select from old)) s where s.id = posts.id", True),
        (
            "do $$ begin for r in select id from t where id in (select 1) loop update posts set a = 1; end loop end $$",
            True,
        ),
        ("update posts set a = 1 where a is distinct from b and exists (select from old)", True),
        ("do $$ begin for r in select 1 where 1 in (select 1) loop x := 1; update t set a = 1; end loop; end $$", True),
        ("do $$ begin for r in select 1 where 1 in (select 1) for update loop x := 1; end loop; end $$", False),
        ("update posts set a = (select x from t where t.id in (select id from old))", False),
        ("update posts set a = 1; -- where id in (select 1)\nselect 1 from t where id in (select 1)", False),
        (
            "do $$ begin for r in select id from posts loop update posts set a = 1 where id = r.id; end loop; end $$",
            False,
        ),
    ],
)
def test_a_select_in_a_condition_gives_others_on_the_target(*, sql: str, asks: bool) -> None:
    assert asks_others(sql) is asks


def test_the_projects_own_rows_say_nothing_of_it() -> None:
    """They are few, and a migration may name each of them."""
    rows = Rows(0, own=Own("seed.sql", written=(replace(WROTE, seed="seed.sql"),)))
    assert judge(SQL_RULES, SqlFacts(rows=rows, sizes={"public.users": LARGE})) == ()


def test_what_is_told_of_the_lock_before_is_told_once() -> None:
    seen = Seen("0001_new", AT, "update …", "public.users", WorkedThrough(), "ACCESS EXCLUSIVE", written=True)
    assert [each.code for each in told(WROTE, sizes={"public.users": LARGE}, seen=(seen,))] == ["MC327"]
    other = replace(seen, change=ReadMeanwhile(("public.posts",)), lock="ROW EXCLUSIVE")
    for size, code in ((LARGE, "MC327"), (Size(1000, 1 << 20), "MC334")):
        sizes = {"public.users": LARGE, "public.posts": size}
        assert [each.code for each in told(WROTE, sizes=sizes, seen=(other,))] == [code]
    # Who only reads the table tells nothing of who updates it, and is not told of where somebody else writes it.
    sizes = {"public.users": LARGE, "public.posts": LARGE}
    reads = replace(other, at=Location(AT.path, 2), written=False)
    assert [each.code for each in told(WROTE, sizes=sizes, seen=(reads,))] == ["MC327", "MC334"]
    [one] = told(WROTE, sizes=sizes, seen=(reads, other))
    assert (one.code, one.at) == ("MC327", AT)


def test_behind_a_lock_it_is_told_as_that() -> None:
    """The rehearsal without rows may have begun to read none of them: a join with an empty table has ended before."""
    behind, seen = replace(WROTE, locked=True), Seen("0001_new", AT, "update …", "public.users", WorkedThrough())
    [found] = told(behind, behind, sizes={"public.users": LARGE})
    assert (found.code, found.severity, found.evidence) == (
        "MC327",
        Severity.WARNING,
        "update …\nit updates 16 of 16 rows of public.users that were made up",
    )
    assert found.message.startswith("0001_new updates every row of public.users, and nobody can use it meanwhile: ")
    assert told(behind, sizes={"public.users": LARGE}, seen=(seen,)) == [found]
    [sure] = told(behind, sizes={"public.users": LARGE}, seen=(replace(seen, written=True),))
    assert (sure.code, sure.severity) == ("MC327", Severity.ERROR)
    assert told(behind, sizes={}) == []


@pytest.mark.server
@pytest.mark.parametrize(
    ("sql", "told_of"),
    [
        ("update users set name = 'x'", ["MC334 users"]),
        ("update users set name = 'x' where true", ["MC334 users"]),
        ("do $$ begin update users set name = 'x'; end $$", ["MC334 users"]),
        ("alter table users add column nick text;" + BREAKPOINT + "update users set nick = name", ["MC327 users"]),
        # Without rows in the one nobody writes the other.
        (
            "do $$ begin if exists (select from users) then update posts set body = ''; end if; end $$",
            ["MC334 posts"],
        ),
        ("update users set name = 'x' where name is null", []),
        ("update users set name = 'x' where visits >= 100 or visits < 100 or visits is null", []),
        ("insert into orgs (id, name) values (1, 'a') on conflict (id) do update set name = excluded.name", []),
        ("alter table users add column nick text not null default ''", []),
        ("delete from posts", []),
    ],
)
def test_whatever_sql_does_it_is_counted(server: ScratchServer, sql: str, told_of: list[str]) -> None:
    facts = SqlFacts(rows=with_rows(server, sql), config=SqlConfig(big_tables=("users", "posts", "orgs")))
    found = [each for each in judge(SQL_RULES, facts) if each.code in {"MC327", "MC334"}]
    assert [f"{each.code} {each.message.split()[5]}".replace("public.", "").rstrip(",") for each in found] == told_of


@pytest.mark.server
def test_outside_of_a_transaction_a_statement_is_told_and_portions_are_not(server: ScratchServer) -> None:
    """Each of these is in a transaction of its own, and behind all that an earlier one has held."""
    portions = "declare one int; begin for one in select id from users loop {} commit; end loop; end"
    portions = portions.format("update users set nick = coalesce(name, nick) where id = one;")
    base = {
        "0000_base": f"""
            create table users (id int primary key, name text, nick text);
            create table posts (id int primary key, body text);
            create index by_body on posts (body);
            create procedure fill() language plpgsql as $${portions}$$;
        """
    }
    new = {
        "0001_portions": f"do $${portions}$$;{BREAKPOINT}select 1",
        "0002_call": f"call fill();{BREAKPOINT}select 1",
        "0003_lock": "alter table users add column x int",
        "0004_first": f"update users set x = 1;{BREAKPOINT}create index concurrently if not exists by_x on users (x)",
        "0005_lock": "alter table posts add column x int",
        "0006_dropped": f"drop index if exists by_body;{BREAKPOINT}select 1",
        "0007_alone": "update users set name = ''",
        "0008_last": f"select 1;{BREAKPOINT}update posts set body = ''",
    }
    head = folder_of({**base, **new})
    outside = frozenset(new) - {"0003_lock", "0005_lock"}
    found = rehearsed(server, head, folder_of(base), outside=outside)
    assert outcomes(found) == ("passed",) * 4
    config = SqlConfig(big_tables=("users", "posts"))
    facts = SqlFacts(found.seen, rows=found.rows, locked=found.locked, config=config, outside=outside)
    told = {(each.code, each.migration) for each in judge(SQL_RULES, facts)}
    # Before PostgreSQL 15 nobody knows for sure what a transaction wrote that has ended.
    counted = {"0004_first", "0007_alone", "0008_last"} if server.description.major >= 15 else set[str]()
    assert told == {("MC335", "0006_dropped"), *(("MC334", each) for each in counted)}
