"""Rows that no rehearsal makes up: the target is asked for them, and has none or some."""

import pytest

from migcheck.postgres.scratch.contract import ScratchServer
from migcheck.rules.sql.type_keeps_less import type_keeps_less
from tests.support.asked import Case, Together, row_errors, with_rows
from tests.support.target_server import Database

pytestmark = pytest.mark.server

ASKED = [
    (
        "create table t (a text not null check (a = md5(a)))",
        "create unique index one on t (a)",
        ("alter table t drop constraint t_a_check", "insert into t values ('x'), ('x')"),
    ),
    (
        "create table t (a int); alter table t add constraint c check (a > 3) not valid",
        "alter table t validate constraint c",
        (
            "alter table t drop constraint c",
            "insert into t values (1)",
            "alter table t add constraint c check (a > 3) not valid",
        ),
    ),
    (
        "create table t (a text)",
        "create unique index one on t (lower(a)) where a like '%zz%'",
        ("insert into t values ('zz'), ('zz')",),
    ),
    (
        "create table t (a text check (a = 'x')) partition by list (a); create table rest partition of t default",
        "create table y partition of t for values in ('y')",
        ("alter table t drop constraint t_a_check", "insert into t values ('y')"),
    ),
    (
        "create domain short as text; create table t (a short check (a = 'x'))",
        "alter domain short add constraint few check (value <> 'y')",
        ("alter table t drop constraint t_a_check", "insert into t values ('y')"),
    ),
    (
        "create table t (a text check (a = 'x')); create materialized view v as select a from t where a <> 'x'",
        "create unique index once on v (a)",
        (
            "alter table t drop constraint t_a_check",
            "insert into t values ('y'), ('y')",
            "refresh materialized view v",
        ),
    ),
    (
        "create table t (a integer check (a = md5(a::text)::integer and a is not null))",
        "create table p (a integer primary key); alter table t add foreign key (a) references p",
        ("alter table t drop constraint t_a_check", "insert into t values (1)"),
    ),
    (
        "create table t (a text)",
        "create role reader_of_rows; create unique index one on t (a) where a like '%zz%'",
        ("insert into t values ('zz'), ('zz')",),
    ),
]


def test_it_is_an_error_where_the_target_has_such_rows_alone(server: ScratchServer, app: Database) -> None:
    together = Together.of([Case(base, [new], rows) for base, new, rows in ASKED])
    rehearsal = together.rehearse(server)
    app.run(*(each.base for each in together.cases))
    asked = [new for _, new, _ in ASKED]
    assert dict(zip(asked, together.row_errors(rehearsal, app), strict=True)) == {new: [] for new in asked}
    app.run(*(each for case in together.cases for each in case.rows))
    told = together.row_errors(rehearsal, app)
    assert dict(zip(asked, told, strict=True)) == {new: [("MC312", 1)] for new in asked}


# The type of before and the one behind it, values that are whole in both, and one that is not.
LESSENED = [
    ("timestamp", "date", "'2020-01-01', 'infinity'", "'2020-01-01 12:00'"),
    ("timestamptz", "date", "'2020-01-01', '-infinity'", "'2020-01-01 00:00:01'"),
    ("timestamp(3)", "timestamp(0)", "'2020-01-01 12:00:01', null", "'2020-01-01 12:00:01.5'"),
    ("timestamptz", "time using (a6)::time", "null, null", "'2020-01-01'"),
    ("numeric(10,4)", "numeric(10,2)", "1.25, 'NaN'", "1.255"),
    ("numeric", "integer", "3, -3.00", "3.5"),
    ("double precision", "real", "0.5, 'infinity'", "0.1"),
    ("double precision", "bigint using a14::bigint", "3, null", "2.5"),
    ("numeric", "double precision", "0.1, 'NaN'", "1.00000000000000000001"),
    ("real", "numeric(10,2)", "2.5, 0.1, 'NaN'", "12345.67"),
    ("real", "integer", "2147483520, null, 16777216", "1234567.5"),
    ("double precision", "numeric", "0.1, 1e300, 'NaN'", "1.7976931348623157e308"),
    ("integer", "real", "16777216, -2147483648, null", "16777217"),
    ("bigint", "double precision", "9007199254740992, -9223372036854775808", "9223372036854775807"),
    ("numeric", "real", "0.1, 'NaN', 12345.67, 1e-45", "16777217"),
    ("double precision", "real", "3.4028234663852886e38, 1.401298464324817e-45", "1e38"),
    ("integer", "numeric(9,-2)", "100, -300, null", "101"),
    ("text", "varchar(3) using a34::varchar(3)", "'abc', 'ab    '", "'abcd'"),
    ("text[]", "varchar(3)[] using a36::varchar(3)[]", "'{abc,null}', '{}', null", "'{abc,abcd}'"),
    ("timetz", "time(3)", "'12:00:00.123+00', null", "'12:00+02'"),
    ("text", 'varchar(3) collate "C" using a40::varchar(3)', "'abc', null", "'abcd'"),
    ("interval", "interval(0)", "'1 day 00:00:01', null", "'00:00:01.5'"),
    ("interval", "interval year to month", "'1 year 2 months', null", "'1 month 1 day'"),
    ("interval", "time", "'04:05:06.5', null", "'1 day 04:05'"),
    ("text", "boolean using false", "null", "''"),
]


def test_values_of_which_a_new_type_keeps_less_are_an_error_where_the_target_has_such(
    server: ScratchServer, app: Database
) -> None:
    """MC336."""
    columns = [f"a{2 * number}" for number, _ in enumerate(LESSENED)]
    base = f"create table t ({', '.join(f'{name} {each[0]}' for name, each in zip(columns, LESSENED, strict=True))})"
    app.run(base)
    new = [f"alter table t alter {name} type {each[1]}" for name, each in zip(columns, LESSENED, strict=True)]
    rehearsal = with_rows(server, base, new)
    for name, each in zip(columns, LESSENED, strict=True):
        app.run(f"insert into t ({name}) select unnest(array[{each[2]}]::text[])::{each[0]}")
    assert row_errors(rehearsal, app, [type_keeps_less]) == []
    for name, each in zip(columns, LESSENED, strict=True):
        app.run(f"insert into t ({name}) values ({each[3]})")
    lines = [("MC336", 2 * number + 1) for number, _ in enumerate(LESSENED)]
    assert row_errors(rehearsal, app, [type_keeps_less]) == lines
