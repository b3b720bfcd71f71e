"""One repository's git: what can be asked of it, and what was learnt already."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from migcheck.errors import UndecidableError
from migcheck.facts.git.ahead import Ahead
from migcheck.facts.git.command import Answer, first_line, run_git
from migcheck.facts.git.listing import GitFile, of_index
from migcheck.facts.git.objects import Objects, Stored, lacking

# What git says where an object would have to be fetched, and nothing here fetches.
_HASHES = (hashlib.sha1, hashlib.sha256)
_EMPTY = {kind(b"blob 0\0", usedforsecurity=False).hexdigest() for kind in _HASHES}
# By the number of its digits; git knows it in every repository, stored or not.
_EMPTY_TREES = {len(tree): tree for tree in (kind(b"tree 0\0", usedforsecurity=False).hexdigest() for kind in _HASHES)}
_OF_A_PARTIAL_CLONE = "lazy fetching disabled"


@dataclass(slots=True)
class Git:
    """Git in one directory. `index` is the index to read instead of the repository's own (a commit in the making).

    `objects` is where another repository has its own, which are read as if they were this one's.
    """

    directory: Path
    index: Path | None = None
    objects: Path | None = None
    _objects: Objects = field(init=False, repr=False)
    _ahead: Ahead = field(init=False, repr=False)
    _blobs: dict[str, bytes] = field(default_factory=dict, repr=False)
    _commits: dict[str, Stored] = field(default_factory=dict, repr=False)
    _tracked: dict[str, GitFile] | None = field(default=None, init=False, repr=False)
    _staged: Mapping[str, GitFile] | None = field(default=None, init=False, repr=False)
    _answers: dict[tuple[str, ...], bytes] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        """Objects are read where git is asked."""
        self._objects = Objects(self.directory, self.objects)
        self._ahead = Ahead(self.directory, self.index, self.objects)

    def foresee(self, *arguments: str) -> None:
        """Start `git ARGUMENTS`, which is asked soon. Raises UndecidableError where there is no git."""
        self._ahead.start(arguments)

    @property
    def is_busy(self) -> bool:
        """Whether git is not done with what was foreseen."""
        return self._ahead.is_busy

    def ask(self, *arguments: str, stdin: bytes = b"") -> Answer:
        """Run `git ARGUMENTS`. Raises UndecidableError where there is no git; a refusal is an answer."""
        known = None if stdin else self._ahead.answer(arguments)
        return run_git(self.directory, arguments, stdin, self.index, self.objects) if known is None else known

    def commit(self, revision: str) -> Stored | None:
        """The commit that `revision` names, None where this clone has none; git is asked once for each name.

        One run is about one state: a branch that moves meanwhile is not followed.
        """
        if revision not in self._commits:
            found = self._objects.find(f"{revision}^{{commit}}")
            if found is None:
                return None
            self._commits[revision] = self._commits[found.identity] = found
        return self._commits[revision]

    def need(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """What `git ARGUMENTS` prints. Raises UndecidableError where git refuses."""
        answer = self.ask(*arguments, stdin=stdin)
        if _OF_A_PARTIAL_CLONE in answer.complaint:
            raise lacking(f"git {arguments[0]} needs some")
        if answer.status:
            raise UndecidableError(
                f"git {arguments[0]} failed: {first_line(answer.complaint)}", f"run `git fsck` in {self.directory}"
            )
        return answer.output

    def once(self, *arguments: str) -> bytes:
        """As `need`, of what is as it is for a whole run: git is asked once."""
        if arguments not in self._answers:
            self._answers[arguments] = self.need(*arguments)
        return self._answers[arguments]

    def may_hold(self, *asked: str) -> bool:
        """Whether something in the index holds what `git grep` is asked for, or git cannot tell."""
        answer = self.ask("grep", "--cached", "-q", *asked)
        # Of an object that the clone lacks it only complains, and ends as where it found nothing.
        return answer.status != 1 or bool(answer.complaint)

    def tracked(self) -> Mapping[str, GitFile]:
        """The files of the index, by path; listed once for a run. Submodules are left out."""
        if self._tracked is None:
            self._tracked = of_index(self.need("ls-files", "--stage", "--full-name", "-z"))
        return self._tracked

    def staged(self) -> Mapping[str, GitFile]:
        """Those that a commit would hold. What `git add -N` only announced the index lists as an empty file."""
        if self._staged is None:
            entries = self.tracked()
            empty = [path for path, entry in entries.items() if entry.blob in _EMPTY and not entry.problem]
            held = self._held(len(entries[empty[0]].blob)) if empty else frozenset[str]()
            announced = frozenset(empty) - held
            left = ((path, entry) for path, entry in entries.items() if path not in announced)
            self._staged = dict(left) if announced else entries
        return self._staged

    def _held(self, digits: int) -> frozenset[str]:
        """What a commit would hold, where an id has so many `digits`."""
        # Not diff-files: it may read the work tree through a filter that .git/config names, or a submodule's own.
        options = ("--cached", "--ita-invisible-in-index", "--name-only", "-z")
        output = self.need("diff-index", *options, _EMPTY_TREES[digits])
        return frozenset(os.fsdecode(name) for name in output.split(b"\0")[:-1])

    def blob(self, identity: str) -> bytes:
        """The content of one blob. Raises UndecidableError where the clone lacks it."""
        self.load([identity])
        return self._blobs[identity]

    def load(self, identities: Iterable[str]) -> None:
        """Read blobs, all together, and keep them: each is read once. Raises as `blob` does."""
        self._blobs.update(self.contents(dict.fromkeys(each for each in identities if not self.holds(each))))

    def holds(self, identity: str) -> bool:
        """Whether a blob was read already."""
        return identity in self._blobs

    def remember(self, identity: str, content: bytes) -> None:
        """Spare git a blob whose content was read elsewhere."""
        self._blobs.setdefault(identity, content)

    def contents(self, identities: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Blobs with their contents, which are not kept. Raises as `blob` does."""
        return self._objects.blobs(identities)
