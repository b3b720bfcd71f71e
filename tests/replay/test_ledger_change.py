"""What a migration does to the ledger beside its own row is seen, however it is written."""

import pytest

from migcheck.postgres.scratch.contract import ScratchServer
from tests.support.rehearsals import folder_of, rehearsed

pytestmark = pytest.mark.server

LANDED = {"0000_users": "create table users (id int);"}
LEDGER = "drizzle.__drizzle_migrations"
BY_NAME = "do $$ begin execute 'delete from drizzle.' || quote_ident('__drizzle_migrations'); end $$;"
SHIFTS = (
    "create function f() returns trigger language plpgsql as "
    "$$ begin new.created_at := new.created_at + 5; return new; end $$;"
    f"create trigger t before insert on {LEDGER} for each row execute function f();"
)


@pytest.mark.parametrize(
    ("sql", "change"),
    [
        ("create table posts ();", []),
        (f"insert into {LEDGER} (hash, created_at) values ('x', 9999999999999);", ["+ row: hash x, created_at 999"]),
        (BY_NAME, ["- row: hash "]),
        (SHIFTS, ["+ row: hash ", "- row: hash "]),
        (f"create rule r as on insert to {LEDGER} do instead nothing;", ["- row: hash "]),
        (f"alter table {LEDGER} add column name text;", ["+ column name text"]),
        (f"alter table {LEDGER} alter column hash type varchar;", ["+ column hash character varying"]),
    ],
)
def test_what_is_left_is_compared_with_what_ran(server: ScratchServer, sql: str, change: list[str]) -> None:
    head = folder_of({**LANDED, "0001_new": sql})
    found = rehearsed(server, head, folder_of(LANDED)).ledger_change
    assert [line[: len(begins)] for line, begins in zip(found, change, strict=True)] == change


def test_where_nothing_landed_as_well(server: ScratchServer) -> None:
    head = folder_of({"0000_first": f"insert into {LEDGER} (hash, created_at) values ('x', 1);"})
    assert rehearsed(server, head, None).ledger_change == ("+ row: hash x, created_at 1",)
