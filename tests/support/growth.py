"""How the cost of a piece of work grows with its input: a ratio of two measurements of one run, never a time."""

import gc
import time
from collections.abc import Callable

TIMES = 16
"""How much larger the second input is than the first."""
LINEAR = 2 * TIMES
"""What `growth` stays below where the cost is in proportion to the input, with room for noise."""
_SHORTEST = 0.002
"""Seconds; what takes less is too short to compare with."""
_LONG_ENOUGH = 2 * _SHORTEST


def growth(work: Callable[[int], object], size: int, *, least: int = 8) -> float:
    """How many times as long `work` takes on TIMES the size: 16 where it is linear, 256 where it is quadratic.

    Of this process's own time. `size` is halved, down to `least`, while so much is long enough to compare with: of few
    things, what is done once counts for more than what is done for each.

    A busy machine makes a run longer, never shorter: what looks worse than linear is measured up to fifteen times, and
    the best of each size counts.
    """
    small = _seconds(work, size)
    while small > _LONG_ENOUGH and size // 2 >= least:
        size //= 2
        small = _seconds(work, size)
    large = _seconds(work, TIMES * size)
    for _ in range(14):
        if _ratio(small, large) < LINEAR:
            break
        small, large = min(small, _seconds(work, size)), min(large, _seconds(work, TIMES * size))
    return _ratio(small, large)


def _ratio(small: float, large: float) -> float:
    return large / max(small, _SHORTEST)


def _seconds(work: Callable[[int], object], size: int) -> float:
    gc.disable()
    try:
        start = time.process_time()
        work(size)
        return time.process_time() - start
    finally:
        gc.enable()
