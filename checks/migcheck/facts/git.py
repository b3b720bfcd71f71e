"""Git's plumbing, deaf to the caller's `GIT_*` and to whatever a repository's configuration would like to start."""

import os
import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import PIPE
from typing import TYPE_CHECKING

from migcheck.errors import UndecidableError

if TYPE_CHECKING:
    from git import Git as Commands

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


@dataclass(frozen=True, slots=True)
class Answer:
    """What a git command printed, and its exit status."""

    status: int
    output: bytes
    complaint: str

    @property
    def text(self) -> str:
        """The output as text, without the last newline; names that are no UTF-8 survive as surrogates."""
        return os.fsdecode(self.output).removesuffix("\n")


@dataclass(slots=True)
class Git:
    """Git in one directory. `index` is the index to read instead of the repository's own (a commit in the making)."""

    directory: Path
    index: Path | None = None
    _blobs: dict[str, bytes] = field(default_factory=dict)
    _commands: "Commands | None" = None
    _reader: "Commands.AutoInterrupt | None" = None

    def ask(self, *arguments: str, stdin: bytes = b"") -> Answer:
        """Run `git ARGUMENTS`. Raises UndecidableError where there is no git; a refusal is an answer."""
        with _without_git_variables(), tempfile.TemporaryFile() as given:
            given.write(stdin)
            given.seek(0)
            status, output, complaint = self._git().execute(
                ["git", *arguments],
                istream=given,
                with_extended_output=True,
                with_exceptions=False,
                stdout_as_string=False,
                strip_newline_in_stdout=False,
            )
        return Answer(status, output, complaint)

    def need(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """What `git ARGUMENTS` prints. Raises UndecidableError where git refuses."""
        answer = self.ask(*arguments, stdin=stdin)
        if answer.status:
            raise UndecidableError(
                f"git {arguments[0]} failed: {_first_line(answer.complaint)}", f"run `git fsck` in {self.directory}"
            )
        return answer.output

    def blob(self, identity: str, *, keep: bool = True) -> bytes:
        """The content of a blob; read once where it is kept. Raises UndecidableError where the clone lacks it."""
        if identity in self._blobs:
            return self._blobs[identity]
        content = self._read(identity)
        if keep:
            self._blobs[identity] = content
        return content

    def remember(self, identity: str, content: bytes) -> None:
        """Spare git a blob whose content was read elsewhere."""
        self._blobs.setdefault(identity, content)

    def _read(self, identity: str) -> bytes:
        # By hand: GitPython's reader knows 40 digits only, and a repository may use SHA-256.
        if self._reader is None:
            with _without_git_variables():
                self._reader = self._git().execute(["git", "cat-file", "--batch"], istream=PIPE, as_process=True)
        self._reader.stdin.write(f"{identity}\n".encode())
        self._reader.stdin.flush()
        match self._reader.stdout.readline().split():
            case [_, _, size]:
                content: bytes = self._reader.stdout.read(int(size))
                self._reader.stdout.read(1)
                return content
            case _:
                raise UndecidableError(
                    f"this clone of the repository lacks the object {identity}",
                    "make it whole: `git fetch --refetch --no-filter` (in CI: check out without `filter:`)",
                )

    def _git(self) -> "Commands":
        if self._commands is None:
            commands = _gitpython()(self.directory)
            commands.update_environment(**_VARIABLES)
            if self.index is not None:
                commands.update_environment(GIT_INDEX_FILE=str(self.index))
            self._commands = commands
        return self._commands


def _gitpython() -> "type[Commands]":
    try:
        from git import Git as Commands  # noqa: PLC0415 - a tenth of a second that most commands do not need
    except ImportError as error:
        raise UndecidableError(
            "git cannot be started, so nothing is known of what landed", "install git 2.31 or newer"
        ) from error
    return Commands


@contextmanager
def _without_git_variables() -> Iterator[None]:
    """Take `GIT_*` out of the environment while git starts: GitPython can add a variable for a child, not drop one."""
    with _environment:
        kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("GIT_")}
        try:
            yield
        finally:
            os.environ.update(kept)


def _first_line(complaint: str) -> str:
    return re.sub(r"^(fatal|error): ", "", complaint.partition("\n")[0])
