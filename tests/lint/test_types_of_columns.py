"""Columns whose type decides: a domain may have a default, an enum has none, and a serial is what is called so."""

import pytest

from migcheck.drizzle.schema import Column
from migcheck.facts.sql.observation import ColumnDropped, ColumnMadeRequired, IndexBuilt, RequiredColumnAdded
from tests.lint.shop import ID, changes, column, table

MOODS = (
    table(
        "users", ID, column("moods", "mood[]"), column("mood", "mood", type_schema="public"), column("age", "integer")
    ),
)


@pytest.mark.parametrize("type_", ["named", "app.named", '"Named"', "mood_2", "ltree_path", "named(3)"])
def test_a_type_that_may_be_a_domain_may_have_a_default(type_: str) -> None:
    assert changes(f"alter table users add x {type_} not null;") == []
    assert changes(f"create domain n as text default 'x'; alter table users add x {type_} not null;") == []


@pytest.mark.parametrize(
    ("type_", "shown"),
    [
        ("mood", "mood"),
        ("public.mood", "public.mood"),
        ("named[]", "named[]"),
        ("varchar(3)", "character varying(3)"),
        ("timestamptz(3)", "timestamp(3) with time zone"),
        ("interval year to month", "interval year to month"),
        ("double precision", "double precision"),
        ("jsonb", "jsonb"),
        ("vector(3)", "vector(3)"),
        ("citext", "citext"),
    ],
)
def test_one_that_is_none_has_no_default(type_: str, shown: str) -> None:
    assert changes(f"alter table users add x {type_} not null;") == [("public.users", RequiredColumnAdded("x", shown))]


def test_an_enum_that_is_new_has_none() -> None:
    for name in ("state", '"app"."state"'):
        sql = f"create type {name} as enum ('a'); alter table users add x {name} not null;"
        assert [type(change) for _, change in changes(sql)] == [RequiredColumnAdded]
    assert changes("create type pair as (a int); alter table users add x pair not null;") == []


def test_an_enum_of_an_array_is_known() -> None:
    tables = (table("users", ID, column("states", "state[]", type_schema="app")),)
    sql = "alter table users add x app.state not null;"
    assert changes(sql, tables=tables) == [("public.users", RequiredColumnAdded("x", "app.state"))]


def test_a_type_with_serial_in_its_name_is_none() -> None:
    tables = (table("users", ID, column("state", "serial_state", type_schema="public"), Column("n", "bigserial")),)
    assert changes("alter table users alter state set not null;", tables=tables) == [
        ("public.users", ColumnMadeRequired("state"))
    ]
    assert changes("alter table users alter n set not null;", tables=tables) == []


def test_with_a_type_go_the_columns_of_it_and_of_its_arrays() -> None:
    assert changes("drop type mood cascade;", tables=MOODS) == [
        ("public.users", ColumnDropped("moods")),
        ("public.users", ColumnDropped("mood")),
    ]
    assert changes("drop type mood;", tables=MOODS) == []


def test_what_a_primary_key_includes_may_have_no_value() -> None:
    assert changes("alter table users add primary key (id) include (age);", tables=MOODS) == [
        ("public.users", IndexBuilt("users_pkey", unique=True, key="PRIMARY KEY"))
    ]
    assert changes("alter table users add primary key (id, age);", tables=MOODS) == [
        ("public.users", ColumnMadeRequired("age")),
        ("public.users", IndexBuilt("users_pkey", unique=True, key="PRIMARY KEY")),
    ]
    assert changes("alter table users add unique (id) include (age);", tables=MOODS) == [
        ("public.users", IndexBuilt("users_id_age_key", unique=True, key="UNIQUE"))
    ]
