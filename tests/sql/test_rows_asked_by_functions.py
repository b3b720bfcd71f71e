"""A target is asked by the functions that it has: not where those of the project are others by then."""

from collections.abc import Sequence

import pytest

from migcheck.drizzle.ledger import Batching, LedgerName
from migcheck.facts.replay.position import request_of
from migcheck.facts.replay.with_rows.by_words import is_by_words
from migcheck.facts.sql.judged import SqlFacts
from migcheck.facts.sql.misfit import AnyRow, Unexplained
from migcheck.finding import Severity
from migcheck.postgres.running.failure import SqlFailure
from migcheck.postgres.scratch.contract import ScratchServer
from migcheck.rule import judge
from migcheck.rules.sql.rows_refused import rows_refused
from tests.support.asked import row_errors, with_rows
from tests.support.rehearsals import folder_of, history_of
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


def test_what_runs_for_a_row_and_names_what_is_not_there_any_row_meets(server: ScratchServer, app: Database) -> None:
    made = [f"create table {each} (id integer primary key, name text);" for each in ("a", "b", "c", "d", "e", "f")]
    code = """
        create function touch() returns trigger language plpgsql as $$ begin new.at = now(); return new; end $$;
        create function forbid() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
        create function cut() returns trigger language plpgsql as $$
            begin new.name = lower(new.name, 3); return new; end $$;
        create function vec() returns trigger language plpgsql as $$
            begin new.name = gen_salt(new.name); return new; end $$;
    """
    triggers = [
        f"create trigger t before update on {table} for each row execute function {by}();"
        for table, by in (("a", "touch"), ("b", "forbid"), ("c", "cut"), ("e", "vec"), ("f", "touch"))
    ]
    loop = "do $$ declare r record; begin for r in select id from d loop perform r.name; end loop; end $$"
    # What scratch lacks ends nothing but what it says itself.
    new = [f"update {each} set id = id" for each in ("e", "a", "b", "c")] + [loop, "update f set id = id where id > 0"]
    rehearsal = with_rows(server, "".join((*made, code, *triggers)), new)
    assert rehearsal.rows is not None
    faults = [(each.failure.sqlstate, each.misfit, each.table) for each in rehearsal.rows.faults]
    assert faults == [
        ("42703", AnyRow(), "public.a"),
        ("P0001", Unexplained(), "public.b"),
        ("42883", AnyRow(), "public.c"),
        ("42703", AnyRow(), "public.d"),
        ("42703", AnyRow(), "public.f"),
    ]
    at = "drizzle/0001_b.sql:1 fails with rows, and scratch lacks the function gen_salt"
    assert rehearsal.rows.ended.startswith(at)
    app.run(*made, "insert into b values (1)", "insert into d values (1)", "insert into f values (-1)")
    assert row_errors(rehearsal, app) == [("MC312", 9)]
    app.run("insert into a values (1)", "insert into c values (1)")
    assert row_errors(rehearsal, app) == [("MC312", 3), ("MC312", 7), ("MC312", 9)]
    told = judge([rows_refused], SqlFacts(rows=rehearsal.rows))
    assert [(each.at.line, each.severity) for each in told] == [(line, Severity.WARNING) for line in (3, 5, 7, 9, 11)]
    assert [each.message for each in told if each.at.line in (9, 11)] == [
        "0001_b fails as soon as public.d has a row",
        "0001_b fails as soon as it takes a row of public.f",
    ]


@pytest.mark.parametrize(
    ("sqlstate", "text", "expected"),
    [
        ("42703", "create trigger t before update on a for each row execute function f()", True),
        ("42P01", "do $$ begin for r in select name from a loop execute format('drop table %I', r.name); …", False),
        ("42P01", "update a set other = name::regclass", False),
        ("42701", "do $$ begin for r in select 1 from a loop alter table b add column c int; …", False),
        ("42501", "update a set id = id", False),
        ("P0001", "update a set id = id", False),
    ],
)
def test_by_whose_words_it_fails(sqlstate: str, text: str, *, expected: bool) -> None:
    head, base = folder_of({"0000_a": "select 1", "0001_b": text}), folder_of({"0000_a": "select 1"})
    request = request_of(history_of(head, base), head, None, Batching.ALL, LedgerName())
    failure = SqlFailure("0001_b", "drizzle/0001_b.sql", 1, "update a", sqlstate, "it said so")
    assert is_by_words(failure, request) is expected
