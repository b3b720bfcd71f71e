"""Migrations as people write them: a target with good rows gets no error of them, and one with bad rows does."""

import json
from collections.abc import Sequence

import psycopg
import pytest
from msgspec import Struct
from tests.support.command import Command
from tests.support.copies import record
from tests.support.folders import a_folder, add_migration
from tests.support.repositories import GitRepository
from tests.support.target_server import Database

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("lent_scratch")]

BREAKPOINT = "\n--> statement-breakpoint\n"


class Real(Struct, frozen=True):
    """What is there, what is new, rows that it takes, and rows that it does not; `told`: whether a SELECT finds those.

    What the migration itself writes before, no SELECT can tell: then it only warns.
    """

    called: str
    base: str
    new: tuple[str, ...]
    good: tuple[str, ...]
    bad: tuple[str, ...]
    told: bool = True


# No row that is made up holds that check: only what is asked unprompted tells of one.
SEALED = "create table parts (id int primary key, seal text check (seal = md5('x' || length(seal))) not null"

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
    Real(
        "a retype that cuts, behind what no row of ours comes past",
        "create table orders (id int primary key, status text, code varchar(80))",
        (
            "alter table orders alter column status set not null",
            "alter table orders alter column code type varchar(10)",
        ),
        ("insert into orders values (1, 's', '0123456789   ')",),
        ("insert into orders values (1, 's', '0123456789abcdef')",),
    ),
    Real(
        "a retype to an integer, of a table that nobody can fill",
        f"{SEALED}, sku text)",
        ('alter table "parts" alter column "sku" set data type integer using "sku"::integer',),
        ("insert into parts values (1, md5('x32'), ' 7 '), (2, md5('x32'), null)",),
        # That it is found takes a server that has `pg_input_is_valid` (16).
        (),
    ),
    Real(
        "a retype to an enum, of such a table",
        f"create type kind as enum ('new', 'old'); {SEALED}, kind text)",
        ('alter table "parts" alter column "kind" set data type "public"."kind" using "kind"::"public"."kind"',),
        ("insert into parts values (1, md5('x32'), 'new'), (2, md5('x32'), null)",),
        ("insert into parts values (1, md5('x32'), 'gone')",),
    ),
    Real(
        "an enum made anew, of such a table",
        f"create type kind as enum ('new', 'old', 'gone'); {SEALED}, kind kind)",
        (
            'ALTER TABLE "parts" ALTER COLUMN "kind" SET DATA TYPE text',
            'DROP TYPE "public"."kind"',
            "CREATE TYPE \"public\".\"kind\" AS ENUM('new', 'old')",
            'ALTER TABLE "parts" ALTER COLUMN "kind" SET DATA TYPE "public"."kind" USING "kind"::"public"."kind"',
        ),
        ("insert into parts values (1, md5('x32'), 'new'), (2, md5('x32'), null)",),
        ("insert into parts values (1, md5('x32'), 'gone')",),
    ),
    Real(
        "fewer digits and a smaller integer, of such a table",
        f"{SEALED}, price numeric(20, 6), number bigint)",
        ("alter table parts alter column price type numeric(6, 2), alter column number type integer",),
        ("insert into parts values (1, md5('x32'), 9999.994, -2147483648)",),
        ("insert into parts values (1, md5('x32'), 1, 2147483648)",),
    ),
    Real(
        "a USING that cuts what is too long, of such a table",
        f"{SEALED}, name text)",
        ("alter table parts alter column name type varchar(3) using name::varchar(3)",),
        ("insert into parts values (1, md5('x32'), 'abcdef')",),
        (),
    ),
    Real(
        "a USING that reads another column or type, of such a table",
        f"{SEALED}, name text, other text, size text)",
        (
            "alter table parts alter column name type integer using other::integer",
            "alter table parts alter column size type integer using size::numeric",
        ),
        ("insert into parts values (1, md5('x32'), 'a', '1', '1.5')",),
        (),
    ),
    Real(
        "values mended before a retype, of such a table",
        f"{SEALED}, name text)",
        (
            "update parts set name = left(name, 3)",
            "alter table parts alter column name type varchar(3)",
        ),
        ("insert into parts values (1, md5('x32'), 'abcdef')",),
        (),
    ),
    Real(
        "a retype by way of another type, of such a table",
        f"{SEALED}, size text)",
        (
            "alter table parts alter column size type numeric using size::numeric",
            "alter table parts alter column size type integer",
        ),
        ("insert into parts values (1, md5('x32'), '1.5')",),
        (),
    ),
    Real(
        "a retype that may be refused, of such a table",
        f"{SEALED}, name text)",
        ("do $$ begin alter table parts alter column name type varchar(3); exception when others then end $$",),
        ("insert into parts values (1, md5('x32'), 'abcdef')",),
        (),
    ),
    Real(
        "a cast of another column, then unique",
        "create table orders (id int primary key, status text, email text)",
        (
            "alter table orders alter column status type varchar(300) using status::varchar(300)",
            "create unique index once on orders (email)",
        ),
        ("insert into orders values (1, 's', 'a'), (2, 's', 'b')",),
        ("insert into orders values (1, 's', 'a'), (2, 's', 'a')",),
    ),
    Real(
        "a cast of another column, then not null",
        "create table orders (id int primary key, ref text, email text)",
        (
            'ALTER TABLE "orders" ALTER COLUMN "ref" SET DATA TYPE uuid USING "ref"::uuid',
            'ALTER TABLE "orders" ALTER COLUMN "email" SET NOT NULL',
        ),
        ("insert into orders values (1, '5b0f4f0e-7c3c-4a0e-9a4a-000000000001', 'a')",),
        ("insert into orders values (1, '5b0f4f0e-7c3c-4a0e-9a4a-000000000001', null)",),
    ),
    Real(
        "a cast there and back, then a check of what it cut",
        "create table orders (id int primary key, code varchar(80), status text)",
        (
            "alter table orders alter column code type varchar(3) using code::varchar(3)",
            "alter table orders alter column code type varchar(80) using code::varchar(80)",
            "alter table orders add constraint short check (length(code) < 4)",
        ),
        ("insert into orders values (1, 'abcdef', 's')",),
        (),
    ),
    Real(
        "a cast that cuts and keeps the type, then a check of what it cut",
        "create table orders (id int primary key, code text)",
        (
            "alter table orders alter column code type text using code::varchar(3)",
            "alter table orders add constraint short check (length(code) < 4)",
        ),
        ("insert into orders values (1, 'abcdef')",),
        (),
    ),
]


def refused(app: Database, new: Sequence[str]) -> bool:
    """Whether the target refuses it; nothing of it stays."""
    with app.connect() as connection, connection.transaction(force_rollback=True):
        try:
            for each in new:
                connection.execute(each.encode())
        except psycopg.Error:
            return True
    return False


def fits(real: Real, way: str) -> bool:
    """Whether there is something to be seen in that way: bad rows, or what runs before another statement."""
    return way == "good" or (bool(real.bad) if way == "bad" else len(real.new) > 1)


WAYS = [(each, way) for each in REAL for way in ("good", "bad", "outside", "commit") if fits(each, way)]


@pytest.mark.parametrize(("real", "way"), WAYS, ids=lambda one: one if isinstance(one, str) else one.called)
def test_good_rows_are_no_error_and_bad_ones_are(
    real: Real, way: str, a_repo: GitRepository, app: Database, command: Command
) -> None:
    base = {"0000_a": real.base}
    app.run(real.base, *(real.bad if way == "bad" else real.good))
    assert refused(app, real.new) is (way == "bad")
    record(app, base)
    a_folder(a_repo / "drizzle", base, snapshots=False)
    a_repo.commit(message="Add migrations")
    new = ("commit; begin", *real.new) if way == "commit" else real.new
    add_migration(a_repo / "drizzle", "0001_b", BREAKPOINT.join(new), snapshot=False)
    if way == "outside":
        a_repo.write({"migcheck.toml": '[[migration]]\ntag = "0001_b"\ntransaction = "none"\n'})
    a_repo.commit(message="Add another")
    ran = command("verify", "--format", "json", cwd=a_repo.top, env={"DATABASE_URL": app.url})
    told = [each for each in json.loads(ran.out)["findings"] if each["code"] in {"MC306", "MC312"}]
    errors = [each for each in told if each["severity"] == "error"]
    assert bool(errors) is (way == "bad" and real.told), [told, ran.err]
