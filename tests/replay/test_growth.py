"""What is read of new migrations costs in proportion to how long they are."""

from collections.abc import Callable

import pytest

from migcheck.drizzle.folder import Migration
from migcheck.drizzle.pieces import Piece
from migcheck.facts.replay.release.blaming import defining
from migcheck.facts.replay.watching.deleting import whole_deletes
from migcheck.facts.replay.watching.locating import locate
from migcheck.facts.replay.watching.placing import names_in
from migcheck.facts.replay.with_rows.newcomers import stays_empty
from migcheck.facts.replay.with_rows.probing import called_in
from migcheck.facts.replay.with_rows.suspicion import Change
from migcheck.facts.replay.with_rows.unseen import Beside
from migcheck.facts.sql.row_counts import asks_others
from migcheck.finding import Location
from migcheck.postgres.sql_calls import calls_others
from tests.support.growth import LINEAR, growth

MANY = 2000


def many(size: int, text: str = "insert into log values (1, 'some words that make a row');\n") -> Migration:
    return Migration("0001_new", 1, "0001_new.sql", (text * size).encode())


def beside(new: Migration) -> Beside:
    return Beside((), (), Change({}, {}, (), {}, [new]), ({}, {}), {})


@pytest.mark.parametrize(
    "work",
    [
        lambda size: stays_empty("public.teams", [many(size)], Location("0001_new.sql", 1)),
        lambda size: list(beside(many(size)).change.statements),
        lambda size: list(defining([many(size, "create table log ();\n")])),
        lambda size: locate(many(size), ("teams",)),
        lambda size: list(whole_deletes("x.sql", Piece("delete from users;\n" * size, 1))),
        lambda size: asks_others("(" * size + ")" * size),
        lambda size: calls_others("select " + "/* " * size),
    ],
)
def test_each_statement_costs_the_same_however_many_there_are(work: Callable[[int], object]) -> None:
    assert growth(work, MANY) < LINEAR


@pytest.mark.parametrize("reads", [lambda text: list(names_in(text)), asks_others])
def test_bodies_in_bodies_are_read_as_deep_as_anybody_writes(reads: Callable[[str], object]) -> None:
    """However many there are: each level was one more call, and the innermost was read once for each around it."""

    def work(size: int) -> object:
        tags = [f"$a{number}$" for number in range(size)]
        return reads(f"do {' '.join((*tags, 'update posts', *tags[::-1]))}")

    assert growth(work, 120) < LINEAR
    assert "posts" in names_in("do $a$ do $b$ do $c$ update posts $c$ $b$ $a$")


@pytest.mark.parametrize("text", ["a", '"', '"a', "f (", " ", "'"])
def test_what_is_called_costs_by_the_length(text: str) -> None:
    assert growth(lambda size: called_in(f"select x where {text * size} and f(x)"), 3000) < LINEAR


@pytest.mark.parametrize("text", [" ", "(", "( ", "as ", "table ", "as table ", "as ("])
def test_whether_a_definition_fills_a_table_costs_by_the_length(text: str) -> None:
    def work(size: int) -> object:
        new = Migration("0001_new", 1, "0001_new.sql", f"create table other as {text * size} 'x'".encode())
        return stays_empty("public.teams", [new], Location(new.path, 1))

    assert growth(work, 2000) < LINEAR


def test_statements_are_read_only_where_something_is_asked() -> None:
    assert growth(lambda size: list(beside(many(size)).questions()), MANY) < 2


def test_names_of_what_is_called() -> None:
    select = """select * from "t" where "F" (a) and pg_catalog.g /* b */ (c) and '"' || h(1) || '"(' > 'i(1)'"""
    assert called_in(select) == {"F", "g", "h"}
