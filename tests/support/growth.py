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


def growth(work: Callable[[int], object], size: int) -> float:
    """How many times as long `work` takes on TIMES the size: 16 where it is linear, 256 where it is quadratic.

    Of this process's own time. A busy machine makes a run longer, never shorter: what looks worse than linear is
    measured up to fifteen times, and the best of each size counts.
    """
    small = large = float("inf")
    for _ in range(15):
        small, large = min(small, _seconds(work, size)), min(large, _seconds(work, TIMES * size))
        if large / max(small, _SHORTEST) < LINEAR:
            break
    return large / max(small, _SHORTEST)


def _seconds(work: Callable[[int], object], size: int) -> float:
    gc.disable()
    try:
        start = time.process_time()
        work(size)
        return time.process_time() - start
    finally:
        gc.enable()
