"""How the cost of a piece of work grows with its input: a ratio of two measurements of one run, never a time."""

import gc
import time
from collections.abc import Callable

LINEAR = 9
"""What `growth` stays below where the cost is in proportion to the input, with room for noise."""
_SHORTEST = 0.005
"""Seconds; what takes less is too short to compare with."""


def growth(work: Callable[[int], object], size: int) -> float:
    """How many times as long `work` takes on four times the size: 4 where it is linear, 16 where it is quadratic.

    Of this process's own time. A busy machine makes a run longer, never shorter: what looks worse than linear is
    measured up to five times, and the best of each size counts.
    """
    small = large = float("inf")
    for _ in range(5):
        small, large = min(small, _seconds(work, size)), min(large, _seconds(work, 4 * size))
        if large / max(small, _SHORTEST) < LINEAR:
            break
    return large / max(small, _SHORTEST)


def _seconds(work: Callable[[int], object], size: int) -> float:
    gc.collect()
    gc.disable()
    try:
        start = time.process_time()
        work(size)
        return time.process_time() - start
    finally:
        gc.enable()
