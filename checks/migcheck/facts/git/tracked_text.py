"""The tracked files of one revision as texts: of the work tree, of the index, or of base."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct, field

from migcheck.errors import UndecidableError
from migcheck.facts.configuration.tracked_folders import is_installed
from migcheck.facts.disk import read_regular
from migcheck.facts.git.client import Git
from migcheck.facts.git.listing import GitFile, Globs, Listing, differing
from migcheck.facts.git.trees import is_blob
from migcheck.odd_names import remember_names

if TYPE_CHECKING:
    from migcheck.sources.module import Module

LARGEST = 1024 * 1024
"""Bytes. No script and no source file that a person writes is larger."""
_REGULAR = ("100644", "100755")
_FEW = 300
"""Files that are read sooner than git searches all there are once more."""
_Patterns = tuple[str, ...]
Modules = dict[tuple[str, bytes], "Module"]
_Holding = dict[tuple[tuple[str, ...], _Patterns], tuple[str, ...]]


class _Near(Struct, frozen=True):
    """The files in which one of `words` stands."""

    words: tuple[str, ...]
    paths: tuple[str, ...]

    def has_all(self, words: Iterable[str]) -> bool:
        """Whether a file with one of `words` is among them."""
        return all(any(known in each for known in self.words) for each in words)


class TrackedText(Protocol):
    """The tracked files of one revision, as git stores them. Links, submodules and node_modules are left out.

    `modules` are source files that were parsed, by path and content: most are in base what they are in head.
    """

    modules: Modules

    def paths(self, *patterns: str) -> tuple[str, ...]:
        """The files that one of `patterns` names: git's globs, from the top of the repository."""
        ...

    def read(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """The contents of those of `paths` that `paths` gave, that can be read and that are not above LARGEST."""
        ...

    def holding(self, words: Sequence[str], *patterns: str, about: Sequence[str] = ()) -> tuple[str, ...]:
        """Those that one of `patterns` names and in which one of `words` stands. One process.

        None for a later question by the same patterns, where each of its words holds one of `about` and few files do.
        """
        ...

    @property
    def is_busy(self) -> bool:
        """Whether git still searches for what `holding` is asked: whoever has something else to do need not wait."""
        ...

    def is_there(self, path: str) -> bool:
        """Whether a file that `paths` gave is there: git may have one that a person removed from the work tree."""
        ...


class HeadText(Struct):
    """What is staged, or where `top` is a directory what of it lies about there."""

    git: Git
    top: Path | None
    modules: Modules = field(default_factory=dict)
    _ours: dict[str, str] | None = None
    _listing: Listing | None = None
    _named: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    _holding: _Holding = field(default_factory=dict)
    _near: dict[_Patterns, _Near] = field(default_factory=dict)

    def blobs(self) -> Mapping[str, str]:
        """The blob of each file that the index has, by path."""
        if self._ours is None:
            self._ours = _of_us(self.git.staged())
        return self._ours

    def paths(self, *patterns: str) -> tuple[str, ...]:
        """As TrackedText."""
        if self._listing is None:
            self._listing = Listing(self.blobs())
        if patterns not in self._named:
            self._named[patterns] = self._listing.among(*patterns)
            remember_names(self._named[patterns])
        return self._named[patterns]

    def read(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """As TrackedText."""
        ours = self.blobs()
        blobs = {path: ours[path] for path in paths if path in ours}
        if self.top is None:
            return _contents(self.git, blobs)
        return dict(self._lying(self.top, blobs))

    def _lying(self, top: Path, blobs: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
        for path, blob in blobs.items():
            content = _regular(top, path)
            if content is None:
                continue
            if is_blob(content, blob):
                self.git.remember(blob, content)
            yield path, content

    def holding(self, words: Sequence[str], *patterns: str, about: Sequence[str] = ()) -> tuple[str, ...]:
        """As TrackedText."""
        asked = tuple(words), patterns
        if asked not in self._holding:
            if about:
                self._come_near((*words, *about), patterns)
            near = self._near.get(patterns)
            if near is not None and near.has_all(words):
                self._holding[asked] = self._among(near.paths, words)
            else:
                self._holding[asked] = self._search(words, patterns)
        return self._holding[asked]

    def _come_near(self, words: tuple[str, ...], patterns: _Patterns) -> None:
        """Remember which files hold one of `words`, where these are few: later questions are put to those alone."""
        if patterns not in self._near and len(found := self._search(words, patterns)) <= _FEW:
            self._near[patterns] = _Near(words, found)

    def foresee(self, words: Sequence[str], *patterns: str, about: Sequence[str] = ()) -> None:
        """Have git search for what `holding` is asked soon. Raises UndecidableError where there is no git."""
        if (tuple(words), patterns) not in self._holding and patterns not in self._near:
            self.git.foresee(*_searching((*words, *about), patterns, *self._where()))

    @property
    def is_busy(self) -> bool:
        """As TrackedText."""
        return self.git.is_busy

    def _where(self) -> tuple[str, ...]:
        # Not diff-files, to look where it is faster: that may start a filter which .git/config names.
        return () if self.top else ("--cached",)

    def _among(self, paths: Iterable[str], words: Iterable[str]) -> tuple[str, ...]:
        wanted = [each.encode() for each in words]
        return tuple(path for path, content in self.read(paths).items() if any(each in content for each in wanted))

    def _search(self, words: Sequence[str], patterns: _Patterns) -> tuple[str, ...]:
        found = _grep(self.git, words, patterns, *self._where())
        ours = frozenset(self.paths(*patterns)) if found else frozenset[str]()
        return tuple(each for each in found if each in ours)

    def is_there(self, path: str) -> bool:
        """As TrackedText."""
        return self.top is None or (self.top / path).exists()


class BaseText(Struct):
    """A commit. What `staged` has of it is not asked for again: only where the two differ is the commit itself read."""

    git: Git
    commit: str
    staged: HeadText
    modules: Modules = field(default_factory=dict)
    _other: dict[str, str] | None = None
    _ours: dict[str, str] | None = None
    _named: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)

    def _differing(self) -> Mapping[str, str]:
        """The blob of each file that is another in the index; empty where the commit has none of us there."""
        if self._other is None:
            output = self.git.need("diff-index", "--cached", "--no-renames", "-z", self.commit)
            found = differing(output)
            ours = _of_us(found)
            self._other = {path: ours.get(path, "") for path in found}
        return self._other

    def _blobs(self) -> Mapping[str, str]:
        if self._ours is None:
            found = dict(self.staged.blobs()) | dict(self._differing())
            self._ours = {path: found[path] for path in sorted(found) if found[path]}
        return self._ours

    def paths(self, *patterns: str) -> tuple[str, ...]:
        """As TrackedText."""
        if patterns not in self._named:
            other = self._differing()
            same = (each for each in self.staged.paths(*patterns) if each not in other)
            found = Globs(patterns).among(each for each, blob in other.items() if blob)
            self._named[patterns] = tuple(sorted((*same, *found)))
        return self._named[patterns]

    def read(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """As TrackedText. Raises UndecidableError where the clone lacks one."""
        ours = self._blobs()
        return _contents(self.git, {path: ours[path] for path in paths if path in ours})

    def holding(self, words: Sequence[str], *patterns: str, about: Sequence[str] = ()) -> tuple[str, ...]:
        """As TrackedText."""
        other = self._differing()
        held = [each for each in self.staged.holding(words, *patterns, about=about) if each not in other]
        asked = [each for each in Globs(patterns).among(other) if other[each]]
        wanted = [each.encode() for each in words]
        contents = self.git.contents(other[each] for each in asked)
        found = zip(asked, contents, strict=True)
        held += [path for path, (_, content) in found if any(each in content for each in wanted)]
        return tuple(sorted(held))

    @property
    def is_busy(self) -> bool:
        """As TrackedText: `staged` searches for it."""
        return False

    def is_there(self, path: str) -> bool:
        """As TrackedText."""
        return path in self._blobs()


def _of_us(found: Mapping[str, GitFile]) -> dict[str, str]:
    """The blobs of those that are files, and this project's."""
    return {
        path: each.blob
        for path, each in found.items()
        if each.mode in _REGULAR and not each.problem and not is_installed(path)
    }


def _contents(git: Git, blobs: Mapping[str, str]) -> dict[str, bytes]:
    git.load(blobs.values())
    found = {path: git.blob(blob) for path, blob in blobs.items()}
    return {path: content for path, content in found.items() if len(content) <= LARGEST}


def _regular(top: Path, path: str) -> bytes | None:
    """What lies at `path`; None where that is no file, is too large, may not be read, or is only reached by a link."""
    place = os.path.join(top, path)  # noqa: PTH118 - as realpath has it
    try:
        return read_regular(Path(place), LARGEST) if os.path.realpath(place) == place else None
    except OSError:
        return None


def _grep(git: Git, words: Sequence[str], patterns: Iterable[str], *where: str) -> tuple[str, ...]:
    """The files in which one of `words` stands."""
    answer = git.ask(*_searching(words, patterns, *where))
    # Below 0 it was a signal that ended it.
    if answer.status not in {0, 1}:
        raise UndecidableError(f"git grep failed: {answer.complaint}", "run `git fsck`")
    return tuple(os.fsdecode(each) for each in answer.output.split(b"\0")[:-1])


def _searching(words: Sequence[str], patterns: Iterable[str], *where: str) -> tuple[str, ...]:
    """What git is told to find them: a word in which another stands is found with that."""
    least = [each for each in dict.fromkeys(words) if not any(one in each for one in words if one != each)]
    wanted = [part for word in least for part in ("-e", word)]
    options = (
        "--files-with-matches",
        "--fixed-strings",
        "--no-color",
        "--no-recurse-submodules",
        "--no-textconv",
        "-z",
    )
    return ("grep", *options, *wanted, *where, "--", *(f":(top,glob){each}" for each in patterns))
