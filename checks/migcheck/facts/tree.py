"""Trees: where a folder is read from. A work tree, a git index and a git revision answer the same questions."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from migcheck.errors import UndecidableError
from migcheck.facts.disk import is_regular

LINK_OUT = "a symbolic link that leaves the folder"
"""The `problem` of a link whose target is not below the folder that was asked for."""
SNAPSHOT = "snapshot.json"
"""How the names of all snapshots end."""

NO_PERMISSION = "no permission to read it"

_EFFECTIVE = os.access in os.supports_effective_ids
_FOREIGN = (".git", "node_modules")
"""Directories that hold nobody's migrations and may hold a hundred thousand files."""


class TreeFile(Struct, frozen=True):
    """A file below some folder. `path` is relative to the repository, with forward slashes.

    `problem` is empty, or says why the file cannot be read (a directory, no permission, a link that leaves the tree).
    `blob` is git's object id of its content where that is known without reading it.
    """

    path: str
    problem: str = ""
    blob: str | None = None


class Tree(Protocol):
    """A tree of files. Paths are relative to the repository's top (or to the folder, where there is no repository)."""

    def files(self, under: str) -> Iterator[TreeFile]:
        """Everything below `under`, at any depth, by path; nothing where there is no such folder."""
        ...

    def read(self, path: str) -> bytes:
        """The bytes of a file that `files` gave. Raises UndecidableError where they cannot be had."""
        ...


class DiskTree:
    """Files as they lie on disk, where there is no repository to ask."""

    def __init__(self, root: Path) -> None:
        """`root` is the directory that every path is relative to."""
        self._root = root

    def files(self, under: str) -> Iterator[TreeFile]:
        """Everything below `under`. Links are followed as Node follows them, unless they leave `under`.

        Raises UndecidableError where `under` is there and may not be listed.
        """
        top = os.path.join(self._root, under) if under != "." else os.fspath(self._root)  # noqa: PTH118 as scandir's
        prefix = "" if under == "." else f"{under}/"
        for path, problem in sorted(_walk(top, os.path.realpath(top))):
            if path == top:
                raise UndecidableError(
                    f"{under} cannot be listed: {problem}", "correct the path, or give this user permission to read it"
                )
            yield TreeFile(prefix + path[len(top) + 1 :].replace(os.sep, "/"), problem)

    def read(self, path: str) -> bytes:
        """The bytes of a file that `files` gave without a problem."""
        try:
            return (self._root / path).read_bytes()
        except OSError as error:
            raise UndecidableError(
                f"{path} cannot be read: {error.strerror}", "check that it is there and readable"
            ) from error

    def find(self, path: str) -> bytes | None:
        """The bytes of the file at `path`; None where there is none that can be read."""
        return self.read(path) if is_regular(self._root / path) else None


class _WithoutSnapshots(Struct, frozen=True):
    tree: Tree

    def files(self, under: str) -> Iterator[TreeFile]:
        return (each for each in self.tree.files(under) if not each.path.endswith(SNAPSHOT))

    def read(self, path: str) -> bytes:
        return self.tree.read(path)


def without_snapshots(tree: Tree) -> Tree:
    """`tree` without drizzle-kit's snapshots: megabytes that only gate `folder` asks for."""
    return _WithoutSnapshots(tree)


def _walk(top: str, inside: str) -> Iterator[tuple[str, str]]:
    """Each path below `top` with its problem. A linked directory is named, never entered: it may be a loop."""
    directories = [top]
    while directories:
        directory = directories.pop()
        try:
            entries = list(os.scandir(directory))
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            yield directory, NO_PERMISSION if isinstance(error, PermissionError) else str(error.strerror)
            continue
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                yield entry.path, _problem(entry, inside)
                continue
            if entry.name.endswith((".sql", ".json")):
                yield entry.path, "a directory"
            if entry.name not in _FOREIGN:
                directories.append(entry.path)


def _problem(entry: "os.DirEntry[str]", inside: str) -> str:
    if entry.is_symlink() and not Path(os.path.realpath(entry.path)).is_relative_to(inside):
        return LINK_OUT
    try:
        mode = entry.stat().st_mode
    except OSError as error:
        return f"a symbolic link to nothing ({error.strerror})" if entry.is_symlink() else str(error.strerror)
    if stat.S_ISDIR(mode):
        return "a directory"
    if not stat.S_ISREG(mode):
        return "neither a file nor a directory"
    return "" if os.access(entry.path, os.R_OK, effective_ids=_EFFECTIVE) else NO_PERMISSION
