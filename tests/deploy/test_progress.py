"""How far a deploy has come, whenever a signal comes."""

from __future__ import annotations

import sys
from types import FrameType
from typing import TYPE_CHECKING

import pytest

from migcheck.clearance import Step
from migcheck.deploy.fate import Progress

if TYPE_CHECKING:
    from _typeshed import TraceFunction

ONE, TWO = Step("0000_a", "a" * 64, 1), Step("0001_b", "b" * 64, 2)


def interrupt(progress: Progress, line: int) -> None:
    """Settle all that runs, with a signal before line `line` of that."""
    left = line

    def trace(frame: FrameType, event: str, _argument: object) -> TraceFunction | None:
        nonlocal left
        if frame.f_code is not Progress.settle.__code__:
            return None
        left -= event == "line"
        if left < 0:
            raise KeyboardInterrupt
        return trace

    running, before = progress.running, sys.gettrace()
    sys.settrace(trace)
    try:
        progress.settle(running)
    finally:
        sys.settrace(before)


@pytest.mark.parametrize("line", range(5))
def test_a_step_is_counted_once_whenever_a_signal_comes(line: int) -> None:
    progress = Progress()
    progress.start([ONE])
    progress.settle(progress.running)
    progress.start([TWO])
    try:
        interrupt(progress, line)
    except KeyboardInterrupt:
        # As the ledger is asked: its rows are there.
        progress.settle(progress.running)
    assert ([*progress.applied], progress.running) == ([ONE, TWO], ())


def test_what_an_attempt_left_invalid_is_not_told_of_the_next() -> None:
    progress = Progress()
    progress.start([ONE])
    progress.invalid = (("public", "users_email"),)
    progress.start([ONE])
    assert not progress.invalid
