"""What statements make, alter or leave alone, where one is long or deep."""

import pytest

from migcheck.drizzle.folder import Migration
from migcheck.facts.target.altering import altered_plainly
from migcheck.facts.target.creating import created_plainly
from migcheck.facts.target.over_rows import first_over_rows
from tests.support.growth import LINEAR, growth

THERE = ("public.users",)


def migrations(sql: str) -> list[Migration]:
    """One of `sql`, and one behind it that alters and creates."""
    return [Migration("0000", 1, "0.sql", sql.encode()), Migration("0001", 2, "1.sql", b"alter table users add x int")]


@pytest.mark.parametrize(
    ("sql", "altered"),
    [
        ("grant owners to me", 0),
        ("do $$ begin perform 1; grant a, b to c; end $$", 0),
        ("grant select on t to me", 1),
        ("do $$ begin grant select on t; perform 1 to c; end $$", 1),
    ],
)
def test_a_role_that_is_granted_may_alter_all_behind_it(sql: str, altered: int) -> None:
    assert len(altered_plainly(migrations(sql))) == altered


@pytest.mark.parametrize(
    ("sql", "created"),
    [("drop view v cascade", 0), ("do $$ begin drop view v; cascade; end $$", 1), ("drop schema s", 0)],
)
def test_what_cascades_may_take_anything_away(sql: str, created: int) -> None:
    assert len(created_plainly([*migrations(sql), Migration("2", 3, "2.sql", b"create table t (x int)")])) == created


@pytest.mark.parametrize("part", ["drop ", "grant ", "on conflict (", "setval (1, ", "alter table a alter b "])
def test_words_again_and_again_cost_by_their_length(part: str) -> None:
    def work(size: int) -> object:
        several = migrations(f"insert into users {part * size}")
        return created_plainly(several), altered_plainly(several), first_over_rows(several, THERE)

    assert growth(work, 300) < LINEAR
