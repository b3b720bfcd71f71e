"""What git lists: the files of a commit or of the index, and the globs that name some of them."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from migcheck.drizzle.folder import CONFLICT
from migcheck.regex import regex

_SUBMODULE = "160000"
_ANYWHERE = "**/"
_MAGIC = {_ANYWHERE: "(?:[^/]+/)*", "*": "[^/]*", "?": "[^/]"}
_OF_MAGIC = regex(r"(\*\*/|\*|\?)")


class GitFile(Struct, frozen=True):
    """A file as git lists it: its mode, its blob, and why it cannot be read (empty where it can)."""

    mode: str
    blob: str
    problem: str = ""


def of_commit(output: bytes) -> dict[str, GitFile]:
    """The files that `git ls-tree -r -z` gave, by path. Submodules are left out."""
    lines = (line.partition("\t") for line in os.fsdecode(output).split("\0")[:-1])
    entries = ((path, facts.split(" ")) for facts, _, path in lines)
    return {path: GitFile(mode, blob) for path, (mode, _, blob) in entries if mode != _SUBMODULE}


def of_index(output: bytes) -> dict[str, GitFile]:
    """The files that `git ls-files --stage -z` gave, by path. Submodules are left out."""
    lines = (line.partition("\t") for line in os.fsdecode(output).split("\0")[:-1])
    entries = ((path, facts.split(" ")) for facts, _, path in lines)
    return {
        path: GitFile(mode, blob, "" if stage == "0" else CONFLICT)
        for path, (mode, blob, stage) in entries
        if mode != _SUBMODULE
    }


def differing(output: bytes) -> dict[str, GitFile]:
    """What was, by path, in the place of each file that `git diff-index --no-renames -z` gave.

    Its mode is all zeros where nothing was (git-diff-index(1) "Raw output format").
    """
    fields = iter(os.fsdecode(output).split("\0")[:-1])
    entries = ((path, facts.removeprefix(":").split(" ")) for facts, path in zip(fields, fields, strict=True))
    return {path: GitFile(mode, blob) for path, (mode, _, blob, *_) in entries}


class Globs:
    """Git's globs from the top (gitglossary(7) "pathspec"), for files: `**/`, and within one name `*` and `?`.

    To ask git for a hundred of them takes it longer than to list all that there is.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        """Most are of a name in any directory, or of how one ends: to look for plain ones is faster than a pattern."""
        given = list(patterns)
        names = [each.removeprefix(_ANYWHERE) for each in given if _is_of_name(each)]
        paths = [each for each in given if not _is_of_name(each)]
        self._names = frozenset(each for each in names if not _OF_MAGIC.search(each))
        self._ends = tuple(each[1:] for each in names if each[:1] == "*" and not _OF_MAGIC.search(each[1:]))
        plain = {*self._names, *(f"*{each}" for each in self._ends)}
        others = [each for each in names if each not in plain]
        self._are_plain = not (self._ends or others)
        self._like, self._paths = _any_of(others), _any_of(paths)
        self._within = tuple(_OF_MAGIC.split(each, maxsplit=1)[0] for each in paths)

    def among(self, paths: Iterable[str]) -> Iterator[str]:
        """Those of `paths` that one of the globs names."""
        names, ends, like, whole = self._names, self._ends, self._like.fullmatch, self._paths.fullmatch
        for path in paths:
            name = path.rpartition("/")[2]
            if name in names or name.endswith(ends) or like(name) or whole(path):
                yield path

    def among_listed(self, listed: Sequence[str], by_name: Mapping[str, Sequence[int]]) -> Iterator[str]:
        """As `among`, of files `listed` in their order, whose places `by_name` are at hand: most are not looked at."""
        ends, like, whole, within = self._ends, self._like.fullmatch, self._paths.fullmatch, self._within
        wanted = self._names & by_name.keys()
        if not self._are_plain:
            wanted |= {name for name in by_name if name.endswith(ends) or like(name)}
        found = {place for name in wanted for place in by_name[name]}
        if within:
            found.update(place for place, path in enumerate(listed) if path.startswith(within) and whole(path))
        return (listed[place] for place in sorted(found))


class Listing:
    """Files in their order, to be asked for many globs."""

    def __init__(self, paths: Iterable[str]) -> None:
        """Each is put under its name once."""
        self._paths = tuple(paths)
        self._by_name: dict[str, list[int]] = {}
        for place, path in enumerate(self._paths):
            self._by_name.setdefault(path.rpartition("/")[2], []).append(place)

    def among(self, *patterns: str) -> tuple[str, ...]:
        """The files that one of the globs names."""
        return tuple(Globs(patterns).among_listed(self._paths, self._by_name))


def _is_of_name(pattern: str) -> bool:
    return pattern.startswith(_ANYWHERE) and "/" not in pattern.removeprefix(_ANYWHERE)


def _any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    """What matches as one of `patterns` does; nothing where there is none."""
    each = ("".join(_MAGIC.get(part) or re.escape(part) for part in _OF_MAGIC.split(one)) for one in patterns)
    return re.compile("|".join(each) or "(?!)", re.DOTALL)
