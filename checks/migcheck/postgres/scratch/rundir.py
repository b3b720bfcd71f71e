"""The private directory of one run, and sweeping those of runs that were killed."""

import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "migcheck-run-"
IN_MEMORY = Path("/dev/shm")  # noqa: S108 - private directories are made below it, with names nobody can foresee

# 104 bytes is the least that any system gives a socket's name; a run's directory and the socket in it take 46.
_LONGEST_PLACE = 55
_SHORT_PLACE = Path("/tmp")  # noqa: S108 - likewise


@contextmanager
def run_directory(disk: int) -> Iterator[Path]:
    """A directory that only this run may write, in memory where there is room for `disk` MiB; gone at the end.

    A lock that ends with this process tells living from dead. It is taken before the directory gets its name, so that
    no sweep can meet it unlocked.
    """
    sweep_directories()
    unnamed = Path(tempfile.mkdtemp(prefix="migcheck-", dir=IN_MEMORY if memory_holds(disk) else _on_disk()))
    directory = unnamed.with_name(unnamed.name.replace("migcheck-", PREFIX, 1))
    lock = os.open(unnamed / "lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        unnamed.rename(directory)
        yield directory
    finally:
        os.close(lock)
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def removed_with_this_process(directory: Path) -> Iterator[None]:
    """Within, a small shell waits for our end of a pipe to close, however we end, and then removes `directory`."""
    waits = subprocess.Popen(
        ["sh", "-c", 'read -r _; rm -rf -- "$1"', "sh", str(directory)], stdin=subprocess.PIPE, start_new_session=True
    )
    try:
        yield
    finally:
        if waits.stdin:
            waits.stdin.close()
        waits.wait()


def sweep_directories() -> None:
    """Remove what runs left that were killed together with their supervisor: a power cut, an OOM killer."""
    for place in {IN_MEMORY, _on_disk()}:
        for directory in place.glob(f"{PREFIX}*"):
            with suppress(OSError):
                _sweep(directory)


def memory_holds(disk: int) -> bool:
    """Whether memory can hold `disk` MiB of files. Containers mount /dev/shm small and without the right to run."""
    try:
        known = os.statvfs(IN_MEMORY)
        told = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
        available = int(told["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return False
    enough = disk * 2**20
    return known.f_bavail * known.f_frsize > enough < available and not known.f_flag & os.ST_NOEXEC


def _sweep(directory: Path) -> None:
    if directory.is_symlink():
        return
    lock = os.open(directory / "lock", os.O_RDWR | os.O_NOFOLLOW)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _end_server(directory)
        shutil.rmtree(directory, ignore_errors=True)
    finally:
        os.close(lock)


def _end_server(directory: Path) -> None:
    """End the server that was started here, if that process still is the one."""
    with suppress(OSError, ValueError):
        pid = int((directory / "pid").read_text())
        if str(directory).encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
            os.kill(pid, signal.SIGKILL)


def _on_disk() -> Path:
    """Where temporary files go, save where a socket's name would grow longer there than the system allows."""
    usual = Path(tempfile.gettempdir())
    return usual if len(os.fsencode(usual)) <= _LONGEST_PLACE else _SHORT_PLACE
