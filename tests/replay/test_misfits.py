"""Which rows a new migration fails with, where a SELECT that looks right would find others."""

import pytest

from migcheck.facts.sql.misfit import NoValue, Repeated, Taken, Unfit, Unheld
from migcheck.postgres.scratch.contract import ScratchServer
from tests.replay.test_with_rows import BASE, BREAKPOINT, only, with_rows
from tests.support.apart import apart, as_alone

pytestmark = pytest.mark.server


def test_what_a_cascade_or_a_trigger_writes_has_no_select(server: ScratchServer) -> None:
    base = {
        "0000_base": """
            create table orgs (id serial primary key);
            create table users (id serial primary key, org integer references orgs on delete cascade, name text);
            create table notes (id serial primary key, text text);
            create function f() returns trigger language plpgsql as $$ begin delete from notes; return old; end $$;
            create trigger f after delete on users for each row execute function f();
        """
    }
    new = ("delete from orgs where id % 2 = 0", "alter table users alter name set not null")
    told = [(each.misfit, each.select) for each in with_rows(server, BREAKPOINT.join(new), base=base).faults]
    assert told == [(NoValue("name"), "")]
    emptied = ("delete from users where id % 2 = 0", "alter table notes alter column text set not null")
    told = [(each.misfit, each.select) for each in with_rows(server, BREAKPOINT.join(emptied), base=base).faults]
    assert told == []


def test_a_partition_is_told_as_the_whole(server: ScratchServer) -> None:
    base = {
        "0000_base": """
            create table t (id integer not null, a text) partition by hash (id);
            create table t_0 partition of t for values with (modulus 2, remainder 0);
            create table t_1 partition of t for values with (modulus 2, remainder 1);
        """
    }
    new = "alter table t alter column a set not null; alter table t add constraint small check (id < 9);"
    told = [(each.table, each.misfit, each.select) for each in with_rows(server, new, base=base).faults]
    assert told == [
        ("public.t", NoValue("a"), 'select * from public.t where "a" is null'),
        ("public.t", Unheld("small"), "select * from public.t where not (id < 9)"),
    ]


def test_rows_of_those_that_inherit_are_not_its_own(server: ScratchServer) -> None:
    base = {"0000_base": "create table p (id serial primary key, a text); create table c (b text) inherits (p);"}
    (fault,) = with_rows(server, "create unique index once on p (a)", base=base).faults
    assert fault.select == ("select a, count(*) from only public.p where a is not null group by a having count(*) > 1")


def test_a_key_that_is_new_and_empty_is_alike_in_all_rows(server: ScratchServer) -> None:
    new = 'alter table users add column "flagId" uuid, add unique nulls not distinct (name, "flagId")'
    assert only(server, new) == (
        Repeated("users_name_flagId_key"),
        "select name, count(*) from public.users group by name having count(*) > 1",
    )


CAST = [
    "alter age type smallint using coalesce(age, 0)::smallint, alter visits type integer using visits::integer",
    "alter age type smallint using (age - 1)::smallint",
]


@pytest.mark.parametrize("new", CAST)
def test_a_cast_with_more_to_it_has_no_select(server: ScratchServer, new: str) -> None:
    found, select = only(server, f"alter table users {new}")
    assert (found, select) == (Unfit("age"), "")


BEHIND = """
    create function odd(integer, integer) returns boolean language plpgsql volatile as $$ begin return false; end $$;
    create operator === (leftarg = integer, rightarg = integer, function = odd);
    create type wrapped as (it integer);
    create function wrap(integer) returns wrapped language sql volatile as 'select row($1)::wrapped';
    create cast (integer as wrapped) with function wrap(integer);
    create table users (id serial primary key, age integer);
"""


@pytest.mark.parametrize("condition", ["age === 7", "(age::wrapped).it > 900"])
def test_what_does_something_behind_an_operator_or_a_cast_is_no_select(server: ScratchServer, condition: str) -> None:
    new = f"alter table users add constraint odd check (age is null or {condition})"
    (fault,) = with_rows(server, new, base={"0000_base": BEHIND}).faults
    assert (fault.misfit, fault.select) == (Unheld("odd"), "")


TWICE = "select email, count(*) from public.users where email is not null group by email having count(*) > 1"
USING = [
    "alter table users add constraint users_email_unique unique using index once",
    'alter table "users" add constraint "Mails" UNIQUE\nUSING INDEX "once"',
    "alter index if exists once rename to later; alter table users add constraint others unique using index later",
]


@pytest.mark.parametrize("outside", [True, False])
def test_an_index_that_becomes_a_constraint_is_told_once_where_it_is_built(
    server: ScratchServer, *, outside: bool
) -> None:
    build = f"create unique index {'concurrently ' if outside else ''}once on users (email)"
    cases = [apart(number, BASE["0000_base"], build, using) for number, using in enumerate(USING)]
    base, new = {"0000_base": ";".join(own for own, *_ in cases)}, [sql for _, *both in cases for sql in both]
    built = ["0001_new", "0003_new", "0005_new"]
    rows = with_rows(server, *new, base=base, outside=built if outside else ())
    told = [(each.migration, each.misfit, as_alone(each.select)) for each in rows.faults]
    assert told == [(tag, Repeated(f"c{number}_once"), TWICE) for number, tag in enumerate(built)]
    assert rows.ended == ""


def test_an_index_that_is_made_anew_by_its_name_is_built_and_not_met(server: ScratchServer) -> None:
    base = {"0000_base": "create table t (a integer not null, b integer not null, constraint once unique (a, b));"}
    new = "alter table t drop constraint once; alter table t add constraint once unique (a);"
    (fault,) = with_rows(server, new, base=base).faults
    select = "select a, count(*) from public.t where a is not null group by a having count(*) > 1"
    assert (fault.misfit, fault.select) == (Repeated("once"), select)
    met = "insert into t select a, b from t"
    assert [each.misfit for each in with_rows(server, met, base=base).faults] == [Taken("once")]


def test_what_is_made_anew_by_the_name_of_a_table_is_not_that_one(server: ScratchServer) -> None:
    base = {"0000_base": "create table t (id serial primary key, a text);"}
    new = (
        "alter table t rename to old",
        "create table t (id integer primary key, a text not null)",
        "insert into t select id, nullif(a, 'none') from old",
    )
    (fault,) = with_rows(server, BREAKPOINT.join(new), base=base).faults
    assert (fault.failure.sqlstate, fault.select) == ("23502", "")
