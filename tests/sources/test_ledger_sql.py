"""SQL that writes to the ledger is told from SQL that reads it, and from dumps."""

import pytest

from migcheck.drizzle.ledger import LedgerName
from migcheck.sources.ledger_sql import LedgerWrite, writes_of_code, writes_of_script
from migcheck.sources.module import read_module
from tests.support.growth import LINEAR, growth

LEDGER = LedgerName()


def in_code(text: str, ledger: LedgerName = LEDGER) -> list[tuple[int, str]]:
    return [(each.line, each.verb) for each in writes_of_code(read_module("a.ts", text.encode()), ledger)]


def in_script(text: str, ledger: LedgerName = LEDGER) -> list[tuple[int, str]]:
    return [(each.line, each.verb) for each in writes_of_script("a.sql", text.encode(), ledger)]


@pytest.mark.parametrize(
    ("sql", "verb"),
    [
        ('insert into drizzle.__drizzle_migrations ("hash", "created_at") values ($1, $2)', "INSERT INTO"),
        ('INSERT  INTO "drizzle"."__drizzle_migrations" values (1)', "INSERT INTO"),
        ("insert into __drizzle_migrations values (1)", "INSERT INTO"),
        ("update drizzle.__drizzle_migrations set hash = 'x'", "UPDATE"),
        ("delete from only drizzle . __drizzle_migrations", "DELETE FROM ONLY"),
        ("truncate table drizzle.__drizzle_migrations", "TRUNCATE TABLE"),
        ("truncate drizzle.__drizzle_migrations", "TRUNCATE"),
        ("merge into drizzle.__drizzle_migrations using x", "MERGE INTO"),
    ],
)
def test_what_writes(sql: str, verb: str) -> None:
    assert in_code(f"await sql`{sql}`;") == [(1, verb)]
    assert in_script(f"select 1;\n{sql};") == [(2, verb)]


@pytest.mark.parametrize(
    "sql",
    [
        "select * from drizzle.__drizzle_migrations",
        "create table if not exists drizzle.__drizzle_migrations (id int)",
        "drop schema drizzle cascade",
        "insert into audit.__drizzle_migrations values (1)",
        "insert into drizzle.__drizzle_migrations_old values (1)",
        "insert into users select 1 from drizzle.__drizzle_migrations",
        "never delete from drizzle.__drizzle_migrations by hand",
        "comment on table a is 'do not; update __drizzle_migrations'",
        "select 'it''s; delete from __drizzle_migrations'",
    ],
)
def test_what_does_not(sql: str) -> None:
    assert in_code(f"await sql`{sql}`;") == []
    assert in_script(sql) == []


@pytest.mark.parametrize(
    "before",
    [
        "\n  ",
        "select 1; ",
        "with a as (",
        "with a as (select 1) ",
        "do $$ begin ",
        "do $do$ begin if x then ",
        "begin loop ",
        "explain analyze ",
        "create rule r as on update to a do also ",
        "-- a person's\n",
        "select 1\n--> statement-breakpoint\n",
        "select 'a', \"it's\";",
        "\\set a 'b\n",
    ],
)
def test_a_statement_is_found_wherever_it_begins(before: str) -> None:
    assert [verb for _, verb in in_script(f"{before}delete from drizzle.__drizzle_migrations")] == ["DELETE FROM"]


def test_the_ledger_is_the_configured_one() -> None:
    ledger = LedgerName("ops", "journal")
    assert in_script(
        "insert into ops.journal values (1); insert into drizzle.__drizzle_migrations values (1);", ledger
    ) == [(1, "INSERT INTO")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            'const T = `"drizzle"."__drizzle_migrations"`;\nawait c.query(`INSERT INTO ${T} VALUES ($1)`);',
            [(2, "INSERT INTO")],
        ),
        ("await sql`\n  insert into ${schema}.__drizzle_migrations values (1)`;", [(2, "INSERT INTO")]),
        ("await sql`insert into ${table} values (1)`;", []),
        ("// insert into drizzle.__drizzle_migrations values (1)\n", []),
        ('import { PGlite } from "@electric-sql/pglite";\nq("delete from __drizzle_migrations");', []),
        ('const { default: open } = await import("sql.js");\nq("delete from __drizzle_migrations");', []),
        ('import { drizzle } from "drizzle-orm/expo-sqlite";\nq("delete from __drizzle_migrations");', []),
        (
            'import { drizzle } from "drizzle-orm/node-postgres";\nq("delete from __drizzle_migrations");',
            [(2, "DELETE FROM")],
        ),
    ],
)
def test_in_code(text: str, expected: list[tuple[int, str]]) -> None:
    assert in_code(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "-- insert into drizzle.__drizzle_migrations values (1)\nselect 1;",
        "/* insert into drizzle.__drizzle_migrations\n values (1) */ select 1;",
        "/* insert into drizzle.__drizzle_migrations values (1)",
        "select e'it\\'s; delete from __drizzle_migrations'",
        'CREATE TABLE "drizzle"."__drizzle_migrations" (id int);\nINSERT INTO drizzle.__drizzle_migrations VALUES (1);',
        "COPY drizzle.__drizzle_migrations (id) FROM stdin;\n\\.\ndelete from drizzle.__drizzle_migrations;",
    ],
)
def test_comments_and_dumps_write_nothing(text: str) -> None:
    assert in_script(text) == []


def test_a_script_that_makes_another_table_is_no_dump() -> None:
    assert in_script("create table users (id int);\ndelete from drizzle.__drizzle_migrations;") == [(2, "DELETE FROM")]


def test_the_statement_is_told_on_one_line() -> None:
    (write,) = writes_of_script("a.sql", b"delete from\n  drizzle.__drizzle_migrations\n  where id = 1", LEDGER)
    assert write == LedgerWrite("a.sql", 1, "DELETE FROM", "delete from drizzle.__drizzle_migrations where id = 1")


@pytest.mark.parametrize(
    "part",
    [
        "/*",
        "insert into ",
        'update "',
        "delete from __drizzle_migrations ",
        "-- x\n",
        "copy ",
        "'",
        "e'",
        '"',
        ";",
        "; ",
        "\\\\",
        "e'\\\\",
    ],
)
def test_a_hostile_script_takes_time_in_proportion(part: str) -> None:
    assert growth(lambda size: in_script(part * size), 2_000) < LINEAR
