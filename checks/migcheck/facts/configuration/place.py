"""Where a run looks, and how the paths it meets are told: from the root, with forward slashes."""

import os
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path

from msgspec import Struct, field

from migcheck.errors import UsageError
from migcheck.facts.configuration.loaded_config import Loaded
from migcheck.facts.disk import is_directory, is_regular, read_inside, read_regular
from migcheck.facts.git.trees import GitTree


class Place(Struct, frozen=True):
    """Where to look. `start` is the working directory, `root` the repository's top or, without one, `start` itself.

    `tracked` are the files git tracks, in order and relative to `root`. Both directories are resolved. `index` is read
    in place of the disk, in a hook: the commit in the making may have another configuration than what lies about. Where
    `revision` is named, the index is that commit's, and what lies about says nothing of it: `directories` has its own.
    `caller` is the working directory, where a run only looks as if from `start`.
    `own` lists the files that configure migcheck: each pyproject.toml is read once for it. `kept` has what was read of
    them, by path: whoever looks at one package asks for those of all others.
    `untracked` lists the files that git would track if somebody added them: only who finds nothing asks. `command` is
    the one to name in a remedy.
    """

    start: Path
    root: Path
    tracked: Collection[str] = ()
    index: GitTree | None = None
    untracked: Callable[[], tuple[str, ...]] = tuple
    command: str = "verify"
    revision: str = ""
    directories: Callable[[], Collection[str]] = tuple
    caller: Path | None = None
    own: Callable[[], tuple[str, ...]] = tuple
    kept: dict[Path, Loaded | None] = field(default_factory=dict)

    def typed(self, path: str) -> str:
        """What is at `path` from the root as it is typed in the working directory."""
        return Path(os.path.relpath(self.root / path, self.caller or self.start)).as_posix()

    def is_file(self, path: Path) -> bool:
        """Whether there is a file to `read` at `path`."""
        return is_regular(path) if self.index is None else self.relative(path) in self.tracked

    def is_folder(self, path: Path) -> bool:
        """Whether there is a directory at `path`, or at what that is a link to."""
        if not self.revision:
            return is_directory(path)
        return not {self.relative(path), self._from_root(os.path.realpath(path))}.isdisjoint(self.directories())

    def read(self, path: Path) -> bytes:
        """The bytes of a file. Raises OSError where it cannot be read, or is a link that leads out of the root."""
        shown = self.relative(path)
        content = None if self.index is None else self.index.find(shown)
        if content is not None:
            return content
        return read_regular(path) if _is_outside(shown) else read_inside(self.root, path)

    def beside(self, path: str) -> bytes | None:
        """What lies at `path`, from the root, in the tree that is read; None where nothing does that can be read."""
        if self.index is not None:
            return self.index.find(path)
        try:
            return read_inside(self.root, self.root / path) if is_regular(self.root / path) else None
        except OSError:
            return None

    def names_in(self, directory: Path) -> list[str]:
        """The names of the files in `directory`; none where there is no such directory.

        Raises UsageError where nobody may look: what configures the folder may be in it.
        """
        if self.index is None:
            try:
                return [each.name for each in os.scandir(directory)] if is_directory(directory) else []
            except OSError as error:
                shown = self.relative(directory)
                raise UsageError(
                    f"{shown} cannot be listed: {error.strerror}", "give this user permission to read it"
                ) from error
        places = ((self.root / each) for each in self.tracked)
        return [each.name for each in places if each.parent == directory]

    def upward(self) -> Iterator[Path]:
        """The directories from the working directory to the root."""
        yield self.start
        if self.start != self.root and self.root in self.start.parents:
            for parent in self.start.parents:
                yield parent
                if parent == self.root:
                    return

    def relative(self, path: Path) -> str:
        """`path` from the root, its last part as it is named."""
        plain = Path(os.path.normpath(path))
        return self._from_root(os.path.join(os.path.realpath(plain.parent), plain.name))  # noqa: PTH118 as realpath's

    def inside(self, path: Path, what: str) -> str:
        """As `relative`. Raises UsageError where that, which people know as `what`, is outside the root."""
        _refuse_nul(path, what)
        return self._checked(self.relative(path), what)

    def folder(self, path: Path, what: str) -> str:
        """A migrations folder from the root, or what it is a link to. Raises UsageError where either is outside.

        Git knows the files of a linked folder by their real path alone: judged by the link, nothing would have landed.
        """
        _refuse_nul(path, what)
        real = self._from_root(os.path.realpath(path))
        if not _is_outside(real):
            return real
        plain = self.inside(path, what)
        raise UsageError(
            f"{what} ({plain}) is a symbolic link that leaves {self.root}: what it leads to never landed here",
            "commit the folder itself, or run migcheck in the repository that holds it",
        )

    def _from_root(self, path: str) -> str:
        return Path(os.path.relpath(path, self.root)).as_posix()

    def _checked(self, relative: str, what: str) -> str:
        if _is_outside(relative):
            raise UsageError(f"{what} lies outside {self.root}", "run migcheck in the repository that holds it")
        return relative


def directories_of(paths: Iterable[str]) -> frozenset[str]:
    """The directories in which files at `paths` lie, the top among them."""
    found = {"."}
    for path in paths:
        directory = path.rpartition("/")[0]
        while directory and directory not in found:
            found.add(directory)
            directory = directory.rpartition("/")[0]
    return frozenset(found)


def _refuse_nul(path: Path, what: str) -> None:
    if "\0" in str(path):
        raise UsageError(f"{what!r} holds a NUL character, which no path does", "correct the path")


def _is_outside(relative: str) -> bool:
    return relative.startswith("../") or relative == ".." or Path(relative).is_absolute()
