"""The data directory that `initdb` makes, kept from one run for the next: making it is most of a server's start.

It is kept from before its server ever ran: nothing of a project is in it, and no password.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from os.path import isdir
from pathlib import Path
from typing import BinaryIO
from zlib import crc32

from migcheck.errors import UndecidableError
from migcheck.postgres.scratch.confinement import User, as_user
from migcheck.postgres.scratch.installation import Installation
from migcheck.postgres.scratch.settings import SCRIPT

PLACE = "MIGCHECK_CACHE"
"""The variable that names the directory to keep it in; set to nothing, nothing is kept."""
_PACKED = "data.tar"
# It stands behind the archive's end, where tar does not look.
_CHECKSUM_BYTES = 4
# It is never held as a whole: it is larger than all that a run holds beside it.
_AT_ONCE = 1024**2


@contextmanager
def kept_data(installation: Installation, home: Path, user: User | None, memory: int) -> Iterator[str]:
    """Within, a server of `installation` is started in `home` with `memory` MiB, and comes to answer.

    Its data is there already, made by an earlier run, and belongs to `user`, if that is another; or it is to be packed,
    once it is made, into what this gives the name of, and is kept for the next run.
    """
    archive = _archive(installation, memory)
    packed = "" if archive is None or _unpacked(archive, home, user) else _PACKED
    try:
        yield packed
    except UndecidableError:
        if archive:
            # If that is why it does not start, the next one does.
            with suppress(OSError):
                archive.unlink()
        raise
    if archive and packed:
        with suppress(OSError):
            _keep(home / packed, archive)
        (home / packed).unlink(missing_ok=True)


def _archive(installation: Installation, memory: int) -> Path | None:
    """Where it is kept, by a name of all that it is made from: each release of PostgreSQL changes that.

    `initdb` tries how large a buffer fits into the memory, and makes a collation of each locale of the system.
    """
    place, extensions = _place(), installation.extensions
    if not (place and extensions):
        return None
    digest = hashlib.sha256(f"{SCRIPT}{memory}".encode())
    try:
        digest.update(subprocess.run(["sh", "-c", "locale -a"], capture_output=True, check=False).stdout)
        scripts = [path for path in sorted(extensions.parent.iterdir()) if path.is_file()]
        for source in (installation.tool("initdb"), *scripts):
            digest.update(source.read_bytes())
    except OSError:
        return None
    return place / f"{installation.kind}-{installation.major}-{digest.hexdigest()[:16]}.tar"


def _place() -> Path | None:
    """Where nobody named one, below a directory of our own: `sudo` may leave us the HOME of somebody else."""
    if (named := os.environ.get(PLACE)) is not None:
        return Path(named) if named else None
    # One that is relative is to be ignored (XDG Base Directory Specification).
    caches = Path(os.environ.get("XDG_CACHE_HOME", ""))
    place = (caches if caches.is_absolute() else Path(os.environ.get("HOME", ""), ".cache")) / "migcheck"
    there = next(filter(isdir, (place, *place.parents)))
    return place if place.is_absolute() and there.stat().st_uid == os.geteuid() else None


def _unpacked(archive: Path, home: Path, user: User | None) -> bool:
    """Whether the data is there now: it is taken from a file of our own that nobody else can write."""
    try:
        with open(archive, "rb", buffering=0, opener=_not_a_link) as packed:
            told = os.fstat(packed.fileno())
            if told.st_uid != os.geteuid() or told.st_mode & 0o022 or not _is_whole(packed, told.st_size):
                return False
            packed.seek(0)
            subprocess.run(
                ["tar", "-xf", "-"], stdin=packed, capture_output=True, cwd=home, check=True, **as_user(user)
            )
        return (home / "data").is_dir()
    except (OSError, subprocess.SubprocessError):
        shutil.rmtree(home / "data", ignore_errors=True)
        return False


def _keep(packed: Path, archive: Path) -> None:
    """Keep it, whole or not at all, in place of what another release made. Raises OSError."""
    place = archive.parent
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=place, prefix=f"{archive.stem}.")
    try:
        with os.fdopen(descriptor, "wb") as copied, open(packed, "rb", opener=_not_a_link) as source:
            shutil.copyfileobj(source, copied, _AT_ONCE)
            copied.write(_checksum(source, source.seek(0, os.SEEK_END)))
        Path(name).replace(archive)
    finally:
        Path(name).unlink(missing_ok=True)
    for other in place.glob(f"{archive.name.rpartition('-')[0]}-*"):
        if other != archive:
            other.unlink(missing_ok=True)


def _is_whole(kept: BinaryIO, size: int) -> bool:
    """Whether all of it is there as it was written: a disk may lose a part, and tar does not miss it."""
    return _checksum(kept, size - _CHECKSUM_BYTES) == kept.read()


def _checksum(file: BinaryIO, size: int) -> bytes:
    """That of its first `size` bytes; the file then stands behind them."""
    file.seek(0)
    told = 0
    for at in range(0, size, _AT_ONCE):
        told = crc32(file.read(min(_AT_ONCE, size - at)), told)
    return told.to_bytes(_CHECKSUM_BYTES, "big")


def _not_a_link(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW)
