"""Which tables new migrations speak of."""

import pytest
from msgspec.structs import replace

from migcheck.drizzle.schema import Column, Relation
from migcheck.facts.replay.watching.naming import spoken
from tests.support.rehearsals import folder_of
from tests.support.releases import SHOP, USERS


def named(*new: str, relations: tuple[Relation, ...] = SHOP) -> list[str]:
    words = spoken(folder_of({f"{number:04}_new": sql for number, sql in enumerate(new)}).migrations)
    return [each.name for each in relations if words.of(each)]


@pytest.mark.parametrize(
    ("new", "names"),
    [
        ('ALTER TABLE "users" ADD x int;', ["users"]),
        ("ALTER TABLE public.Users ADD x int;", ["users"]),
        ("alter table users_old add x int;", []),
        ("drop index users_email;", ["users"]),
        ("alter type kind add value 'c';", ["users"]),
        ("drop view adults; drop table posts;", ["adults", "posts"]),
        ("create trigger t before insert on posts execute function f();", ["posts"]),
        ("create trigger t before insert on posts execute\n  procedure f();", ["posts"]),
        ("do $$ begin execute 'x'; end $$;", ["adults", "posts", "users"]),
        ("grant execute on function f to public;", []),
        ("grant execute on function f() to users_role;", []),
        ("revoke execute\non all functions in schema public from x;", []),
        ("do $$ begin execute on_all; end $$;", ["adults", "posts", "users"]),
        ("select integer 'text', serial;", []),
        ("select 1;", []),
    ],
)
def test_the_tables_of_a_text(new: str, names: list[str]) -> None:
    assert named(new) == names


@pytest.mark.parametrize(
    ("type_", "new", "is_named"),
    [
        ("email", "alter domain email set not null;", True),
        ("email[]", 'alter domain app."Email" set not null;', True),
        ('"app"."email"', "alter domain email set not null;", True),
        ("vector(3)", "alter extension vector update;", True),
        ("email", "alter domain emails set not null;", False),
        ("timestamp (3) with time zone", "set time zone 3;", False),
        ("VARCHAR(80)", "create table t (x varchar(80));", False),
        ("numeric(10, 2)[]", "create table t (x numeric);", False),
        ("", "select 1;", False),
    ],
)
def test_a_type_that_is_not_built_in(type_: str, new: str, is_named: bool) -> None:  # noqa: FBT001 - a table
    table = replace(USERS, keys=(), columns=(Column("x", type_),))
    assert named(new, relations=(table,)) == (["users"] if is_named else [])


def test_all_that_is_new_is_read_and_no_more_than_it_is_worth() -> None:
    assert named("drop view adults;", "drop table posts;") == ["adults", "posts"]
    assert named("-- " + "x" * 1024 * 1024) == ["adults", "posts", "users"]


def test_a_name_of_several_words() -> None:
    odd = replace(USERS, name="our users", keys=(), columns=())
    assert named('drop table "Our Users";', relations=(odd,)) == ["our users"]
    assert named("drop table users;", relations=(odd,)) == []
