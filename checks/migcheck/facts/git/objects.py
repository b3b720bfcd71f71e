"""The objects of a repository, from one process that stays: to start one takes longer than to be answered."""

import threading
import weakref
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from subprocess import Popen
from typing import NamedTuple

from migcheck.errors import UndecidableError
from migcheck.facts.git.command import first_line, start_git

# Asked for in one go: so many names fit into a pipe, and all are written even while git waits for its reader.
_TOGETHER = 500


class Stored(NamedTuple):
    """An object: its id, its kind (`blob`, `commit`, ...) and its content."""

    identity: str
    kind: str
    content: bytes


@dataclass(slots=True, weakref_slot=True)
class Objects:
    """What `git cat-file --batch` tells in one directory, of the objects in `beside` as well."""

    directory: Path
    beside: Path | None = None
    _process: Popen[bytes] | None = field(default=None, repr=False)
    _talking: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def find(self, name: str) -> Stored | None:
        """The object that a revision names; None where this clone has none. Raises UndecidableError without git."""
        if "\n" in name or "\0" in name:
            return None
        with self._talking:
            return next(self._answers([name]))

    def blobs(self, identities: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Blobs with their contents. Raises UndecidableError where the clone lacks one."""
        left = iter(identities)
        while some := list(islice(left, _TOGETHER)):
            with self._talking:
                found = list(self._answers(some))
            for identity, each in zip(some, found, strict=True):
                if each is None or each.kind != "blob":
                    raise lacking(identity)
                yield identity, each.content

    def _answers(self, names: list[str]) -> Iterator[Stored | None]:
        """One answer for each of `names`, each of which is a line."""
        git = self._process = self._process or self._start()
        assert git.stdin is not None
        assert git.stdout is not None
        with suppress(BrokenPipeError):  # It ended; so does its output, which is told below.
            git.stdin.write("".join(f"{each}\n" for each in names).encode("utf-8", "surrogateescape"))
            git.stdin.flush()
        for _ in names:
            match git.stdout.readline().split():
                case [identity, kind, size] if size.isdigit():
                    yield Stored(identity.decode(), kind.decode(), git.stdout.read(int(size) + 1)[:-1])
                case []:  # A partial clone: what it lacks would have to be fetched, and nothing here fetches.
                    raise self._ended(git)
                case _:
                    yield None

    def _start(self) -> Popen[bytes]:
        process = start_git(self.directory, ["cat-file", "--batch"], self.beside)
        weakref.finalize(self, _end, process)
        return process

    def _ended(self, git: Popen[bytes]) -> UndecidableError:
        self._process = None
        assert git.stderr is not None
        return lacking(first_line(git.stderr.read().decode("utf-8", "replace")) or "git ended")


def _end(process: Popen[bytes]) -> None:
    with suppress(BrokenPipeError), process:  # Leaving closes its streams, on which git ends, and waits for that.
        pass


def lacking(what: str) -> UndecidableError:
    """What to say of a clone without all objects."""
    return UndecidableError(
        f"this clone of the repository lacks objects ({what})",
        "make it whole: `git fetch --refetch --no-filter` (in CI: check out without `filter:`)",
    )
