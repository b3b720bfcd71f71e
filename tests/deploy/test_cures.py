"""What to do where the schema is not what the ledger says: the statement is right, so nobody is told to fix it."""

from pathlib import Path

import pytest

from migcheck.clearance import plan_of
from migcheck.deploy.cures import look_at_both
from migcheck.deploy.outcome import Failed
from tests.support.deploys import NAME, deploy, written
from tests.support.target_server import Database

pytestmark = pytest.mark.server

LANDED = {"0000_users": "create table users (id int);"}
THERE = (
    "see what of 0001_next the target has already: where it is all there, `migcheck baseline` proves that and writes "
    "the row; else undo it, or finish it by hand and write its row "
    "(migcheck explain rollback schema-without-row), then run the whole of it again"
)
GONE = (
    "find out why the target lacks what the migrations before 0001_next made, and put it back "
    "(migcheck explain rollback row-without-schema), then run the whole of it again"
)
SCHEMA = (
    "make the schema that is missing, or let the role's search_path lead to one that is there, then run the whole of "
    "it again"
)
CODE = "fix 0001_next, or the trigger or function that it calls, then run the whole of it again"
LEDGER = (
    "see why drizzle.__drizzle_migrations does not take the row that Drizzle writes: its columns, its constraints, a "
    "trigger on it, then run the whole of it again"
)
TOUCH = """
    create function touch() returns trigger language plpgsql as $$ begin new.at = now(); return new; end $$;
    create trigger touch before update on users for each row execute function touch();
    update users set id = 2;
"""


@pytest.mark.parametrize(
    ("by_hand", "sql", "sqlstate", "remedy"),
    [
        ("alter table users add name text", "alter table users add name text;", "42701", THERE),
        ("create table posts ()", "create table posts ();", "42P07", THERE),
        ("create type mood as enum ()", "create type mood as enum ();", "42710", THERE),
        ("create schema app", "create schema app;", "42P06", THERE),
        (
            "create function f() returns int language sql as 'select 1'",
            "create function f() returns int language sql as 'select 1';",
            "42723",
            THERE,
        ),
        ("alter table users drop column id", "create index on users (id);", "42703", GONE),
        ("insert into users values (1)", TOUCH, "42703", CODE),
        ("drop table users", "alter table users add name text;", "42P01", GONE),
        (f"alter table {NAME} add check (id < 2)", "create table posts ();", "23514", LEDGER),
        ("drop schema public cascade", "create table posts ();", "3F000", SCHEMA),
    ],
)
def test_schema_without_its_row_and_a_row_without_its_schema(
    app: Database, tmp_path: Path, *, by_hand: str, sql: str, sqlstate: str, remedy: str
) -> None:
    deploy(app, written(tmp_path / "landed", LANDED))
    app.run(by_hand)
    outcome = deploy(app, written(tmp_path, {**LANDED, "0001_next": sql}))
    assert isinstance(outcome, Failed)
    assert outcome.failure is not None
    assert (outcome.failure.sqlstate, outcome.remedy) == (sqlstate, remedy)


@pytest.mark.parametrize("sqlstate", ["40P01", "40001"])
def test_what_met_another_session_is_run_again_and_nobody_is_told_to_fix_it(
    app: Database, tmp_path: Path, sqlstate: str
) -> None:
    met = f"do $$ begin raise sqlstate '{sqlstate}'; end $$;"
    outcome = deploy(app, written(tmp_path, {**LANDED, "0001_next": met}))
    assert isinstance(outcome, Failed)
    assert outcome.remedy == "wait for what it met to end, then run the whole of it again"


def test_of_each_that_ran_twice_its_own_first_row_stays(tmp_path: Path) -> None:
    """Of all of them together the first is the first migration's alone: the next one would lose its only proper row."""
    plan = plan_of(written(tmp_path, {"0000_a": "select 1;", "0001_b": "select 2;", "0002_c": "select 3;"}).migrations)
    whens = f"{plan[1].when}, {plan[2].when}"
    assert look_at_both(NAME, plan, ["0001_b", "0002_c"]) == (
        "what 0001_b, 0002_c changes, which may be there twice",
        f"the rows of drizzle.__drizzle_migrations with created_at {whens}: of each, delete all but the first",
    )
