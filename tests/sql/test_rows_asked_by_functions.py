"""A target is asked by the functions that it has: not where those of the project are others by then."""

from collections.abc import Sequence

import pytest

from migcheck.postgres.scratch import ScratchServer
from tests.support.asked import row_errors, with_rows
from tests.support.target_server import Database

pytestmark = pytest.mark.server

BASE = """
    create table t (id integer primary key, code text not null);
    create function inner_num(code text) returns integer language sql immutable as 'select code::integer';
    create function num(code text) returns integer language sql immutable as 'select public.inner_num(code)';
    create function lot(code text, other integer) returns integer language sql immutable as 'select code::integer';
    create operator ## (function = lot, leftarg = text, rightarg = integer);
    create function ok(code text) returns boolean language sql immutable as 'select length(code) > 1';
"""
ROWS = "insert into t values (1, 'x'), (2, 'y')"
# They take any row.
LENIENT = {
    "num": "num(code text) returns integer language sql immutable as 'select ascii(code)'",
    "inner_num": "inner_num(code text) returns integer language sql immutable as 'select ascii(code)'",
    "lot": "lot(code text, other integer) returns integer language sql immutable as 'select ascii(code)'",
    "ok": "ok(code text) returns boolean language sql immutable as 'select true'",
}
# What calls a function, and those that it is another by.
CALLS = [
    ("alter table t add n integer generated always as (num(code)) stored", ("num", "inner_num")),
    ("alter table t add n integer generated always as (code ## 1) stored", ("lot",)),
    ("alter table t add constraint okay check (ok(code))", ("ok",)),
    ("create unique index once on t (ok(code))", ()),
]


@pytest.mark.parametrize(("new", "by"), CALLS)
def test_it_is_asked_where_they_stay_what_they_were(
    server: ScratchServer, app: Database, new: str, by: Sequence[str]
) -> None:
    app.run(BASE, ROWS)
    grant = "grant execute on function num(text) to public"
    assert row_errors(with_rows(server, BASE, [grant, new]), app) == [("MC312", 3)]
    for each in by:
        assert row_errors(with_rows(server, BASE, [f"create or replace function {LENIENT[each]}", new]), app) == []


def test_where_they_do_not_it_is_asked_what_calls_none(server: ScratchServer, app: Database) -> None:
    app.run(BASE, ROWS)
    new = [f"create or replace function {LENIENT['num']}", "alter table t add check (length(code) > 1)"]
    assert row_errors(with_rows(server, BASE, new), app) == [("MC312", 3)]
