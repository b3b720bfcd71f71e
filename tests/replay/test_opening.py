"""What has to come before the first query of a transaction, told from the rest of a migration."""

import pytest

from migcheck.drizzle.pieces import split_pieces
from migcheck.postgres.running.opening import split_opening

BREAK = "--> statement-breakpoint\n"
LEVEL = "set transaction isolation level serializable;"


def split(sql: str) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    opening, rest = split_opening(split_pieces(sql.encode()))
    return [(each.text, each.line) for each in opening], [(each.text, each.line) for each in rest]


@pytest.mark.parametrize(
    "mode",
    [
        LEVEL,
        "SET LOCAL TRANSACTION READ WRITE;",
        "set transaction_isolation = 'serializable';",
        "set local transaction_deferrable to on;",
        "begin isolation level repeatable read;",
        "start transaction\n  read only;",
        f"BEGIN;\n{LEVEL}",
        f"set local lock_timeout = '1s'; {LEVEL}",
    ],
)
def test_what_sets_the_transaction_goes_ahead(mode: str) -> None:
    lines = mode.count("\n")
    assert split(f"-- why\n{mode}\ncreate table a ();\ndrop table b;") == (
        [(f"-- why\n{mode}\n", 1)],
        [("create table a ();\ndrop table b;", 3 + lines)],
    )


def test_over_several_pieces() -> None:
    assert split(f"-- why\n{BREAK}{LEVEL}\n{BREAK}set search_path = a;\n\nselect 1;\n{BREAK}select 2;") == (
        [("-- why\n", 1), (f"\n{LEVEL}\n", 2), ("\nset search_path = a;\n\n", 4)],
        [("select 1;\n", 7), ("\nselect 2;", 8)],
    )


def test_a_migration_of_nothing_else() -> None:
    assert split(LEVEL) == ([(LEVEL, 1)], [])


@pytest.mark.parametrize(
    "sql",
    [
        "",
        "-- a comment",
        "create table a ();",
        "begin; create table a (); commit;",
        "start transaction; create table a ();",
        "set search_path = a; create table a ();",
        f"create table a (); {LEVEL}",
        f"set role app; {LEVEL}",
        f"set session authorization app; {LEVEL}",
        f"set local role app; {LEVEL}",
        "set session characteristics as transaction isolation level serializable; select 1;",
        "set transaction_timeout = 5; select 1;",
        f"commit; begin; {LEVEL}",
        f"select 'a; {LEVEL}';",
    ],
)
def test_what_needs_no_place_ahead_is_left_as_it_is(sql: str) -> None:
    assert split(sql) == ([], [(sql, 1)])
