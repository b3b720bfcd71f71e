"""Starting git, deaf to the caller's `GIT_*` and to whatever a repository's configuration would like to start."""

import json
import os
import re
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE, Popen
from typing import TYPE_CHECKING, cast

from msgspec import Struct

from migcheck.errors import UndecidableError

if TYPE_CHECKING:
    import git

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


class Answer(Struct, frozen=True):
    """What a git command printed, and its exit status."""

    status: int
    output: bytes
    complaint: str

    @property
    def text(self) -> str:
        """The output as text, without the last newline; names that are not UTF-8 survive as surrogates."""
        return os.fsdecode(self.output).removesuffix("\n")


def run_git(
    directory: Path,
    arguments: Sequence[str],
    stdin: bytes = b"",
    index: Path | None = None,
    objects: Path | None = None,
) -> Answer:
    """Run `git ARGUMENTS` to its end. Raises UndecidableError where there is no git; a refusal is an answer."""
    with _starting(directory) as git, tempfile.TemporaryFile() as given:
        given.write(stdin)
        given.seek(0)
        return Answer(
            *git.execute(
                ["git", *arguments],
                istream=given,
                env=_variables(index, objects),
                with_extended_output=True,
                with_exceptions=False,
                stdout_as_string=False,
                strip_newline_in_stdout=False,
            )
        )


def start_git(
    directory: Path, arguments: Sequence[str], objects: Path | None = None, index: Path | None = None
) -> Popen[bytes]:
    """Start `git ARGUMENTS`, to talk with; whoever starts it ends it. Raises as `run_git` does."""
    with _starting(directory) as git:
        # PIPE is a number that says so, which GitPython's types do not know.
        started = git.execute(
            ["git", *arguments], istream=cast("None", PIPE), env=_variables(index, objects), as_process=True
        )
        # Let go by what GitPython wraps it in, which would kill it.
        process, started.proc = started.proc, None
    assert process is not None
    return process


def first_line(complaint: str) -> str:
    """What git complained of first."""
    return re.sub(r"^(fatal|error): ", "", complaint.partition("\n")[0])


def _variables(index: Path | None, objects: Path | None) -> Mapping[str, str]:
    variables = _VARIABLES if index is None else _VARIABLES | {"GIT_INDEX_FILE": str(index)}
    # In quotes a path may hold what stands between two of them.
    return variables if objects is None else variables | {"GIT_ALTERNATE_OBJECT_DIRECTORIES": json.dumps(str(objects))}


@contextmanager
def _starting(directory: Path) -> "Iterator[git.Git]":
    lacking = UndecidableError("git cannot be started, so nothing is known of what landed", "install git 2.31 or newer")
    with _without_git_variables():
        try:
            import git  # noqa: PLC0415 - many commands ask git nothing; it also refuses to load where there is no git
        except ImportError as error:
            raise lacking from error
        try:
            yield git.Git(directory)
        except git.GitCommandNotFound as error:
            raise lacking from error
        except (PermissionError, NotADirectoryError) as error:
            raise UndecidableError(
                f"{directory} cannot be entered: {error.strerror}", "give this user the right to enter it"
            ) from error


@contextmanager
def _without_git_variables() -> Iterator[None]:
    """Take `GIT_*` out of the environment while git starts: GitPython can add a variable for a child, not drop one."""
    with _environment:
        kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("GIT_")}
        try:
            yield
        finally:
            os.environ.update(kept)
