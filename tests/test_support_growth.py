"""The measure itself: a test of scale that could not fail would prove nothing."""

from tests.support.growth import LINEAR, growth


def test_linear_work_grows_with_its_input() -> None:
    assert growth(lambda size: sum(range(size)), 1_000_000) < LINEAR


def test_quadratic_work_is_told_from_it() -> None:
    assert growth(lambda size: sum(range(size * size)), 700) > LINEAR
