"""The files that Makefiles may include."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from msgspec import Struct, field


class Parts(Struct):
    """The files that Makefiles may include. `left` are the bytes that they may take together: one can be in many."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    left: int = 4 * 1024 * 1024

    def named(self, path: str) -> Iterator[str]:
        """The files at `path`, which may be a pattern of the shell."""
        if path in self.files:
            yield path
        elif "*" in path and self.left > 0:
            self.left -= len(self.files)
            yield from (each for each in self.files if _matches(each, path))

    def taken(self, path: str) -> bytes:
        """What stands in the file at `path`; nothing where that were too much."""
        self.left -= len(self.files[path])
        return self.files[path] if self.left >= 0 else b""


def _matches(path: str, pattern: str) -> bool:
    return path.count("/") == pattern.count("/") and fnmatchcase(path, pattern)
