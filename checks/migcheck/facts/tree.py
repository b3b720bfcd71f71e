"""Trees: where a folder is read from. A work tree, a git index and a git revision answer the same questions."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class TreeFile:
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
