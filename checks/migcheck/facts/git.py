"""Git's plumbing, deaf to the caller's `GIT_*` and to whatever a repository's configuration would like to start."""

import os
import re
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from migcheck.errors import UndecidableError

# .git/config belongs to whoever made the repository: no monitor, no hook, no fetch of missing objects (that would
# start ssh or a helper named there), and no replaced object may stand in for what really landed.
_CONFIGURATION = {"core.fsmonitor": "", "core.hooksPath": os.devnull}
_VARIABLES = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_CONFIG_COUNT": str(len(_CONFIGURATION)),
    **{f"GIT_CONFIG_KEY_{n}": key for n, key in enumerate(_CONFIGURATION)},
    **{f"GIT_CONFIG_VALUE_{n}": value for n, value in enumerate(_CONFIGURATION.values())},
}
_environment = threading.Lock()
_TOGETHER = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """What a git command printed, and its exit status."""

    status: int
    output: bytes
    complaint: str

    @property
    def text(self) -> str:
        """The output as text, without the last newline; names that are not UTF-8 survive as surrogates."""
        return os.fsdecode(self.output).removesuffix("\n")


@dataclass(slots=True)
class Git:
    """Git in one directory. `index` is the index to read instead of the repository's own (a commit in the making)."""

    directory: Path
    index: Path | None = None
    _blobs: dict[str, bytes] = field(default_factory=dict, repr=False)
    _commits: dict[str, str] = field(default_factory=dict, repr=False)

    def ask(self, *arguments: str, stdin: bytes = b"") -> Answer:
        """Run `git ARGUMENTS`. Raises UndecidableError where there is no git; a refusal is an answer."""
        variables = _VARIABLES if self.index is None else _VARIABLES | {"GIT_INDEX_FILE": str(self.index)}
        with _without_git_variables(), tempfile.TemporaryFile() as given:
            given.write(stdin)
            given.seek(0)
            return _execute(self.directory, arguments, variables, given)

    def commit(self, revision: str) -> str | None:
        """The id of the commit that `revision` names, None where this clone has none; git is asked once for each name.

        One run is about one state: a branch that moves meanwhile is not followed.
        """
        if revision not in self._commits:
            answer = self.ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
            if answer.status:
                return None
            self._commits[revision] = self._commits[answer.text] = answer.text
        return self._commits[revision]

    def need(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """What `git ARGUMENTS` prints. Raises UndecidableError where git refuses."""
        answer = self.ask(*arguments, stdin=stdin)
        if answer.status:
            raise UndecidableError(
                f"git {arguments[0]} failed: {_first_line(answer.complaint)}", f"run `git fsck` in {self.directory}"
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
        left = iter(identities)
        while some := list(islice(left, _TOGETHER)):
            yield from self._batch(some)

    def _batch(self, identities: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        answer = self.ask("cat-file", "--batch", stdin="".join(f"{each}\n" for each in identities).encode())
        if answer.status:  # A partial clone: what it lacks would have to be fetched, and nothing here fetches.
            raise _lacking(_first_line(answer.complaint))
        output, start = answer.output, 0
        for identity in identities:
            end = output.index(b"\n", start)
            match output[start:end].split():
                case [_, b"blob", size]:
                    start = end + 1 + int(size) + 1
                    yield identity, output[end + 1 : start - 1]
                case _:
                    raise _lacking(identity)


def _lacking(what: str) -> UndecidableError:
    return UndecidableError(
        f"this clone of the repository lacks objects ({what})",
        "make it whole: `git fetch --refetch --no-filter` (in CI: check out without `filter:`)",
    )


def _execute(directory: Path, arguments: tuple[str, ...], variables: dict[str, str], given: BinaryIO) -> Answer:
    lacking = UndecidableError("git cannot be started, so nothing is known of what landed", "install git 2.31 or newer")
    try:
        import git  # noqa: PLC0415 - many commands ask git nothing; it also refuses to load where there is no git
    except ImportError as error:
        raise lacking from error
    try:
        return Answer(
            *git.Git(directory).execute(
                ["git", *arguments],
                istream=given,
                env=variables,
                with_extended_output=True,
                with_exceptions=False,
                stdout_as_string=False,
                strip_newline_in_stdout=False,
            )
        )
    except git.GitCommandNotFound as error:
        raise lacking from error


@contextmanager
def _without_git_variables() -> Iterator[None]:
    """Take `GIT_*` out of the environment while git runs: GitPython can add a variable for a child, not drop one."""
    with _environment:
        kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("GIT_")}
        try:
            yield
        finally:
            os.environ.update(kept)


def _first_line(complaint: str) -> str:
    return re.sub(r"^(fatal|error): ", "", complaint.partition("\n")[0])
