"""Differences as lines for people, without a server."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from migcheck.postgres.catalogue import Catalogue, Key, difference, stands


def _table(*columns: str) -> Catalogue:
    return Catalogue({Key("t", "table"): (), Key("t", "column order"): columns})


def test_equal_catalogues_have_no_difference() -> None:
    assert difference(_table("a"), _table("a")) == ()


def test_columns_that_come_or_go_do_not_change_the_order_of_the_others() -> None:
    assert difference(_table("a", "b", "c"), _table("b", "c", "d")) == ()
    assert difference(_table("a", "b", "c"), _table("c", "b")) == ("~ column order t: b, c -> c, b",)


def _function(*body: str) -> Catalogue:
    return Catalogue({Key("f()", "function"): body})


def test_of_a_long_body_only_the_changed_lines_are_told() -> None:
    before = _function("BEGIN", "  first;", "  second;", "END")
    after = _function("BEGIN", "  first;", "  another;", "  third;", "END")
    assert difference(before, after) == (
        "~ function f(): - second;",
        "~ function f(): + another;",
        "~ function f(): + third;",
    )


def test_white_space_that_changed_is_shown() -> None:
    assert difference(_function("select 1"), _function("select  1")) == ("~ function f(): 'select 1' -> 'select  1'",)


def test_a_line_is_one_line_and_cannot_steer_a_terminal() -> None:
    hostile = Catalogue({Key('"a\n+ table b\x1b[2J"', "table"): ("owner \u202ebob",)})
    assert difference(Catalogue({}), hostile) == (r'+ table "a + table b\x1b[2J" owner \u202ebob',)


def test_a_body_of_any_length_is_compared_in_time() -> None:
    long = ["x"] * 100_000
    digest = hashlib.sha256("\n".join(["y", *long]).encode()).hexdigest()[:32]
    assert difference(_function(*long), _function("y", *long)) == (
        f"~ function f(): 100000 lines -> 100001 lines, {digest}, the first that changed is 1: x -> y",
    )


def test_a_long_body_stands_as_a_line_tells_where_all_of_it_does() -> None:
    """And not where its first change does: the others are not in the line."""
    key, long = Key("f()", "function"), ["x"] * 3000
    rehearsed = ("y", *long, "z")
    (line,) = difference(_function(*long), _function(*rehearsed))
    assert stands(line, key, rehearsed)
    for other in (("y", *long), ("y", *long, "another"), ("y", "y", *long[1:], "z"), tuple(long)):
        assert not stands(line, key, other)


PARTS = st.lists(st.sampled_from(["a", "a b", " ", "", "b"]), max_size=5).map(tuple)


@given(st.dictionaries(st.sampled_from("tu"), PARTS), st.dictionaries(st.sampled_from("tu"), PARTS))
def test_there_is_a_difference_wherever_catalogues_differ(
    before: dict[str, tuple[str, ...]], after: dict[str, tuple[str, ...]]
) -> None:
    one, other = (Catalogue({Key(name, "view"): parts for name, parts in each.items()}) for each in (before, after))
    assert bool(difference(one, other)) is (one != other)
