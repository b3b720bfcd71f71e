"""What a target is asked of the values of a column that gets another type."""

import pytest

from migcheck.drizzle.folder import Migration
from migcheck.facts.replay.with_rows.retyping import questions_of_types
from migcheck.facts.replay.with_rows.suspicion import Change
from migcheck.facts.replay.with_rows.unread import unread
from migcheck.facts.sql.misfit import Lessens, Unfit
from migcheck.facts.sql.rows import Question
from migcheck.finding import Location
from migcheck.postgres.table import Column, Table

COLUMN = '"a"::text'


def table(kind: str) -> Table:
    columns = {1: Column("a", kind, kind, required=False, filled=False, generated=False)}
    return Table(1, "public.t", {}, 0, 0, "", False, False, columns, {}, {})  # noqa: FBT003 - what it has no say in


def asked(was: str, then: str, *statements: str, asks_input: bool = True, older_target: bool = False) -> list[Question]:
    tables = {1: table(was)}, {1: table(then)}
    new = [Migration("0001_new", 1, "new.sql", ";\n".join(statements).encode())]
    labels = dict.fromkeys(("mood", "mood[]"), ("sad", "it's"))
    change = Change(*tables, (), labels, new, asks_input=asks_input, older_target=older_target)
    # Which values lose something, a target tells: tests/sql/test_rows_asked_for.py.
    return [each for each in questions_of_types(change) if not isinstance(each.misfit, Lessens)]


ASKED = [
    ("character varying(80)", "character varying(10)", "type varchar(10)", 'char_length(rtrim("a"::text)) > 10'),
    ("numeric(9,2)", "integer", "type int", 'round("a"::numeric) not between -2147483648 and 2147483647'),
    ("numeric(9,2)", "numeric(8,2)", "type numeric(8, 2)", "abs(round(nullif(\"a\"::numeric, 'NaN'), 2)) >= 1e6"),
    ("text", "integer", "type integer using a::int", "not pg_input_is_valid(\"a\"::text, 'integer')"),
    # Were it made a number, the question would fail with what is none.
    (
        "text",
        "numeric(8,2)",
        "type numeric(8, 2) using a::numeric(8, 2)",
        "not pg_input_is_valid(\"a\"::text, 'numeric(8,2)')",
    ),
    ("text", "uuid[]", "set data type uuid[] using (a)::uuid[]", "not pg_input_is_valid(\"a\"::text, 'uuid[]')"),
    ("text", "mood", "type public.mood using (a::text::mood)", "\"a\"::text <> all (array['sad', 'it''s'])"),
    (
        "public.mood[]",
        "mood[]",
        "type mood[] using a::text[]::mood[]",
        "exists (select from unnest(\"a\"::text[]) each where each <> all (array['sad', 'it''s']))",
    ),
    # Of an enum that had more.
    ("public.mood", "mood", "type mood using a::text::mood", "\"a\"::text <> all (array['sad', 'it''s'])"),
]


@pytest.mark.parametrize(("was", "then", "says", "condition"), ASKED)
def test_it_is_asked_for_what_the_new_type_does_not_take(was: str, then: str, says: str, condition: str) -> None:
    statement = f"alter table t alter column a {says}"
    select = f"select * from public.t where {condition}"
    asking = Question("0001_new", Location("new.sql", 2), statement, "public.t", Unfit("a"), select)
    assert asked(was, then, "alter table t add b int", statement) == [asking]


NOT_ASKED = [
    # All of them have room.
    ("character varying(10)", "character varying(10)", "type varchar(10)"),
    ("character varying(10)", "character varying(80)", "type varchar(80)"),
    ("integer", "bigint", "type bigint"),
    ("numeric(8,2)", "numeric(9,3)", "type numeric(9, 3)"),
    ("character varying(10)", "text", "type text"),
    # It cuts, reads something else, or goes by way of another type.
    ("text", "character varying(3)", "type varchar(3) using a::varchar(3)"),
    ("text", "integer", "type integer using b::integer"),
    ("text", "integer", "type integer using a::numeric"),
    ("text", "integer", "type integer using a::numeric::integer"),
    ("text", "integer", "type integer using nullif(a, '')::integer"),
    ("text", "integer", "type integer using a::integer + 1"),
    # Something that is not seen made it another type before.
    ("text", "integer", "type integer"),
    ("text", "mood", "type mood"),
    ("text", "mood[]", "type mood[] using a::text::mood[]"),
    # A cast of the project's own may take it.
    ("public.mood", "mood", "type mood using a::mood"),
    # How it is rounded, written or checked is not known.
    ("double precision", "bigint", "type bigint"),
    ("timestamp with time zone", "character varying(10)", "type varchar(10)"),
    ("text", "positive", "type positive using a::positive"),
]


@pytest.mark.parametrize(("was", "then", "says"), NOT_ASKED)
def test_it_is_not_where_such_a_value_may_be_taken(was: str, then: str, says: str) -> None:
    assert asked(was, then, f"alter table t alter column a {says}") == []


ELSEWHERE = [
    ("alter table other alter column a type varchar(3)",),
    ("do $$ begin alter table t alter column a type varchar(3); exception when others then end $$",),
    ("alter table t alter column a type numeric using a::numeric", "alter table t alter column a type varchar(3)"),
    ("alter table t alter column a type text using left(a, 3)", "alter table t alter column a type varchar(3)"),
]


@pytest.mark.parametrize("statements", ELSEWHERE)
def test_nor_where_nobody_knows_what_the_values_are_by_then(statements: tuple[str, ...]) -> None:
    assert asked("text", "character varying(3)", *statements) == []
    plain = "alter table t alter column a type text"
    assert len(asked("text", "character varying(3)", plain, "alter table t alter column a type varchar(3)")) == 1


def test_below_16_what_is_read_is_known_of_some_types() -> None:
    known_of = ("uuid", "boolean", "integer", "numeric", "numeric(8,2)")
    for then, known in (*((each, True) for each in known_of), ("jsonb", False), ("uuid[]", False)):
        statement = f"alter table t alter column a type {then} using a::{then}"
        found = asked("text", then, statement, asks_input=False)
        assert [each.select for each in found] == (
            [f"select * from public.t where {unread(COLUMN, then)}"] if known else []
        )


def test_an_older_target_is_asked_what_it_knows_and_else_what_it_will_not_answer() -> None:
    def select(then: str) -> str:
        statement = f"alter table t alter column a type {then} using a::{then}"
        (found,) = asked("text", then, statement, older_target=True)
        return found.select

    assert select("numeric(8,2)") == f"select * from public.t where {unread(COLUMN, 'numeric(8,2)')}"
    assert select("jsonb") == f"select * from public.t where not pg_input_is_valid({COLUMN}, 'jsonb')"
