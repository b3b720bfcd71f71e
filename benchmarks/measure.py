"""Running a command as a user does, and what it took."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median
from threading import Event, Thread

SAMPLE_SECONDS = 0.02
# Asking the kernel for proportional sizes takes longer than asking for a peak it keeps anyway.
TICKS_PER_SUM = 10


@dataclass(frozen=True, slots=True)
class Command:
    """A whole process. `expect` are exit codes that count as a proper run; `before` runs untimed ahead of each run."""

    argv: Sequence[str | Path]
    directory: Path
    environment: Mapping[str, str]
    expect: frozenset[int] = frozenset({0})
    before: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class Peak:
    """Peak resident MB of one run: of the process itself, and of all it started (Linux only)."""

    own_mb: float
    started_mb: float


def interleaved(commands: Sequence[Command], runs: int) -> list[float]:
    """The median wall time in seconds of each command, run in turn: a slow moment of the machine meets all of them."""
    took: list[list[float]] = [[] for _ in commands]
    for _ in range(runs):
        for each, command in zip(took, commands, strict=True):
            each.append(_seconds(command))
    return [median(each) for each in took]


def _seconds(command: Command) -> float:
    with _running(command) as run:
        run.process.wait()
        return time.perf_counter() - run.began


def peak(command: Command) -> Peak:
    """What one more run holds in memory. Not of a timed one: to sum up a server's shared memory takes a core's time."""
    with _running(command) as run:
        memory = _Memory(run.process.pid)
        run.process.wait()
        memory.stop()
    return Peak(memory.own_mb, memory.started_mb)


@dataclass(frozen=True, slots=True)
class _Run:
    """A process, and when its start began, in seconds of `perf_counter`."""

    process: subprocess.Popen[bytes]
    began: float


@contextmanager
def _running(command: Command) -> Iterator[_Run]:
    """The started process. Ends the benchmark where it exits otherwise than expected: a failure is no measurement."""
    command.before()
    with tempfile.TemporaryFile() as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            [str(each) for each in command.argv],
            cwd=command.directory,
            env={**os.environ, **command.environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            yield _Run(process, began)
        finally:
            code = process.wait()
        if code not in command.expect:
            output.seek(0)
            sys.exit(f"{command.argv[0]} exited with {code}:\n{output.read().decode(errors='replace')[-4000:]}")


class _Memory(Thread):
    """Watches a process and its descendants through /proc until told to stop."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._over = Event()
        self.own_mb = 0.0
        self.started_mb = 0.0
        self.start()

    def run(self) -> None:
        """Sample until `stop`."""
        for tick in count(1):
            if self._over.wait(SAMPLE_SECONDS):
                return
            self.own_mb = max(self.own_mb, _kilobytes(self._pid, "status", "VmHWM:") / 1024)
            if tick % TICKS_PER_SUM == 0:
                self.started_mb = max(self.started_mb, sum(map(_proportional, _descendants(self._pid))) / 1024)

    def stop(self) -> None:
        """End the watch."""
        self._over.set()
        self.join()


def _proportional(pid: int) -> int:
    """Resident kilobytes, each shared page divided among those who share it."""
    return _kilobytes(pid, "smaps_rollup", "Pss:")


def _kilobytes(pid: int, file: str, key: str) -> int:
    try:
        lines = Path(f"/proc/{pid}/{file}").read_text("utf-8").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(key)), 0)


def _descendants(pid: int) -> list[int]:
    found: list[int] = []
    waiting = [pid]
    while waiting:
        for task in Path(f"/proc/{waiting.pop()}/task").glob("*/children"):
            try:
                children = [int(each) for each in task.read_text("utf-8").split()]
            except OSError:
                continue
            found += children
            waiting += children
    return found
