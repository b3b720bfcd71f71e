"""The measure itself: a test of scale that could not fail would prove nothing."""

from collections.abc import Callable

import pytest

from tests.support.growth import LINEAR, growth


class Work:
    """What takes as long as `seconds` says, on a clock of its own, and what sizes were asked of it."""

    def __init__(self, seconds: Callable[[int], float], monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds = seconds
        self.now = 0.0
        self.asked: list[int] = []
        monkeypatch.setattr("time.process_time", lambda: self.now)

    def __call__(self, size: int) -> None:
        """Let the time go by."""
        self.asked.append(size)
        self.now += self.seconds(size)


def test_linear_work_grows_with_its_input() -> None:
    assert growth(lambda size: sum(range(size)), 250_000) < LINEAR


def test_work_that_grows_faster_is_told_from_it(monkeypatch: pytest.MonkeyPatch) -> None:
    quadratic = Work(lambda size: size**2 / 1e7, monkeypatch)

    assert growth(quadratic, 200) == pytest.approx(256)
    assert quadratic.asked == [200, 3200] * 15


def test_no_more_is_asked_than_is_long_enough_to_compare_with(monkeypatch: pytest.MonkeyPatch) -> None:
    linear = Work(lambda size: size / 1e4, monkeypatch)

    assert growth(linear, 300) == pytest.approx(16)
    assert linear.asked == [300, 150, 75, 37, 592]
    linear.asked.clear()
    assert growth(linear, 300, least=100) == pytest.approx(16)
    assert linear.asked == [300, 150, 2400]


@pytest.mark.parametrize("size", [100, 200, 201, 399, 1_000, 4_000])
def test_so_little_tells_it_still(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    assert growth(Work(lambda size: size**2 / 1e7, monkeypatch), size) > 2 * LINEAR


def test_a_run_that_was_held_up_is_measured_again(monkeypatch: pytest.MonkeyPatch) -> None:
    held_up = iter([0, 1, 1])
    busy = Work(lambda size: size / 1e5 + next(held_up, 0), monkeypatch)

    assert growth(busy, 300) == pytest.approx(16)
    assert busy.asked == [300, 4800] * 2
