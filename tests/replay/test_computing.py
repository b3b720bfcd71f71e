"""Which SELECT fails where a generated column cannot be computed, and of which there is none."""

import pytest

from migcheck.facts.replay.watching.placing import Stated
from migcheck.facts.replay.with_rows.computing import Computing
from migcheck.facts.replay.with_rows.suspicion import Change
from migcheck.finding import Location
from migcheck.postgres.filling.expressions import Expression
from migcheck.postgres.table import Column, Table

ADDED = "alter table t add b int generated always as (a) stored"


def selects(asked: Expression, *statements: str, was: tuple[Expression, ...] = ()) -> list[tuple[int | None, str]]:
    columns = {1: Column("a", "25 -1", "text", required=False, filled=False, generated=False)}
    table = Table(1, "public.t", {}, 0, 0, "", False, False, columns, {}, {})  # noqa: FBT003 - what it has no say in
    change = Change({1: table}, {1: table}, (), {})
    at = [Stated("0001_new", Location("new.sql", line), each) for line, each in enumerate(statements, 1)]
    return [(each.at.line, each.select) for each in Computing(was, (asked,), change).questions(at)]


def asks(type_: str, says: str = "(a)", numbers: tuple[int, ...] = (1,)) -> Expression:
    return Expression(1, 2, "b", type_, says, numbers)


@pytest.mark.parametrize(
    ("type_", "condition"),
    [
        ("integer", "num_nulls(((a))::integer) < 0"),
        ("character varying", "num_nulls(((a))::character varying) < 0"),
        ("character varying(3)", "char_length(rtrim(((a))::text)) > 3"),
        ("character(3)", "char_length(rtrim(((a))::text)) > 3"),
    ],
)
def test_it_computes_each_row_as_the_column_would(type_: str, condition: str) -> None:
    told = [(2, f"select * from public.t where {condition}")]
    assert selects(asks(type_), "alter table t add c int generated always as (1) stored", ADDED) == told


def test_of_what_a_cast_would_cut_or_no_row_has_a_say_in_there_is_none() -> None:
    assert selects(asks("bit(3)"), ADDED) == selects(asks("bit varying(3)"), ADDED) == []
    assert selects(asks("integer", "1", ()), ADDED) == selects(asks("text", "a"), ADDED) == []
    assert len(selects(asks("integer", "a"), ADDED)) == len(selects(asks("text", "f(a)"), ADDED)) == 1


def test_nor_of_what_was_there_or_came_in_a_way_that_is_not_read() -> None:
    assert selects(asks("integer"), ADDED, was=(asks("integer"),)) == []
    assert len(selects(asks("integer"), ADDED, was=(asks("integer", "(a || a)"),))) == 1
    assert selects(asks("integer"), f"do $$ begin {ADDED}; end $$", "alter table t add b int", "select 'b', 't'") == []
