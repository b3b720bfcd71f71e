"""What git is asked before the answer is needed: it searches while something else is done."""

import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen

from migcheck.facts.git.command import Answer, start_git


@dataclass(slots=True, weakref_slot=True)
class Ahead:
    """The processes that were started in one directory, by their arguments; `index` and `objects` are as in `Git`."""

    directory: Path
    index: Path | None = None
    objects: Path | None = None
    _started: dict[tuple[str, ...], Popen[bytes]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """What nobody asks for after all is ended with whoever could have."""
        weakref.finalize(self, _end, self._started)

    def start(self, arguments: Sequence[str]) -> None:
        """Start `git ARGUMENTS`. Raises UndecidableError where there is no git."""
        asked = tuple(arguments)
        if asked not in self._started:
            self._started[asked] = start_git(self.directory, asked, self.objects, self.index)

    @property
    def is_busy(self) -> bool:
        """Whether one of them has not ended."""
        return any(each.poll() is None for each in self._started.values())

    def answer(self, arguments: Sequence[str]) -> Answer | None:
        """What came of it, once; None where it was not started."""
        process = self._started.pop(tuple(arguments), None)
        if process is None:
            return None
        output, complaint = process.communicate()
        return Answer(process.returncode, output, complaint.decode("utf-8", "replace"))


def _end(started: dict[tuple[str, ...], Popen[bytes]]) -> None:
    for process in started.values():
        process.kill()
        process.communicate()
