"""A thread that ends a server whose data directory has grown past its bound."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from time import thread_time

EVERY = 0.2
"""Seconds between two looks at how full the file system is."""
REST = 50
"""How many times as long as adding up the files took is rested until they are added up again."""
LONGEST = 5.0
"""Seconds until a directory in which nothing grows is added up again."""
OVERFLOW = "it wrote more than"


@contextmanager
def bounded_disk(
    directory: Path, mebibytes: int, overflow: Callable[[str], None], *, rest: float = REST
) -> Iterator[None]:
    """Call `overflow` with the reason, once, when what lies in `directory` exceeds the bound."""
    over, bound = Event(), mebibytes * 2**20

    def watch() -> None:
        free, used, left, idle = _free(directory), 0, 0.0, 0.0
        while not over.wait(EVERY):
            left -= EVERY
            # A folder of a thousand tables makes 15,000 files: added up at every look, they took a third of a core.
            if left > 0 and free - _free(directory) < (bound - used) / 2:
                continue
            began, before = thread_time(), used
            # What others took by then says nothing from here on.
            free, used = _free(directory), disk_usage(directory)
            if used > bound:
                overflow(f"{OVERFLOW} {mebibytes} MiB")
                return
            idle = min(max(2 * idle, EVERY), LONGEST) if used == before else 0.0
            left = max(rest * (thread_time() - began), idle)

    thread = Thread(target=watch, name="migcheck-disk", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _free(directory: Path) -> int:
    """Bytes that are free where it lies. Others fill and empty the same file system: a hint, never a verdict."""
    with suppress(OSError):
        told = os.statvfs(directory)
        return told.f_bfree * told.f_frsize
    return 0


def disk_usage(directory: Path) -> int:
    """Bytes that the files in it take on the disk. Files may vanish meanwhile."""
    total = 0
    pending = [str(directory)]
    while pending:
        with suppress(OSError), os.scandir(pending.pop()) as entries:
            for entry in entries:
                with suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(entry.path)
                    else:
                        total += entry.stat(follow_symlinks=False).st_blocks * 512
    return total
