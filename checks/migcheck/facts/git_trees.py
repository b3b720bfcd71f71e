"""The three trees of a repository: a revision, the index (what a commit would hold) and the work tree."""

import hashlib
import os
import posixpath
import re
from collections.abc import Collection, Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import dropwhile, islice
from pathlib import Path
from shlex import quote
from typing import Protocol

from msgspec import Struct, field

from migcheck.drizzle.folder import CONFLICT
from migcheck.errors import UndecidableError
from migcheck.facts.disk import is_regular
from migcheck.facts.git import Git
from migcheck.facts.tree import LINK_OUT, SNAPSHOT, DiskTree, Tree, TreeFile
from migcheck.odd_names import remember_names
from migcheck.wording import counted

_LINK, _SUBMODULE = "120000", "160000"
_HASHES = (hashlib.sha1, hashlib.sha256)
_EMPTY = {kind(b"blob 0\0", usedforsecurity=False).hexdigest() for kind in _HASHES}
# By the number of its digits; git knows it in every repository, stored or not.
_EMPTY_TREES = {len(tree): tree for tree in (kind(b"tree 0\0", usedforsecurity=False).hexdigest() for kind in _HASHES)}
_TOP = ("", ".")
# Where a listing is kept that is of no directory.
_EXPECTED = "\0"
_MOST_LINKS = 40
# SQL, journal and snapshots, by either layout: a backup beside them is of no account.
_READ = (".sql", ".json")
_AT_ONCE = 16
_SHA1_DIGITS = 40


class GitTree(Tree, Protocol):
    """A tree that can also be asked for one file."""

    def find(self, path: str) -> bytes | None:
        """The bytes of the file at `path`; None where there is none that can be read."""
        ...


class GitFile(Struct, frozen=True):
    """A file as git lists it: its mode, its blob, and why it cannot be read (empty where it can)."""

    mode: str
    blob: str
    problem: str = ""


class StoredTree(Struct):
    """The tree of a commit, or where `commit` is None the index. Nothing is checked out and no filter runs."""

    git: Git
    commit: str | None
    _listed: dict[str, dict[str, GitFile]] = field(default_factory=dict)
    _snapshots: dict[str, bytes] = field(default_factory=dict)

    def expect(self, *names: str) -> tuple[str, ...]:
        """The files whose path ends with one of `names`, in which `*` stands for what a name holds.

        All of them are read at once: each on its own would cost two processes.
        """
        if self.commit is None:
            found = listed_matching(self.git, [f":(top,glob)**/{name}" for name in names])
        else:
            ends = "|".join(re.escape(name).replace(r"\*", "[^/]*") for name in names)
            found = _only(self._listing("."), re.compile(f"(.*/)?({ends})", re.DOTALL))
        self._listed[_EXPECTED] = found
        self.git.load(each.blob for each in found.values() if not each.problem)
        remember_names(found)
        return tuple(found)

    def paths(self) -> Collection[str]:
        """The paths of all files, whether they can be read or not."""
        return self._listing(".").keys()

    def files(self, under: str) -> Iterator[TreeFile]:
        """Everything below `under`. Links are followed within it, as a work tree's are."""
        listing = self._listing(under)
        self.git.load(each.blob for each in listing.values() if each.mode == _LINK and not each.problem)
        for path in sorted(listing):
            entry = _followed(listing, path, self.git)
            yield TreeFile(path, entry.problem, entry.blob)

    def read(self, path: str) -> bytes:
        """The bytes of a file that `files` gave. Raises UndecidableError where the clone lacks them."""
        content = self.find(path)
        if content is None:
            raise UndecidableError(f"{path} cannot be read from git", "check `git status` and `git fsck`")
        return content

    def find(self, path: str) -> bytes | None:
        """The bytes of the file at `path`; None where there is none that can be read."""
        listing = next((each for each in self._listed.values() if path in each), None) or self._listing(path)
        if path not in listing:
            return None
        entry = _followed(listing, path, self.git)
        if entry.problem:
            return None
        if path.endswith(SNAPSHOT):
            return self._snapshot(listing, entry.blob)
        if not self.git.holds(entry.blob):
            self.git.load(each.blob for name, each in listing.items() if name.endswith((".sql", "_journal.json")))
        return self.git.blob(entry.blob)

    def _snapshot(self, listing: dict[str, GitFile], blob: str) -> bytes:
        """A snapshot, read with the few that follow it: all of them can be 90 MB, and one at a time is slow."""
        if blob not in self._snapshots:
            blobs = (each.blob for name, each in sorted(listing.items()) if name.endswith(SNAPSHOT))
            self._snapshots = dict(self.git.contents(islice(dropwhile(lambda each: each != blob, blobs), _AT_ONCE)))
        return self._snapshots[blob]

    def _listing(self, under: str) -> dict[str, GitFile]:
        if under not in self._listed:
            whole = self._listed.get(".")
            within = re.compile(f"{re.escape(under)}(/.*)?", re.DOTALL)
            self._listed[under] = listed(self.git, self.commit, under) if whole is None else _only(whole, within)
        return self._listed[under]


class WorkTree(Struct):
    """The files that lie about, with the line ends that git would store.

    One that is its index blob but for CR reads as that blob: `core.autocrlf` wrote it. One that was edited since, or is
    new, reads with LF where git is told to store it so.
    """

    git: Git
    top: Path
    _staged: dict[str, dict[str, GitFile]] = field(default_factory=dict)

    def files(self, under: str) -> Iterator[TreeFile]:
        """Everything below `under`, whether git knows it or not.

        Raises UndecidableError where a sparse checkout leaves out some of what Drizzle reads, as if it were deleted.
        """
        staged = self._staged.setdefault(under, listed(self.git, None, under))
        found = list(DiskTree(self.top).files(under))
        if lacking := {path for path in staged if path.endswith(_READ)} - {each.path for each in found}:
            self._refuse_sparse(under, lacking)
        return iter(found)

    def _refuse_sparse(self, under: str, lacking: AbstractSet[str]) -> None:
        marked = self.git.need("ls-files", "-t", "-z", "--full-name", *_within(under)).split(b"\0")
        left_out = lacking & {os.fsdecode(each[2:]) for each in marked if each.startswith(b"S ")}
        if left_out:
            raise UndecidableError(
                f"a sparse checkout leaves out {counted(len(left_out), 'file')} of {under}, such as {min(left_out)}",
                f"`git sparse-checkout add {quote(under)}` (in CI: check out all of the folder), or judge what git has "
                "with --staged",
            )

    def read(self, path: str) -> bytes:
        """The bytes of a file that `files` gave. Raises UndecidableError where they cannot be had."""
        return self._as_staged(path, DiskTree(self.top).read(path))

    def find(self, path: str) -> bytes | None:
        """The bytes of the file at `path`; None where there is none that can be read."""
        self._staged.setdefault(path, listed(self.git, None, path))
        return self.read(path) if is_regular(self.top / path) else None

    def _as_staged(self, path: str, content: bytes) -> bytes:
        if path.endswith(SNAPSHOT):
            return content  # Megabytes that nobody compares; JSON is the same with either line ending.
        staged = next((each[path] for each in self._staged.values() if path in each and not each[path].problem), None)
        if staged and is_blob(content, staged.blob):
            self.git.remember(staged.blob, content)
            return content
        if b"\r\n" not in content:
            return content
        plain = content.replace(b"\r\n", b"\n")
        if staged and (blob := self.git.blob(staged.blob)).replace(b"\r\n", b"\n") == plain:
            return blob
        return plain if self._stored_with_lf(path) else content

    def _stored_with_lf(self, path: str) -> bool:
        """Whether `git add` would turn CRLF into LF: by an attribute of the file, or by the user's configuration."""
        text, eol = line_attributes(self.git, path)
        if (text, eol) == ("unspecified", "unspecified"):
            return self.git.ask("config", "--get", "core.autocrlf").text in {"true", "input"}
        return text != "unset"


def _only(listing: dict[str, GitFile], paths: re.Pattern[str]) -> dict[str, GitFile]:
    return {path: entry for path, entry in listing.items() if paths.fullmatch(path)}


def listed(git: Git, commit: str | None, under: str) -> dict[str, GitFile]:
    """The files of a commit, or of the index, below `under` (or at it), by path. Submodules are left out.

    Outside of the repository, where a configuration may lie that somebody names, there are none.
    """
    if under.startswith("../"):
        return {}
    where = _within(under)
    if commit is None:
        return _without_intended(git, where, _of_index(git.need("ls-files", "--stage", "--full-name", "-z", *where)))
    return _of_commit(git.need("ls-tree", "-r", "-z", "--full-tree", commit, *where))


def listed_matching(git: Git, patterns: Sequence[str]) -> dict[str, GitFile]:
    """The files of the index that one of `patterns` (pathspecs of git) names, by path."""
    where = ["--", *patterns]
    return _without_intended(git, where, _of_index(git.need("ls-files", "--stage", "--full-name", "-z", *where)))


def line_attributes(git: Git, path: str) -> tuple[str, str]:
    """What git is told of the line ends of a file at `path`, were there one: `text` and `eol`."""
    told = git.need("check-attr", "-z", "text", "eol", "--", path).decode("utf-8", "replace").split("\0")
    return told[2], told[5]


def _within(under: str) -> list[str]:
    """What narrows a command of git's to `under`, whose name may look like a pattern."""
    return [] if under in _TOP else ["--", f":(top,literal){under}"]


def _of_commit(output: bytes) -> dict[str, GitFile]:
    found = {}
    for line in output.split(b"\0")[:-1]:
        facts, _, name = line.partition(b"\t")
        mode, _, blob = facts.decode().split(" ")
        if mode != _SUBMODULE:
            found[os.fsdecode(name)] = GitFile(mode, blob)
    return found


def _of_index(output: bytes) -> dict[str, GitFile]:
    found = {}
    for line in output.split(b"\0")[:-1]:
        facts, _, name = line.partition(b"\t")
        mode, blob, stage = facts.decode().split(" ")
        if mode != _SUBMODULE:
            found[os.fsdecode(name)] = GitFile(mode, blob, "" if stage == "0" else CONFLICT)
    return found


def _without_intended(git: Git, where: list[str], entries: dict[str, GitFile]) -> dict[str, GitFile]:
    """Leave out what `git add -N` only announced: the index lists it as an empty file, and no commit would hold it."""
    empty = {path for path, entry in entries.items() if entry.blob in _EMPTY and not entry.problem}
    if not empty:
        return entries
    # Not diff-files: it may read the work tree through a filter that .git/config names, or a submodule's own.
    nothing = _EMPTY_TREES[len(entries[next(iter(empty))].blob)]
    output = git.need("diff-index", "--cached", "--ita-invisible-in-index", "--name-only", "-z", nothing, *where)
    intended = empty - {os.fsdecode(name) for name in output.split(b"\0")[:-1]}
    return {path: entry for path, entry in entries.items() if path not in intended}


def _followed(listing: dict[str, GitFile], path: str, git: Git) -> GitFile:
    """What a link of the listing stands for."""
    for _ in range(_MOST_LINKS):
        entry = listing.get(path)
        if entry is None:
            return GitFile(_LINK, "", LINK_OUT)
        if entry.problem or entry.mode != _LINK:
            return entry
        path = posixpath.normpath(posixpath.join(posixpath.dirname(path), os.fsdecode(git.blob(entry.blob))))
    return GitFile(_LINK, "", "a symbolic link that leads to itself")


def is_blob(content: bytes, identity: str) -> bool:
    """Whether `content` is the blob that git calls `identity`."""
    kind = hashlib.sha1 if len(identity) == _SHA1_DIGITS else hashlib.sha256
    return kind(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest() == identity
