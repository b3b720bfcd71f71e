"""A signal ends a run the way Ctrl-C does: a statement is cancelled and rolled back, a scratch server removed."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

# What a CI runner sends before it kills, and what a closed terminal sends.
_ENDING = [signal.SIGTERM] + ([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])

_received = 0


class _Ended(KeyboardInterrupt):
    """Not that exception itself: Python ends by SIGINT once it went through an `exec`, wherever it was caught then.

    Facts: CPython 3.11 Python/pythonrun.c `run_eval_code_obj`; a dataclass is made by `exec` as its module loads.
    """


@contextmanager
def interruptible() -> Iterator[None]:
    """Within, SIGTERM and SIGHUP raise KeyboardInterrupt as SIGINT does; only the main thread can be interrupted."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {each: signal.signal(each, _interrupt) for each in _ENDING}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler if handler is not None else signal.SIG_DFL)


def exit_code() -> int:
    """That of a process which a signal ended: 128 and its number, 130 where it was Ctrl-C."""
    return 128 + (_received or signal.SIGINT)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    global _received  # noqa: PLW0603 - signals come to the process
    _received = number
    raise _Ended
