"""Migrations as people write them: a target with good rows gets no error of them, and one with bad rows does."""

from collections.abc import Iterator, Sequence

import psycopg
import pytest

from migcheck.postgres.scratch.contract import ScratchServer
from tests.support.asked import Case, Together, row_errors, with_rows
from tests.support.columns import COLUMNS
from tests.support.retypes import RETYPES, Real
from tests.support.target_server import Database, TargetServer

pytestmark = pytest.mark.server

REAL = [
    Real(
        "backfill then not null",
        "create table users (id int primary key, name text, nick text)",
        ("update users set nick = name where nick is null", "alter table users alter column nick set not null"),
        ("insert into users values (1, 'a', null)",),
        ("insert into users values (1, null, null)",),
        told=False,
    ),
    Real(
        "not null then backfill of another",
        "create table users (id int primary key, name text, nick text)",
        ("alter table users alter column name set not null", "update users set nick = name"),
        ("insert into users values (1, 'a', null)",),
        ("insert into users values (1, null, null)",),
    ),
    Real(
        "dedupe then unique index",
        "create table users (id int primary key, email text)",
        (
            "delete from users a using users b where a.email = b.email and a.id > b.id",
            'create unique index "once" on "users" using btree ("email")',
        ),
        ("insert into users values (1, 'a'), (2, 'a')",),
        (),
    ),
    Real(
        "dedupe by a window, in a DO block",
        "create table users (id int primary key, email text)",
        (
            (
                "do $$ declare r record; begin for r in select id from (select id, row_number() over (partition by "
                "email order by id) n from users) x where n > 1 loop "
                " delete from users where id = r.id; end loop; end $$"
            ),
            "alter table users add constraint once unique (email)",
        ),
        ("insert into users values (1, 'a'), (2, 'a')",),
        (),
    ),
    Real(
        "split column",
        "create table users (id int primary key, name text not null)",
        (
            "alter table users add column first text, add column last text",
            "update users set first = split_part(name, ' ', 1), last = nullif(split_part(name, ' ', 2), '')",
            "alter table users alter column first set not null",
            "alter table users alter column last set not null",
        ),
        ("insert into users values (1, 'a b')",),
        ("insert into users values (1, 'a')",),
        told=False,
    ),
    Real(
        "enum by a new type",
        "create type s as enum ('a', 'b', 'c'); create table t (id int primary key, s s not null default 'a')",
        (
            "alter table t alter column s set data type text",
            "alter table t alter column s set default 'a'::text",
            "drop type s",
            "create type s as enum ('a', 'b')",
            "alter table t alter column s set default 'a'::s",
            "alter table t alter column s set data type s using s::s",
        ),
        ("insert into t values (1, 'a')",),
        ("insert into t values (1, 'c')",),
    ),
    Real(
        "enum by a new type, with labels moved before",
        "create type s as enum ('a', 'b', 'c'); create table t (id int primary key, s s not null)",
        (
            "update t set s = 'b' where s = 'c'",
            "alter table t alter column s set data type text",
            "drop type s",
            "create type s as enum ('a', 'b')",
            "alter table t alter column s set data type s using s::s",
        ),
        ("insert into t values (1, 'c')",),
        (),
    ),
    Real(
        "foreign key with orphans deleted",
        "create table teams (id int primary key); create table users (id int primary key, team int)",
        (
            "delete from users where team is not null and not exists (select from teams where teams.id = users.team)",
            "alter table users add constraint k foreign key (team) references teams (id) on delete cascade",
        ),
        ("insert into users values (1, 7)",),
        (),
    ),
    Real(
        "foreign key with parents made",
        "create table teams (id int primary key); create table users (id int primary key, team int)",
        (
            "insert into teams select distinct team from users where team is not null on conflict do nothing",
            "alter table users add constraint k foreign key (team) references teams (id)",
        ),
        ("insert into users values (1, 7)",),
        (),
    ),
    Real(
        "foreign key",
        "create table teams (id int primary key); create table users (id int primary key, team int)",
        ('alter table "users" add constraint "k" foreign key ("team") references "teams"("id") on delete cascade',),
        ("insert into teams values (7); insert into users values (1, 7), (2, null)",),
        ("insert into users values (1, 7)",),
    ),
    Real(
        "partition attached",
        "create table p (at int not null) partition by range (at); create table old (at int not null)",
        ("alter table p attach partition old for values from (0) to (10)",),
        ("insert into old values (5)",),
        ("insert into old values (10)",),
    ),
    Real(
        "partition attached, cleaned up before",
        "create table p (at int not null) partition by range (at); create table old (at int not null)",
        ("delete from old where at >= 10", "alter table p attach partition old for values from (0) to (10)"),
        ("insert into old values (5), (10)",),
        ("insert into old values (-1)",),
        told=False,
    ),
    Real(
        "rows moved out of a default partition",
        "create table p (at int not null) partition by range (at); create table rest partition of p default",
        (
            "create table held as select * from rest where at between 0 and 9",
            "delete from rest where at between 0 and 9",
            "create table part partition of p for values from (0) to (10)",
            "insert into p select * from held",
        ),
        ("insert into p values (5), (20)",),
        (),
    ),
    Real(
        "generated column, unique",
        "create table users (id int primary key, email text)",
        (
            "alter table users add column lowered text generated always as (lower(email)) stored",
            "create unique index once on users (lowered)",
        ),
        ("insert into users values (1, 'a'), (2, 'b')",),
        ("insert into users values (1, 'a'), (2, 'A')",),
        told=False,
    ),
    Real(
        "unique by lower()",
        "create table users (id int primary key, email text)",
        ("create unique index once on users using btree (lower(email))",),
        ("insert into users values (1, 'a'), (2, 'b'), (3, null), (4, null)",),
        ("insert into users values (1, 'a'), (2, 'A')",),
    ),
    Real(
        "lowered by a USING, then unique",
        "create table users (id int primary key, email text)",
        (
            "alter table users alter column email type text using lower(email) || id::text",
            "create unique index once on users (email)",
        ),
        ("insert into users values (1, 'a'), (2, 'a')",),
        (),
    ),
    Real(
        "partial unique index",
        "create table users (id int primary key, email text, gone timestamptz)",
        ("create unique index once on users (email) where gone is null",),
        ("insert into users values (1, 'a', null), (2, 'a', now())",),
        ("insert into users values (1, 'a', null), (2, 'a', null)",),
    ),
    Real(
        "exclusion",
        "create table rooms (id int primary key, during int4range)",
        ("alter table rooms add constraint apart exclude using gist (during with &&)",),
        ("insert into rooms values (1, '[1,3)'), (2, '[3,5)')",),
        ("insert into rooms values (1, '[1,4)'), (2, '[3,5)')",),
    ),
    Real(
        "check not valid, mended and validated",
        "create table users (id int primary key, age int)",
        (
            "alter table users add constraint grown check (age >= 0) not valid",
            "update users set age = 0 where age < 0",
            "alter table users validate constraint grown",
        ),
        ("insert into users values (1, -3)",),
        (),
    ),
    Real(
        "children deleted with their parents",
        "create table orgs (id int primary key, kind text); create table users (id int primary key, "
        "org int references orgs on delete cascade, email text)",
        ("delete from orgs where kind = 'test'", "alter table users alter column email set not null"),
        ("insert into orgs values (1, 'test'); insert into users values (1, 1, null)",),
        ("insert into orgs values (1, 'real'); insert into users values (1, 1, null)",),
        told=False,
    ),
    Real(
        "a table made anew under the old name",
        "create table users (id int primary key, email text)",
        (
            "alter table users rename to old_users",
            "create table users (id int primary key, email text not null unique)",
            "insert into users select min(id), email from old_users where email is not null group by email",
        ),
        ("insert into users values (1, 'a'), (2, 'a'), (3, null)",),
        (),
    ),
    Real(
        "a retype that cuts",
        "create table users (id int primary key, code text)",
        ('alter table "users" alter column "code" set data type varchar(3)',),
        ("insert into users values (1, 'abc')",),
        ("insert into users values (1, 'abcd')",),
    ),
]


GROUPS = 8
# Where others run beside them, what those run may have changed the rows that are asked for.
BY_THEMSELVES = {"not null then backfill of another", "a fill of another, then not null"}
ALL = [*REAL, *RETYPES, *COLUMNS]
TOGETHER = [real for real in ALL if real.called not in BY_THEMSELVES]


@pytest.fixture(scope="module")
def target(target_server: TargetServer) -> Iterator[Database]:
    """A database for all of them: what is asked of one goes with the next."""
    with target_server.lent() as app:
        yield app


def refused(app: Database, new: Sequence[str]) -> bool:
    """Whether the target refuses it; nothing of it stays."""
    with app.session() as connection, connection.transaction(force_rollback=True):
        try:
            for each in new:
                connection.execute(each.encode())
        except psycopg.Error:
            return True
    return False


@pytest.mark.parametrize(
    "reals",
    [*(TOGETHER[group::GROUPS] for group in range(GROUPS)), *([each] for each in ALL if each.called in BY_THEMSELVES)],
    ids=lambda reals: reals[0].called,
)
def test_good_rows_are_no_error_and_bad_ones_are(
    reals: list[Real], like_target: ScratchServer, target: Database
) -> None:
    good = Together.of([Case(real.base, real.new, real.good) for real in reals])
    bad = Together.of([Case(real.base, real.new, real.bad) for real in reals])
    rehearsal = good.rehearse(like_target)
    found: list[tuple[bool, bool]] = []
    for together in (good, bad):
        with target.held() as app:
            app.run("drop owned by current_user")
            together.fill(app)
            refusals = [refused(app, each.new) for each in together.cases]
        told = [bool(errors) for errors in together.row_errors(rehearsal, target)]
        found += zip(refusals, told, strict=True)
    expected = [*((False, False) for _ in reals), *((bool(real.bad), bool(real.bad) and real.told) for real in reals)]
    called = [f"{real.called}, {rows}" for rows in ("good", "bad") for real in reals]
    assert dict(zip(called, found, strict=True)) == dict(zip(called, expected, strict=True))


@pytest.mark.parametrize("real", [real for real in REAL if len(real.new) > 1], ids=lambda real: real.called)
def test_nor_are_good_rows_one_where_nobody_sees_what_ran_before(
    real: Real, like_target: ScratchServer, target: Database
) -> None:
    target.run("drop owned by current_user", real.base, *real.good)
    assert row_errors(with_rows(like_target, real.base, real.new, outside=True), target) == []
    assert row_errors(with_rows(like_target, real.base, ("commit; begin", *real.new)), target) == []
