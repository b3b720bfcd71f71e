"""A thread that ends a server whose data directory has grown past its bound."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

EVERY = 0.2
OVERFLOW = "it wrote more than"


@contextmanager
def bounded_disk(directory: Path, mebibytes: int, overflow: Callable[[str], None]) -> Iterator[None]:
    """Call `overflow` with the reason, once, when what lies in `directory` exceeds the bound."""
    over = Event()

    def watch() -> None:
        while not over.wait(EVERY):
            if disk_usage(directory) > mebibytes * 2**20:
                overflow(f"{OVERFLOW} {mebibytes} MiB")
                return

    thread = Thread(target=watch, name="migcheck-disk", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


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
