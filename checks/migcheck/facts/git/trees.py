"""The three trees of a repository: a revision, the index (what a commit would hold) and the work tree."""

import hashlib
import os
import posixpath
from collections.abc import Collection, Iterator, Mapping
from collections.abc import Set as AbstractSet
from itertools import dropwhile, islice
from pathlib import Path
from shlex import quote
from typing import Protocol

from msgspec import Struct, field

from migcheck.errors import UndecidableError
from migcheck.facts.disk import is_regular
from migcheck.facts.git.client import Git
from migcheck.facts.git.listing import GitFile, Globs, of_commit
from migcheck.facts.tree import LINK_OUT, SNAPSHOT, DiskTree, Tree, TreeFile
from migcheck.odd_names import remember_names
from migcheck.wording import counted

_LINK = "120000"
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


class StoredTree(Struct):
    """The tree of a commit, or where `commit` is None the index. Nothing is checked out and no filter runs."""

    git: Git
    commit: str | None
    _listed: dict[str, Mapping[str, GitFile]] = field(default_factory=dict)
    _snapshots: dict[str, bytes] = field(default_factory=dict)

    def expect(self, *names: str) -> tuple[str, ...]:
        """The files whose path ends with one of `names`, in which `*` stands for what a name holds.

        All of them are read at once: each on its own would cost two processes.
        """
        whole = self._listing(".")
        found = {path: whole[path] for path in Globs(f"**/{name}" for name in names).among(whole)}
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
        if self.commit is None and path not in self.git.staged():
            # The index is known as a whole, and most that is asked for is not there: what a script may import.
            return None
        known = (each for under, each in self._listed.items() if under != "." and path in each)
        listing = next(known, None) or self._listing(path)
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

    def _snapshot(self, listing: Mapping[str, GitFile], blob: str) -> bytes:
        """A snapshot, read with the few that follow it: all of them can be 90 MB, and one at a time is slow."""
        if blob not in self._snapshots:
            blobs = (each.blob for name, each in sorted(listing.items()) if name.endswith(SNAPSHOT))
            self._snapshots = dict(self.git.contents(islice(dropwhile(lambda each: each != blob, blobs), _AT_ONCE)))
        return self._snapshots[blob]

    def _listing(self, under: str) -> Mapping[str, GitFile]:
        if under not in self._listed:
            whole = self._listed.get(".")
            found = files_listed(self.git, self.commit, under) if whole is None else _within(whole, under)
            self._listed[under] = found
        return self._listed[under]


class WorkTree(Struct):
    """The files that lie about, with the line ends that git would store.

    One that is its index blob but for CR reads as that blob: `core.autocrlf` wrote it. One that was edited since, or is
    new, reads with LF where git is told to store it so.
    """

    git: Git
    top: Path
    _staged: dict[str, Mapping[str, GitFile]] = field(default_factory=dict)

    def files(self, under: str) -> Iterator[TreeFile]:
        """Everything below `under`, whether git knows it or not.

        Raises UndecidableError where a sparse checkout leaves out some of what Drizzle reads, as if it were deleted.
        """
        staged = self._staged.setdefault(under, files_listed(self.git, None, under))
        found = list(DiskTree(self.top).files(under))
        if lacking := {path for path in staged if path.endswith(_READ)} - {each.path for each in found}:
            self._refuse_sparse(under, lacking)
        return iter(found)

    def _refuse_sparse(self, under: str, lacking: AbstractSet[str]) -> None:
        marked = self.git.need("ls-files", "-t", "-z", "--full-name", *_only(under)).split(b"\0")
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
        self._staged.setdefault(path, files_listed(self.git, None, path))
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


def files_listed(git: Git, commit: str | None, under: str) -> Mapping[str, GitFile]:
    """The files of a commit, or of the index, below `under` (or at it), by path. Submodules are left out.

    Outside of the repository, where a configuration may lie that somebody names, there are none.
    """
    if under.startswith("../"):
        return {}
    if commit is None:
        return _within(git.staged(), under)
    return of_commit(git.need("ls-tree", "-r", "-z", "--full-tree", commit, *_only(under)))


def line_attributes(git: Git, path: str) -> tuple[str, str]:
    """What git is told of the line ends of a file at `path`, were there one: `text` and `eol`."""
    told = git.need("check-attr", "-z", "text", "eol", "--", path).decode("utf-8", "replace").split("\0")
    return told[2], told[5]


def _within(listing: Mapping[str, GitFile], under: str) -> Mapping[str, GitFile]:
    """What of a listing is below `under`, or at it."""
    if under in _TOP:
        return listing
    if under in listing:
        return {under: listing[under]}
    return {path: entry for path, entry in listing.items() if path.startswith(f"{under}/")}


def _only(under: str) -> list[str]:
    """What narrows a command of git's to `under`, whose name may look like a pattern."""
    return [] if under in _TOP else ["--", f":(top,literal){under}"]


def _followed(listing: Mapping[str, GitFile], path: str, git: Git) -> GitFile:
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
