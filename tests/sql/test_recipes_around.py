"""The safe way that each of the rules MC313 to MC318 and MC329 names passes the gate `sql` on a real server.

The short one does not.

In a DO block and in a function the short way is found as well (tests/replay/test_left_behind.py).
"""

import pytest

from migcheck.catalogue_sql import SQL_RULES
from migcheck.config.config import SqlConfig
from migcheck.facts.sql.judged import SqlFacts
from migcheck.postgres.scratch.contract import ScratchServer
from migcheck.rule import judge
from tests.support.rehearsals import folder_of, outcomes, rehearsed

pytestmark = pytest.mark.server

BASE = """
create schema app;
create table teams (id int primary key, name text);
create table users (id int primary key, name text, team int, age int);
create function touch() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger touched before update on users for each row execute function touch();
create view grown as select id, age from users;
"""
NAMES = "drizzle_kit_puts_together_the_names_of_tables_and_columns_users_team_id_fk"
SMALL = SqlConfig(big_tables=())
BREAKPOINT = "\n--> statement-breakpoint\n"


def codes(server: ScratchServer, *new: str) -> list[str]:
    """The codes of what is found of `new`, where every table is small."""
    before = {"0000_base": BASE}
    head = folder_of({**before, **{f"{number:04}_new": sql for number, sql in enumerate(new, 1)}})
    found = rehearsed(server, head, folder_of(before))
    assert outcomes(found)[2] == "passed", outcomes(found)
    return [each.code for each in judge(SQL_RULES, SqlFacts(found.seen, config=SMALL))]


def definer(path: str) -> str:
    return f"create function f() returns int language sql security definer {path} as 'select max(id) from public.users'"


def of_team(name: str) -> str:
    return f'ALTER TABLE "users" ADD CONSTRAINT "{name}" FOREIGN KEY ("team") REFERENCES "public"."teams"("id");'


HALF, REST = "alter table users add a int;", "alter table users add b int;"
MENDS = "alter table users disable trigger touched;" + BREAKPOINT + "update users set age = 3;"


@pytest.mark.parametrize(
    ("code", "short", "safe"),
    [
        ("MC313", (definer(""),), (definer("set search_path = ''"),)),
        ("MC314", ("grant select on users to public;",), ("grant select on users to current_user;",)),
        ("MC315", (MENDS,), (MENDS + BREAKPOINT + "alter table users enable trigger touched;",)),
        (
            "MC316",
            ("drop function touch cascade;",),
            ("drop trigger touched on users;" + BREAKPOINT + "drop function touch;",),
        ),
        ("MC317", (of_team(NAMES),), (of_team("users_team_fk"),)),
        (
            "MC318",
            ("set search_path to app;" + BREAKPOINT + "create table n (id int);", "create table m (id int);"),
            (
                "set search_path to app;" + BREAKPOINT + "create table n (id int);" + BREAKPOINT + "reset search_path;",
                "create table m (id int);",
            ),
        ),
        ("MC318", ("set search_path to app;", "select 1;"), ("create table app.n (id int);", "select 1;")),
        ("MC329", (HALF + "commit;" + REST,), (HALF + REST,)),
        ("MC329", (HALF, "commit;" + REST), (HALF, "begin; savepoint a;" + REST + BREAKPOINT + "rollback to a;")),
    ],
)
def test_the_short_way_is_found_and_the_safe_way_is_not(
    server: ScratchServer, code: str, short: tuple[str, ...], safe: tuple[str, ...]
) -> None:
    assert codes(server, *short) == [code]
    assert codes(server, *safe) == []


def test_a_view_that_goes_with_a_column_is_made_again(server: ScratchServer) -> None:
    drops = "alter table users drop column age cascade;"
    assert codes(server, drops) == ["MC302", "MC316"]
    assert codes(server, drops + BREAKPOINT + "create view grown as select id from users;") == ["MC302"]
