"""Where a report goes: standard output, or a file. Progress and log lines go to standard error alone."""

import os
import shutil
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from migcheck.errors import MigcheckError, ReportedError
from migcheck.report.page import PLAIN, PLAIN_WIDTH, Look, Page
from migcheck.report.visible import visible

# The marks of a report that are not ASCII.
_PLAIN = {"│": "|", "┊": ":", "…": "..."}


def emit(text: str, path: Path | None, option: str = "--output") -> None:
    """Write a report to `path`, which `option` named, or to standard output where that is None.

    Raises ReportedError where it cannot be written: the work is done, and nobody hears what came of it.
    """
    if path is not None:
        try:
            path.write_bytes(text.encode("utf-8", "backslashreplace"))
        except OSError as error:
            raise _unwritten(error, f"{option} {path}: ", "name another file") from error
        return
    encoding = sys.stdout.encoding or "utf-8"
    try:
        sys.stdout.write(_as_shown(text, encoding))
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever reads has heard enough; the exit code still says what was found.
        _write_to_nowhere(sys.stdout)
    except OSError as error:
        _write_to_nowhere(sys.stdout)
        raise _unwritten(error, "", "name a file: --output FILE") from error


def add_step_summary(text: str) -> None:
    """Add to the summary of the job, where GitHub Actions gives a file for it. Raises as `emit` does."""
    if path := os.environ.get("GITHUB_STEP_SUMMARY"):
        try:
            with Path(path).open("a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text)
        except OSError as error:
            raise _unwritten(
                error, f"GITHUB_STEP_SUMMARY {path}: ", "leave the variable as the runner sets it"
            ) from error


def _unwritten(error: OSError, where: str, remedy: str) -> ReportedError:
    return ReportedError(f"{where}the report cannot be written: {error.strerror}", remedy)


def _as_shown(text: str, encoding: str) -> str:
    """`text` in what an output of `encoding` can show: our own marks by others, anything else by a question mark."""
    for mark, plain in _PLAIN.items():
        if mark.encode(encoding, "ignore") == b"":
            text = text.replace(mark, plain)
    return text.encode(encoding, "replace").decode(encoding)


def _write_to_nowhere(stream: TextIO) -> None:
    # The interpreter would try once more on its way out, and fail with a code of its own.
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def look_of(output: Path | None) -> Look:
    """How a report looks that goes to `output`: None is standard output. A file is not as wide as who started it."""
    if output is not None:
        return PLAIN
    return Look(_page_width(sys.stdout), has_colour(sys.stdout), sys.stdout.isatty())


def has_colour(stream: TextIO) -> bool:
    """Whether to colour: on a terminal, unless NO_COLOR is set; FORCE_COLOR colours a pipe."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def _page_width(stream: TextIO) -> int:
    """The terminal's width in columns; COLUMNS wins, and a pipe has a width of its own."""
    return (
        shutil.get_terminal_size((PLAIN_WIDTH, 24)).columns
        if stream.isatty() or "COLUMNS" in os.environ
        else PLAIN_WIDTH
    )


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Tell on standard error what is going on: a spinner on a terminal, a line for each stage in a log."""
    if not sys.stderr.isatty():
        yield _line_teller()
        return
    # Only a terminal pays for the spinner's modules.
    from rich.console import Console  # noqa: PLC0415
    from rich.markup import escape  # noqa: PLC0415

    console = Console(stderr=True, highlight=False, no_color=not has_colour(sys.stderr))
    with console.status("looking …") as status:
        yield lambda stage: status.update(escape(visible(stage)))


def _line_teller() -> Callable[[str], None]:
    start = time.monotonic()

    def tell(stage: str) -> None:
        say(f"migcheck: {time.monotonic() - start:5.1f} s  {visible(stage)}")

    return tell


def say(line: str) -> None:
    """Write a line to standard error. Nobody may be listening any more, and a deploy must not end for that."""
    try:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
    except OSError:
        _write_to_nowhere(sys.stderr)


def say_problem(problem: str, remedy: str = "") -> None:
    """Say what is wrong and what to do next: wrapped on a terminal, else each on a line, for who searches a log."""
    if sys.stderr.isatty():
        page = Page(Look(_page_width(sys.stderr)))
        page.text(problem)
        if remedy:
            page.text(remedy, indent=2, lead="remedy: ")
        say(page.render().rstrip())
    else:
        say(visible(f"{problem}\n  remedy: {remedy}" if remedy else problem))


def say_trace(error: Exception) -> None:
    """Say where `error` came from, if nobody foresaw it and MIGCHECK_DEBUG asks for that."""
    if os.environ.get("MIGCHECK_DEBUG") and not isinstance(error, MigcheckError):
        say(visible("".join(traceback.format_exception(error))))
