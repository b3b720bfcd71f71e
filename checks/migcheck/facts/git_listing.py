"""What git lists: the files of a commit or of the index, and the globs that name some of them."""

import os
import re
from collections.abc import Iterable, Iterator

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
        self._names = frozenset(each for each in names if not _OF_MAGIC.search(each))
        self._ends = tuple(each[1:] for each in names if each[:1] == "*" and not _OF_MAGIC.search(each[1:]))
        plain = {*self._names, *(f"*{each}" for each in self._ends)}
        self._like = _any_of(each for each in names if each not in plain)
        self._paths = _any_of(each for each in given if not _is_of_name(each))

    def among(self, paths: Iterable[str]) -> Iterator[str]:
        """Those of `paths` that one of the globs names."""
        names, ends, like, whole = self._names, self._ends, self._like.fullmatch, self._paths.fullmatch
        for path in paths:
            name = path.rpartition("/")[2]
            if name in names or name.endswith(ends) or like(name) or whole(path):
                yield path


def _is_of_name(pattern: str) -> bool:
    return pattern.startswith(_ANYWHERE) and "/" not in pattern.removeprefix(_ANYWHERE)


def _any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    """What matches as one of `patterns` does; nothing where there is none."""
    each = ("".join(_MAGIC.get(part) or re.escape(part) for part in _OF_MAGIC.split(one)) for one in patterns)
    return re.compile("|".join(each) or "(?!)", re.DOTALL)
