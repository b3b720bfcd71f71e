"""One repository's git: what can be asked of it, and what was learnt already."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from migcheck.errors import UndecidableError
from migcheck.facts.git_command import Answer, first_line, run_git
from migcheck.facts.git_objects import Objects, Stored, lacking

# What git says where an object would have to be fetched, and nothing here fetches.
_OF_A_PARTIAL_CLONE = "lazy fetching disabled"


@dataclass(slots=True)
class Git:
    """Git in one directory. `index` is the index to read instead of the repository's own (a commit in the making)."""

    directory: Path
    index: Path | None = None
    _objects: Objects = field(init=False, repr=False)
    _blobs: dict[str, bytes] = field(default_factory=dict, repr=False)
    _commits: dict[str, Stored] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Objects are read where git is asked."""
        self._objects = Objects(self.directory)

    def ask(self, *arguments: str, stdin: bytes = b"") -> Answer:
        """Run `git ARGUMENTS`. Raises UndecidableError where there is no git; a refusal is an answer."""
        return run_git(self.directory, arguments, stdin, self.index)

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
