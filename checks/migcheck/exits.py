"""The one place where outcomes become exit codes: 0 clear, 1 blocked, 2 usage, 3 undecided, 128 + a signal."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, TextIO

from migcheck.errors import as_told
from migcheck.report.emit import say_problem, say_trace
from migcheck.signals import exit_code, interruptible

# libpq sends these of a shell as the defaults of every session, with no way to refuse them one by one. Drizzle's
# drivers do not know them.
_SESSION_DEFAULTS = ("PGCLIENTENCODING", "PGDATESTYLE", "PGGEQO", "PGTZ")

CLEAR, BLOCKED, USAGE, UNDECIDED = 0, 1, 2, 3


def finish(work: Callable[[], int]) -> NoReturn:
    """Do a command's work and leave the process with its exit code; no error escapes as a traceback."""
    _open_streams()
    _forget_session_defaults()
    try:
        # A runner that cancels a job sends SIGTERM first: leaving through this door lets scratch servers be cleaned up.
        with interruptible():
            code = work()
    except KeyboardInterrupt:
        say_problem("migcheck: interrupted; nothing more was done")
        code = exit_code()
    except Exception as error:  # noqa: BLE001 - a gate that falls over has proven nothing: told, and exit 3
        say_trace(error)
        told = as_told(error)
        say_problem(f"migcheck: {told.problem}", told.remedy)
        code = told.exit_code
    raise SystemExit(code)


def _open_streams() -> None:
    """Give a process that was started without standard streams (`>&-`) somewhere to write."""
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()


def _forget_session_defaults() -> None:
    for name in _SESSION_DEFAULTS:
        os.environ.pop(name, None)


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")
