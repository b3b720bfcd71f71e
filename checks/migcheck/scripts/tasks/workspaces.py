"""Which packages belong to one workspace, and which of them depend on which.

Facts: docs.npmjs.com "workspaces", pnpm.io "pnpm-workspace.yaml" (globs, `!` for those left out); turborepo.dev
"Package Graph" (a package depends on one of its workspace where the version that it names is that one's).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import islice
from posixpath import join, normpath

from msgspec import Struct, field

from migcheck.regex import regex
from migcheck.scripts.file_names import PACKAGE, PNPM_WORKSPACE
from migcheck.scripts.jsonc import json_object
from migcheck.scripts.tasks.packages import Package
from migcheck.scripts.yaml_nodes import BadYamlError, items, member, read_yaml, text

_MOST = 200
"""Packages that one depends on. No person writes more."""
_MOST_GLOBS = 50
_DEEPEST = 8
"""Directories that a glob names. What is longer is for none."""
_GLOB = regex(r"[*?\[!]")
_NOT = "!"
# pnpm's, yarn's and npm's ways to say that no registry is asked.
_OF_WORKSPACE = ("workspace:", "file:", "link:", "portal:")
_ANY = ("", "*")
_RANGES = "^~>=v "
_DEEP = "**"
_NEEDED = ("dependencies", "devDependencies", "optionalDependencies")


class Workspaces(Struct):
    """The workspaces of `files`, by the directory of their root. `packages` are all there are, by directory."""

    files: Mapping[str, bytes]
    packages: Mapping[str, Package]
    _members: dict[str, Mapping[str, str]] = field(default_factory=dict)
    _manifests: dict[str, Mapping[str, object]] = field(default_factory=dict)

    def members(self, root: str) -> Mapping[str, str]:
        """The directories of the packages below `root` that its package manager takes for its own, by name.

        One whose name another has is not among them, and none is where the root says nothing of a workspace.
        """
        if root not in self._members:
            self._members[root] = dict(self._found(root))
        return self._members[root]

    def is_one(self, root: str) -> bool:
        """Whether the package at `root` is alone: nothing there says of a workspace."""
        return next(self._patterns(root), None) is None

    def needed(self, directory: str, root: str) -> tuple[str, ...]:
        """The directories of the packages of its workspace that the package in `directory` depends on."""
        others = self.members(root)
        told = self._manifest(directory)
        parts = [part for key in _NEEDED if isinstance(part := told.get(key), dict)]
        named = {name: version for part in parts for name, version in part.items() if name in others}
        found = (others[name] for name, version in named.items() if self._is_meant(version, others[name]))
        return tuple(islice((each for each in found if each != directory), _MOST))

    def _found(self, root: str) -> Iterator[tuple[str, str]]:
        patterns = [_stripped(each) for each in self._patterns(root)]
        plain, globs = {*patterns}, [each for each in patterns if _GLOB.search(each)][:_MOST_GLOBS]
        within = "" if root == "." else f"{root}/"
        below = {each: each.removeprefix(within) for each in self.packages if each != root and each.startswith(within)}
        own = [
            each
            for each, place in below.items()
            if (place in plain or _is_taken(place, globs)) and not _is_left_out(place, globs)
        ]
        often = Counter(self.packages[each].name for each in own)
        return ((name, each) for each in own if (name := self.packages[each].name) and often[name] == 1)

    def _patterns(self, root: str) -> Iterator[str]:
        """The globs of a workspace: those of pnpm, or of the package.json."""
        try:
            of_pnpm = list(items(member(read_yaml(self._file(root, PNPM_WORKSPACE)), "packages")))
        except BadYamlError:
            of_pnpm = []
        told = self._manifest(root).get("workspaces")
        listed = told.get("packages") if isinstance(told, dict) else told
        yield from (text(each) for each in of_pnpm)
        if not of_pnpm and isinstance(listed, list):
            yield from (each for each in listed if isinstance(each, str))

    def _is_meant(self, version: object, directory: str) -> bool:
        """Whether a dependency of that version is the package of the workspace, and none of a registry."""
        if not isinstance(version, str):
            return False
        there = self._manifest(directory).get("version")
        return version in _ANY or version.startswith(_OF_WORKSPACE) or version.lstrip(_RANGES) == there

    def _manifest(self, directory: str) -> Mapping[str, object]:
        if directory not in self._manifests:
            self._manifests[directory] = json_object(self._file(directory, PACKAGE)) or {}
        return self._manifests[directory]

    def _file(self, directory: str, name: str) -> bytes:
        return self.files.get(normpath(join(directory, name)), b"")


def _stripped(pattern: str) -> str:
    """A glob, or the path of a directory, as paths are written here."""
    return pattern.removeprefix("./").rstrip("/")


def _is_taken(place: str, globs: Sequence[str]) -> bool:
    """Whether a glob is for the directory at `place`, from the root of the workspace."""
    return any(_fits(each, place) for each in globs if not each.startswith(_NOT))


def _is_left_out(place: str, globs: Sequence[str]) -> bool:
    return any(_fits(_stripped(each[1:]), place) for each in globs if each.startswith(_NOT))


def _fits(pattern: str, place: str) -> bool:
    """Whether a glob is for a path: `**` is for any number of directories, none among them."""
    globs = pattern.split("/", _DEEPEST)
    reached = _with_none({0}, globs)
    for part in place.split("/"):
        left = {at for at in reached if at < len(globs)}
        stayed = {at for at in left if globs[at] == _DEEP}
        reached = _with_none(stayed | {at + 1 for at in left - stayed if fnmatchcase(part, globs[at])}, globs)
    return len(globs) in reached


def _with_none(reached: set[int], globs: Sequence[str]) -> set[int]:
    """What is reached, and what is where each `**` from there on is for no directory."""
    for at, each in enumerate(globs):
        if at in reached and each == _DEEP:
            reached = reached | {at + 1}
    return reached
