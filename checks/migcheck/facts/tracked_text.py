"""The tracked files of one revision as texts: of the work tree, of the index, or of base."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from msgspec import Struct, field

from migcheck.errors import UndecidableError
from migcheck.facts.disk import read_regular
from migcheck.facts.git import Git
from migcheck.facts.git_trees import GitFile, is_blob, listed_matching
from migcheck.facts.tracked_folders import is_installed

LARGEST = 1024 * 1024
"""Bytes. No script and no source file that a person writes is larger."""
_REGULAR = ("100644", "100755")
_Holding = dict[tuple[tuple[str, ...], tuple[str, ...]], tuple[str, ...]]


class TrackedText(Protocol):
    """The tracked files of one revision, as git stores them. Links, submodules and node_modules are left out."""

    def paths(self, *patterns: str) -> tuple[str, ...]:
        """The files that one of `patterns` names: git's globs, from the top of the repository."""
        ...

    def read(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """The contents of those of `paths` that `paths` gave, that can be read and that are not above LARGEST."""
        ...

    def holding(self, words: Sequence[str], *patterns: str) -> tuple[str, ...]:
        """Those that one of `patterns` names and in which one of `words` stands. One process."""
        ...

    def is_there(self, path: str) -> bool:
        """Whether a file that `paths` gave is there: git may have one that a person removed from the work tree."""
        ...


class HeadText(Struct):
    """What is staged, or where `top` is a directory what of it lies about there."""

    git: Git
    top: Path | None
    _listed: dict[str, GitFile] = field(default_factory=dict)
    _named: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    _holding: _Holding = field(default_factory=dict)

    def paths(self, *patterns: str) -> tuple[str, ...]:
        """As TrackedText."""
        if patterns not in self._named:
            found = _of_us(listed_matching(self.git, _globs(patterns)))
            self._listed.update(found)
            self._named[patterns] = tuple(found)
        return self._named[patterns]

    def blobs(self, paths: Iterable[str]) -> dict[str, str]:
        """The blob that the index has of each of `paths` that were listed."""
        return {path: self._listed[path].blob for path in paths if path in self._listed}

    def read(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """As TrackedText."""
        blobs = self.blobs(paths)
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

    def holding(self, words: Sequence[str], *patterns: str) -> tuple[str, ...]:
        """As TrackedText."""
        asked = tuple(words), patterns
        if asked not in self._holding:
            # Not diff-files, to look where it is faster: that may start a filter which .git/config names.
            found = _grep(self.git, words, patterns, *(() if self.top else ("--cached",)))
            self._holding[asked] = _among(found, self, patterns)
        return self._holding[asked]

    def is_there(self, path: str) -> bool:
        """As TrackedText."""
        return self.top is None or (self.top / path).exists()


class BaseText(Struct):
    """A commit. What `head` has of it is not asked for again: only where the two differ is the commit itself read."""

    git: Git
    commit: str
    _blobs: dict[str, str] = field(default_factory=dict)
    _named: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    _holding: _Holding = field(default_factory=dict)

    def paths(self, *patterns: str) -> tuple[str, ...]:
        """As TrackedText."""
        if patterns not in self._named:
            self._named[patterns] = self._listed(patterns)
        return self._named[patterns]

    def _listed(self, patterns: Sequence[str]) -> tuple[str, ...]:
        found = {path: each.blob for path, each in _of_us(listed_matching(self.git, _globs(patterns))).items()}
        for path, (mode, blob) in _differing(self.git, self.commit, patterns).items():
            found.pop(path, None)
            if mode in _REGULAR and not is_installed(path):
                found[path] = blob
        self._blobs.update(found)
        return tuple(sorted(found))

    def read(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """As TrackedText. Raises UndecidableError where the clone lacks one."""
        return _contents(self.git, {path: self._blobs[path] for path in paths if path in self._blobs})

    def holding(self, words: Sequence[str], *patterns: str) -> tuple[str, ...]:
        """As TrackedText."""
        asked = tuple(words), patterns
        if asked not in self._holding:
            found = tuple(each.partition(":")[2] for each in _grep(self.git, words, patterns, self.commit))
            self._holding[asked] = _among(found, self, patterns)
        return self._holding[asked]

    def is_there(self, path: str) -> bool:
        """As TrackedText."""
        return path in self._blobs


def _among(found: Sequence[str], text: TrackedText, patterns: Sequence[str]) -> tuple[str, ...]:
    """Those of `found` that `text` has."""
    ours = frozenset(text.paths(*patterns)) if found else frozenset()
    return tuple(each for each in found if each in ours)


def _of_us(found: Mapping[str, GitFile]) -> dict[str, GitFile]:
    return {
        path: each
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


def _differing(git: Git, commit: str, patterns: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Mode and blob in `commit` of each file that the index has otherwise (git-diff-index(1) "Raw output format")."""
    output = git.need("diff-index", "--cached", "--no-renames", "-z", commit, "--", *_globs(patterns))
    fields = iter(output.split(b"\0")[:-1])
    found = {}
    for facts, path in zip(fields, fields, strict=True):
        mode, _, blob, *_ = facts.decode().removeprefix(":").split(" ")
        found[os.fsdecode(path)] = (mode, blob)
    return found


def _grep(git: Git, words: Sequence[str], patterns: Iterable[str], *where: str) -> tuple[str, ...]:
    """The files in which one of `words` stands; with a commit, each as COMMIT:PATH."""
    wanted = [part for word in words for part in ("-e", word)]
    options = (
        "--files-with-matches",
        "--fixed-strings",
        "--no-color",
        "--no-recurse-submodules",
        "--no-textconv",
        "-z",
    )
    answer = git.ask("grep", *options, *wanted, *where, "--", *_globs(patterns))
    if answer.status > 1:
        raise UndecidableError(f"git grep failed: {answer.complaint}", "run `git fsck`")
    return tuple(os.fsdecode(each) for each in answer.output.split(b"\0")[:-1])


def _globs(patterns: Iterable[str]) -> list[str]:
    return [each if each.startswith(":") else f":(top,glob){each}" for each in patterns]
