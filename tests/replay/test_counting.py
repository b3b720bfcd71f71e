"""How many rows new migrations write where there are some: counted by the server, whatever SQL does it."""

import pytest
from msgspec.structs import replace

from migcheck.drizzle.ledger import Batching, LedgerName
from migcheck.facts.replay.position import request_of
from migcheck.facts.sql.row_counts import Counts
from migcheck.facts.sql.rows import Seed
from migcheck.postgres.scratch.contract import ScratchServer
from tests.support.rehearsals import folder_of, history_of, rows_alone

pytestmark = pytest.mark.server

BASE = """
    create table orgs (id int primary key, name text);
    create table users (id serial primary key, org int references orgs on delete cascade, name text);
    create table days (day date, note text) partition by range (day);
    create table days_of_2020 partition of days for values from ('2020-01-01') to ('2021-01-01');
"""
SEED = """
    insert into orgs values (1, 'a'), (2, 'b');
    insert into users (org, name) values (1, 'x'), (1, 'y'), (2, 'z');
    insert into days values ('2020-02-02', 'n');
"""
BREAKPOINT = "\n--> statement-breakpoint\n"


def written(server: ScratchServer, *new: str, batching: Batching = Batching.ALL) -> list[str]:
    """What is told of the project's own rows, each with its line."""
    head = folder_of({"0000_base": BASE, **{f"{number:04}_new": sql for number, sql in enumerate(new, 1)}})
    request = request_of(history_of(head, folder_of({"0000_base": BASE})), head, None, batching, LedgerName())
    own = rows_alone(server, replace(request, seed=Seed("seed.sql", SEED))).own
    assert own is not None
    assert (own.ended, own.faults, own.unsown) == ("", (), None)
    return [f"{each.migration}:{each.at.line} {each.told}" for each in own.written]


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("update users set name = 'n'", ["1 updates 3 of 3 rows of public.users"]),
        ("update users set name = 'n' where name = 'x'", ["1 updates 1 of 3 rows of public.users"]),
        ("update users set name = 'n' where name = 'nobody'", []),
        ("do $$ begin update users set name = 'n'; end $$", ["1 updates 3 of 3 rows of public.users"]),
        (
            "create function f() returns void language sql as $$ delete from users where name = 'x' $$;"
            + BREAKPOINT
            + "select f()",
            ["3 deletes 1 of 3 rows of public.users"],
        ),
        # By a cascade.
        (
            "delete from orgs where id = 1",
            ["1 deletes 1 of 2 rows of public.orgs", "1 deletes 2 rows of public.users"],
        ),
        ("insert into orgs values (3, 'c'), (4, 'd')", ["1 inserts 2 rows of public.orgs"]),
        (
            "insert into orgs values (1, 'c'), (4, 'd') on conflict (id) do update set name = excluded.name",
            ["1 inserts 1 row, updates 1 of 2 rows of public.orgs"],
        ),
        # More than there were.
        (
            "insert into orgs values (3, 'c')" + BREAKPOINT + "update orgs set name = 'n'",
            ["1 inserts 1 row of public.orgs", "3 updates 3 rows of public.orgs"],
        ),
        # Each by what wrote them.
        (
            "update users set name = 'n'" + BREAKPOINT + "select 1" + BREAKPOINT + "update users set name = 'm'",
            ["1 updates 3 of 3 rows of public.users", "5 updates 3 of 3 rows of public.users"],
        ),
        # TRUNCATE has the server count from nothing again.
        (
            "insert into users (name) values ('n'), ('m')"
            + BREAKPOINT
            + "truncate users"
            + BREAKPOINT
            + "insert into users (name) values ('l')",
            ["1 inserts 2 rows of public.users", "5 inserts 1 row of public.users"],
        ),
        ("update days set note = 'm'", ["1 updates 1 of 1 row of public.days"]),
        # A table that is new is nobody's.
        ("create table tags (id int references users);" + BREAKPOINT + "insert into tags values (null)", []),
        ("alter table users add column nick text not null default 'x'", []),
    ],
)
def test_what_is_written_is_told(server: ScratchServer, sql: str, told: list[str]) -> None:
    assert written(server, sql) == [f"0001_new:{each}" for each in told]


@pytest.mark.parametrize("batching", list(Batching))
def test_each_transaction_begins_with_nothing(server: ScratchServer, batching: Batching) -> None:
    both = ("update users set name = 'n' where name = 'x'", "update users set name = 'm' where name = 'y'")
    assert written(server, *both, batching=batching) == [
        "0001_new:1 updates 1 of 3 rows of public.users",
        "0002_new:1 updates 1 of 3 rows of public.users",
    ]


@pytest.mark.parametrize("apart", ["commit; begin", "end; begin; update users set name = 'z'; commit; begin"])
def test_what_nobody_saw_is_not_counted_for_the_next(server: ScratchServer, apart: str) -> None:
    unseen = f"update users set name = 'x';{BREAKPOINT}{apart}"
    told = written(server, unseen, "update users set name = 'm' where id = 1", batching=Batching.EACH)
    assert told[-1] == "0002_new:1 updates 1 of 3 rows of public.users"


def test_rows_that_are_made_up_are_counted_as_well(server: ScratchServer) -> None:
    head = folder_of({"0000_base": BASE, "0001_new": "update users set name = 'n' where true"})
    request = request_of(history_of(head, folder_of({"0000_base": BASE})), head, None, Batching.ALL, LedgerName())
    rows = rows_alone(server, request)
    (one,) = rows.all_written
    (had,) = [each.rows for each in rows.filled if each.table == "public.users"]
    assert (one.counts, one.had, one.seed) == (Counts(updated=had), had, "")
    assert had > 1
