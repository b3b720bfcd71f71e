"""Migrations as people write them that give a column another type, and rows that they take and do not."""

from msgspec import Struct


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

RETYPES = [
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
        ("insert into parts values (1, md5('x32'), '2147483648')",),
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
