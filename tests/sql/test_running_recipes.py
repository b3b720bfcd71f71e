"""The safe way in two deploys that each rule on the running release names passes the gate, on a real server."""

import pytest
from msgspec.structs import replace

from migcheck.catalogue_sql import SQL_RULES
from migcheck.config.config import SqlConfig
from migcheck.drizzle.schema import Column, Relation, UniqueKey
from migcheck.facts.sql.judged import SqlFacts
from migcheck.postgres.scratch.contract import ScratchServer
from migcheck.rule import judge
from tests.support.releases import ADULTS, BASE, POSTS, SHOP, USERS, own_query, upgraded_while

pytestmark = pytest.mark.server

BREAKPOINT = "\n--> statement-breakpoint\n"
# No table is large.
SMALL = SqlConfig(big_tables=())
ASKS = (own_query("select name from users where id = $1", 1),)
WITHOUT_EMAIL_KEY = replace(USERS, keys=USERS.keys[:1])
WITH_X = replace(USERS, columns=(*USERS.columns, Column("x", "text", required=True)))
WITH_OPTIONAL_X = replace(USERS, columns=(*USERS.columns, Column("x", "text")))


def codes(server: ScratchServer, new: str, *relations: Relation, base: str = BASE, queries: bool = False) -> list[str]:
    found = upgraded_while(server, new, *relations, base=base, queries=ASKS if queries else (), named=queries)
    assert found.done is not None
    facts = SqlFacts(found.done.seen, config=SMALL, running=found.running)
    return [f"{each.code} {each.severity}" for each in judge(SQL_RULES, facts)]


X = "alter table users add x text;"
FILL_X = f"update users set x = '';{BREAKPOINT}alter table users alter x set not null;"
KIND_2 = "create type kind_2 as enum ('a', 'c'); alter table users add kind_2 kind_2;"


@pytest.mark.parametrize(
    ("unsafe", "found", "steps"),
    [
        (
            "drop view adults;",
            ["MC321 error"],
            [
                (SHOP, BASE, "create view adults_2 as select id from users;"),
                ((POSTS, USERS), BASE, "drop view adults;"),
            ],
        ),
        (
            "alter table users drop constraint users_email;",
            ["MC321 warning"],
            [
                (SHOP, BASE, "create unique index users_email_2 on users (email, name);"),
                ((ADULTS, POSTS, WITHOUT_EMAIL_KEY), BASE, "alter table users drop constraint users_email;"),
            ],
        ),
        (
            f"{X}{BREAKPOINT}{FILL_X}",
            ["MC322 error"],
            [
                (SHOP, BASE, f"{X}{BREAKPOINT}update users set x = '';"),
                # The release that gives it a value, though it need not, and the one that has to.
                ((ADULTS, POSTS, WITH_X), BASE + X, FILL_X),
                (SHOP, BASE, "alter table users add x text not null default '';"),
                (
                    (ADULTS, POSTS, WITH_X),
                    BASE + X.replace("text", "text not null default ''"),
                    "alter table users alter x drop default;",
                ),
            ],
        ),
        (
            "alter type kind rename value 'a' to 'c';",
            ["MC323 error"],
            [(SHOP, BASE, "alter type kind add value 'c';")],
        ),
        (
            "alter table users alter kind type int using length(kind::text);",
            ["MC323 error"],
            [(SHOP, BASE, KIND_2), (SHOP, BASE, "alter table users add number int;")],
        ),
    ],
)
def test_the_safe_way_in_two_deploys_is_no_finding(
    server: ScratchServer, unsafe: str, found: list[str], steps: list[tuple[tuple[Relation, ...], str, str]]
) -> None:
    assert codes(server, unsafe, *SHOP) == found
    for relations, base, new in steps:
        assert codes(server, new, *relations, base=base) == [], new


def test_a_release_that_may_leave_a_column_out_is_warned_of(server: ScratchServer) -> None:
    relations = (ADULTS, POSTS, WITH_OPTIONAL_X)
    assert codes(server, FILL_X, *relations, base=BASE + X) == ["MC322 warning"]
    assert codes(server, "alter table users alter x set not null;", *relations, base=BASE + X) == ["MC306 warning"]


def test_a_query_of_the_projects_own_goes_first(server: ScratchServer) -> None:
    new = "alter table users rename to people;"
    assert codes(server, new, queries=True) == ["MC304 error", "MC324 error"]
    view = "create view users as select * from people;"
    assert codes(server, new + view, *SHOP, queries=True) == []


def test_what_the_release_no_longer_names_still_loses_its_values(server: ScratchServer) -> None:
    users = replace(USERS, columns=tuple(each for each in USERS.columns if each.name != "age"))
    new = "drop view adults; alter table users drop column age;"
    found = upgraded_while(server, new, POSTS, users)
    assert found.done is not None
    (one,) = judge(SQL_RULES, SqlFacts(found.done.seen, config=SMALL, running=found.running))
    assert (one.code, one.evidence.splitlines()[-1]) == (
        "MC302",
        "base's snapshot 0000 does not name it: the schema of the running release is without it",
    )


def test_a_key_beside_the_old_one_takes_its_upserts(server: ScratchServer) -> None:
    new = "create unique index other on users (email); alter table users drop constraint users_email;"
    assert codes(server, new, *SHOP) == []
    partial = new.replace("(email)", "(email) where name is not null")
    assert codes(server, partial, *SHOP) == ["MC321 warning"]
    partly = replace(USERS, keys=(*USERS.keys[:1], UniqueKey("partly", ("email",), "name is not null")))
    base = BASE + "create unique index partly on users (email) where name is not null;"
    assert codes(server, "drop index partly;", ADULTS, partly, base=base) == []
    kits = replace(USERS, keys=(*USERS.keys[:1], UniqueKey("partly", ("email",), '"users"."name" is not null')))
    gone = "drop index partly; alter table users drop constraint users_email;"
    assert codes(server, gone, ADULTS, kits, base=base) == ["MC321 warning"]
    gone = "drop index partly; alter table users drop constraint users_email;"
    assert codes(server, gone, ADULTS, partly, base=base) == ["MC321 warning"]
