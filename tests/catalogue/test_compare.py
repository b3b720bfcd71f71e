"""Differences as lines for people, without a server."""

from migcheck.postgres.catalogue import Catalogue, Key, difference


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
