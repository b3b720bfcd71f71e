"""The measure itself: a test of scale that could not fail would prove nothing."""

from tests.support.growth import LINEAR, growth


def test_linear_work_grows_with_its_input() -> None:
    assert growth(lambda size: sum(range(size)), 250_000) < LINEAR


def test_work_that_grows_faster_is_told_from_it() -> None:
    assert growth(lambda size: sum(range(size**2)), 200) > LINEAR
