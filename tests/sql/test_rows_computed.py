"""Rows of which a generated column cannot be computed: told as such, and asked of the target, which fails or not."""

import pytest

from migcheck.facts.sql.misfit import Uncomputed
from migcheck.postgres.scratch.contract import ScratchServer
from tests.replay.test_with_rows import with_rows as tried
from tests.support.asked import Case, Together, row_errors, with_rows
from tests.support.target_server import Database

pytestmark = pytest.mark.server

BASE = """
    create table t (id integer primary key, qty integer, code text not null, price numeric(4, 2), at bigint);
    create table f (id integer primary key, qty integer not null check (qty = qty % 7 + 1000000))
"""
SHARE = "alter table {} add share integer generated always as (100 / (qty{})) stored"
DIVIDES = "select * from public.t where num_nulls(((100 / qty))::integer) < 0"


def test_rows_that_were_made_up_tell_with_a_select_that_fails_as_it_does(server: ScratchServer) -> None:
    casts = "alter table t add number int generated always as (code::int) stored"
    found = tried(server, SHARE.format("t", ""), casts, base={"0000_base": BASE}).faults
    assert [(each.failure.sqlstate, each.table, each.misfit, each.select) for each in found] == [
        ("22012", "public.t", Uncomputed("share"), DIVIDES),
        (
            "22P02",
            "public.t",
            Uncomputed("number"),
            "select * from public.t where num_nulls(((code)::integer)::integer) < 0",
        ),
    ]


ROW = "insert into t values (1, 1, '1', 1, 1)"
# What is new, a column, and in it what it cannot be computed of and what it can.
KNOWN = [
    (SHARE.format("t", ""), "qty", "0", "4"),
    ('alter table t add "a number" int generated always as (code::int) stored', "code", "'x'", "'12'"),
    ("alter table t add least smallint generated always as (at) stored", "at", "40000", "4"),
    ("alter table t add short varchar(3) generated always as (lower(code)) stored", "code", "'long'", "'abc  '"),
    (SHARE.format("t", " - 77777"), "qty", "77777", "77778"),
]


COMPUTED = "create table t (id int, qty int, code text not null, share int generated always as (qty) stored)"
AGAIN = "alter table t alter column share set expression as (100 / (qty - 77777))"


def test_so_it_is_of_another_expression(server: ScratchServer, app: Database) -> None:
    app.run(COMPUTED, "insert into t values (1, 77777, '')")
    assert row_errors(with_rows(server, COMPUTED, [AGAIN]), app) == [("MC312", 1)]


SILENT = [
    # The column that it reads is another by then, as a whole or by its values.
    ("update t set qty = 1 where qty = 77777", SHARE.format("t", " - 77777")),
    ("alter table t rename qty to quantity", SHARE.format("t", " - 77777").replace("qty", "quantity")),
    # It may be skipped, or its error caught.
    (f"do $$ begin {SHARE.format('t', ' - 77777')}; exception when division_by_zero then end $$",),
    # It is computed for every row, or for none.
    ("alter table t add share int generated always as (100 / nullif(qty - 77777, 0)) stored",),
    (SHARE.format("f", " - 77777"),),
]


def test_it_is_an_error_where_the_target_has_such_a_row_and_nothing_is_told_of_what_goes_through(
    server: ScratchServer, app: Database
) -> None:
    # Whatever goes through keeps nothing behind it from being asked for.
    silent = [Case(BASE, new, ["insert into t values (1, 77777, '', 1, 1)"]) for new in SILENT]
    good, bad = (
        [
            Case(BASE, ("create table other (id integer)", new), [f"{ROW}; update t set {column} = {values[which]}"])
            for new, column, *values in KNOWN
        ]
        for which in (1, 0)
    )
    rehearsal = Together.of([*silent, *good]).rehearse(server)
    for cases, expected in (good, []), (bad, [("MC312", 3)]):
        together = Together.of([*silent, *cases])
        app.run("drop owned by current_user")
        together.fill(app)
        found = zip([*silent, *cases], together.row_errors(rehearsal, app), strict=True)
        assert [case.new for case, told in found if told != (expected if case in cases else [])] == []
