"""Looking at a disk that a change under review has furnished: nothing there is waited for, and nothing is endless."""

import errno
import os
import stat
from pathlib import Path

LARGEST = 16 * 1024 * 1024
"""The most bytes of a file that `read_regular` reads, unless it is told fewer."""


def is_directory(path: Path) -> bool:
    """As `Path.is_dir`, and False for a name that is too long, links in a circle, and where nobody may look."""
    try:
        return path.is_dir()
    except OSError:
        return False


def is_regular(path: Path) -> bool:
    """As `is_directory`, of a file that is neither a pipe nor a device."""
    try:
        return path.is_file()
    except OSError:
        return False


def read_inside(root: Path, path: Path) -> bytes:
    """As `read_regular`, of a file below `root`. Raises OSError for a link that leaves it as well."""
    real = Path(os.path.realpath(path))
    if not real.is_relative_to(os.path.realpath(root)):
        raise OSError(errno.EXDEV, "it is a symbolic link that leaves the repository")
    return read_regular(real)


def read_regular(path: Path, limit: int = LARGEST) -> bytes:
    """The bytes of a regular file. Raises OSError where it is none, has more than `limit` or cannot be read."""
    # Without O_NONBLOCK, to open a pipe is to wait for whoever writes to it.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file")
        if found.st_size > limit:
            raise OSError(errno.EFBIG, f"it is larger than {limit // 1024 // 1024} MiB")
        return file.read(limit)
