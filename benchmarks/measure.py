"""Running a command as a user does, and what it took."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
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
class Took:
    """One run: wall time in seconds; peak resident MB of the process itself; peak MB of all it started (Linux only)."""

    seconds: float
    own_mb: float = 0.0
    started_mb: float = 0.0


def interleaved(commands: Sequence[Command], runs: int) -> list[list[Took]]:
    """Each command `runs` times, in turn, so that a slow moment of the machine meets all of them."""
    took: list[list[Took]] = [[] for _ in commands]
    for _ in range(runs):
        for each, command in zip(took, commands, strict=True):
            each.append(run(command))
    return took


def middle(runs: Sequence[Took]) -> float:
    """The median wall time in seconds."""
    return median(each.seconds for each in runs)


def run(command: Command) -> Took:
    """Run it once. Ends the benchmark where it exits otherwise than expected: a failure is not a measurement."""
    command.before()
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            [str(each) for each in command.argv],
            cwd=command.directory,
            env={**os.environ, **command.environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        memory = _Memory(process.pid)
        code = process.wait()
        seconds = time.perf_counter() - start
        memory.stop()
        if code not in command.expect:
            output.seek(0)
            sys.exit(f"{command.argv[0]} exited with {code}:\n{output.read().decode(errors='replace')[-4000:]}")
    return Took(seconds, memory.own_mb, memory.started_mb)


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
