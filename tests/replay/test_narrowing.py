"""Which columns a statement changes, by what it says."""

import pytest

from migcheck.drizzle.pieces import Piece
from migcheck.facts.replay.watching.narrowing import Narrow, narrow
from migcheck.postgres.running.joining import SentPiece
from tests.support.growth import LINEAR, growth
from tests.support.rehearsals import folder_of


def read(text: str) -> Narrow | None:
    (only,) = folder_of({"0001_b": text}).migrations
    return narrow(SentPiece(only, Piece(text, 1)))


@pytest.mark.parametrize(
    ("text", "table", "columns"),
    [
        ("update users set a = 1", "users", "a"),
        ("UPDATE Users SET A = 1, b=2 WHERE c = 3;", "users", "a b"),
        ('update "public"."Users" as u set "A" = 1', "public Users", "A"),
        ("update only users * u set a = f(b, c), (d, e) = (select 1, 2) from x, y where y.a = 1", "users", "a d e"),
        ("-- of all\nupdate users set a = ',b = 1' /* , c = 1 */, d[1] = 2", "users", "a d"),
        ("update users set a = b is distinct from c, d = 1", "users", "a d"),
        ("update users set a = $$ , b = 1 $$, c = array[1, 2], e.f = 1", "users", "a c e"),
        ("update users set a = E'\\', b = 1', c = 1", "users", "a c"),
        ('update "we""ird" set a = 1, "b""c" = 2', 'we"ird', 'a b"c'),
    ],
)
def test_an_update_names_them(text: str, table: str, columns: str) -> None:
    schema, _, name = table.rpartition(" ")
    assert read(text) == Narrow(schema, name, frozenset(columns.split()), alone=True)


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("alter table users alter column a type text using lower(a)", "a"),
        ('ALTER TABLE IF EXISTS ONLY "users" ALTER "A" SET DATA TYPE numeric(6, 2) USING f(1, 2)', "A"),
        ("alter table users * alter a type text using b, alter b type text using a", "a b"),
        ("alter table users alter a type int using 1, alter column b set not null, alter b type text using ''", "a b"),
    ],
)
def test_an_alter_table_names_them(text: str, columns: str) -> None:
    assert read(text) == Narrow("", "users", frozenset(columns.split()), alone=False)


@pytest.mark.parametrize(
    "text",
    [
        "update users set a = 1; update users set b = 1",
        "with x as (select 1) update users set a = 1",
        "delete from users",
        'update users set a = 1, U&"b" = 2',
        "update users set",
        "update users",
        "update users alias of too many words set a = 1",
        "alter table users alter a set not null",
        "alter type users add value 'a'",
        "do $$ begin update users set a = 1; end $$",
    ],
)
def test_else_it_may_be_any(text: str) -> None:
    assert read(text) is None


def test_which_table_is_meant() -> None:
    one = Narrow("", "users", frozenset(), alone=True)
    assert [one.is_of(each) for each in ("public.users", 'public."Users"', 'public."a.users"', 'a."u"""')] == [
        True,
        False,
        False,
        False,
    ]
    other = Narrow("auth", "users", frozenset(), alone=True)
    assert [other.is_of(each) for each in ("public.users", "auth.users")] == [False, True]


@pytest.mark.parametrize("text", ["a = 1, ", "(", "[", ", (a) = ", '"', "'"])
def test_it_costs_by_its_length(text: str) -> None:
    assert growth(lambda size: read(f"update users set a = 1, {text * size}"), 1000) < LINEAR
