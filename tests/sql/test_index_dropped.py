"""What MC335 says of an index of a large table that is dropped."""

from collections.abc import Collection

import pytest

from migcheck.catalogue_sql import SQL_RULES
from migcheck.config.config import SqlConfig
from migcheck.facts.sql.judged import SqlFacts
from migcheck.facts.sql.observation import IndexDropped, Seen
from migcheck.facts.target.sizes import Size
from migcheck.finding import Finding, Location, Severity
from migcheck.postgres.scratch.contract import ScratchServer
from migcheck.rule import judge
from tests.support.rehearsals import folder_of, upgraded

AT = Location("drizzle/0001_new.sql", 3)
SEEN = Seen("0001_new", AT, "drop index i;", "public.users", IndexDropped("i"), "ACCESS EXCLUSIVE")
BREAKPOINT = "\n--> statement-breakpoint\n"
BASE = """
    create table users (id int primary key default 0, name text unique, age int, constraint odd exclude (age with =));
    create index by_name on users (name);
    create unique index by_age on users (age);
    create index on users (age, name);
    create table days (day date) partition by range (day);
    create table one partition of days for values from ('2020-01-01') to ('2021-01-01');
    create index by_day on days (day);
"""


def test_it_warns_of_a_large_table_once() -> None:
    sizes = {"public.users": Size(1_000_000, 1 << 30)}
    assert judge(SQL_RULES, SqlFacts((SEEN, SEEN), sizes=sizes)) == (
        Finding(
            code="MC335",
            rule="index-dropped-under-lock",
            severity=Severity.WARNING,
            at=AT,
            message="0001_new drops the index i of public.users, and nobody can use that meanwhile; the target has "
            "1,024 MiB of it, about 1,000,000 rows",
            migration="0001_new",
            evidence="drop index i;\nACCESS EXCLUSIVE on public.users, held until the transaction ends",
            fix='Say DROP INDEX CONCURRENTLY IF EXISTS in a migration of its own, with `transaction = "none"` for it '
            "under [[migration]]; `migcheck apply` then runs it. Where Drizzle's own migrator deploys, which cannot: "
            "drop it so by hand before, let the migration say IF EXISTS alone, and waive this.",
        ),
    )


def test_of_any_other_it_says_nothing() -> None:
    for size in (Size(1000, 1 << 20), Size(None, 8192, empty=True)):
        assert judge(SQL_RULES, SqlFacts((SEEN,), sizes={"public.users": size})) == ()
    assert judge(SQL_RULES, SqlFacts((SEEN,))) == ()


@pytest.mark.server
@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("drop index by_name", [("MC335", 1)]),
        ("do $$ begin execute 'drop index by_name'; end $$", [("MC335", 1)]),
        ("select 1;\ndrop index by_name;\ndrop index by_age;", [("MC335", 2)]),
        # MC309 tells of the other.
        ("drop index by_name;" + BREAKPOINT + "create index by_name on users (name)", [("MC309", 3), ("MC335", 1)]),
        # It reads no row, and hides nothing that does.
        (
            "alter table users add column x int"
            + BREAKPOINT
            + "do $$ begin drop index by_name; update users set name = 'x'; end $$",
            [("MC327", 3)],
        ),
        ("do $$ begin drop index by_name; update users set name = 'x'; end $$", [("MC335", 1)]),
        # What takes no such lock changes nothing of that.
        ("drop index by_name;" + BREAKPOINT + "grant select on users to public", [("MC314", 3), ("MC335", 1)]),
        # The table is taken for more than that.
        ("alter table users add column x int;" + BREAKPOINT + "drop index by_name", []),
        ("drop index by_name;" + BREAKPOINT + "alter table users drop column name", [("MC302", 3)]),
        ("drop index by_name;" + BREAKPOINT + "alter table users add column x int", []),
        ("drop index by_name;" + BREAKPOINT + "alter table users alter column age set default 1", []),
        ("drop index by_name;" + BREAKPOINT + "alter table users alter column id drop default", []),
        # None that CONCURRENTLY could have dropped.
        ("alter table users drop constraint odd", []),
        ("alter table users drop constraint users_name_key", []),
        ("alter table users drop constraint users_pkey", []),
        ("drop index by_day", []),
        ("create index x on users (id) where false; drop index x", []),
        ("alter index by_name rename to other", []),
    ],
)
def test_what_drops_it_is_seen(server: ScratchServer, sql: str, told: list[tuple[str, int]]) -> None:
    assert found(server, sql) == told


@pytest.mark.server
@pytest.mark.parametrize("sql", ["alter table users drop column age", "drop table users", "drop table days cascade"])
def test_what_goes_with_more_is_told_as_that(server: ScratchServer, sql: str) -> None:
    assert "MC335" not in [code for code, _ in found(server, sql)]


@pytest.mark.server
def test_outside_of_a_transaction(server: ScratchServer) -> None:
    assert found(server, "drop index by_name", outside=("0001_new",)) == [("MC335", 1)]
    assert found(server, "drop index concurrently if exists by_name", outside=("0001_new",)) == []


def found(server: ScratchServer, sql: str, outside: Collection[str] = ()) -> list[tuple[str, int | None]]:
    """Each code with its line."""
    head = folder_of({"0000_base": BASE, "0001_new": sql})
    run = upgraded(server, head, folder_of({"0000_base": BASE}), outside=outside)
    assert run.failure is None, run.failure
    config = SqlConfig(big_tables=("users", "days", "one"))
    parts = {"public.one": "public.days"}
    facts = SqlFacts(run.seen, locked=run.locked, config=config, outside=frozenset(outside), partitions=parts)
    return [(each.code, each.at.line) for each in judge(SQL_RULES, facts)]
