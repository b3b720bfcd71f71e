"""The Makefiles of a repository, and which of them a call of make goes to."""

from collections.abc import Iterator, Mapping
from itertools import islice

from msgspec.structs import replace

from migcheck.scripts.directories import moved
from migcheck.scripts.file_names import MAKEFILES, files_called
from migcheck.scripts.script import Script
from migcheck.scripts.tasks.make_calls import MakeCall
from migcheck.scripts.tasks.makefile import Makefile, Parts, read_makefile

_MOST = 5_000
"""Lines of one file. No person writes more."""
_MOST_AGAIN = 20_000
"""Lines that are read once more, for what command lines and the environment say of their variables."""
_Given = tuple[tuple[str, str], ...]


class Makefiles:
    """What `files` say to make, by directory; of two in one, the one that make takes."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        """All are read."""
        parts = self._parts = Parts(files)
        every = (
            read_makefile(path, content, parts) for name in MAKEFILES for path, content in files_called(files, name)
        )
        self.by_directory = {each.directory: each for each in every}
        self._left = _MOST_AGAIN
        self._others: dict[tuple[str, _Given], Makefile] = {}

    @property
    def scripts(self) -> Iterator[Script]:
        """Everything that they run."""
        for each in self.by_directory.values():
            yield from islice(each.lines, _MOST)

    def asked(self, call: MakeCall, directory: str | None) -> Iterator[Script]:
        """What `call`, made from `directory`, has make run; nothing where only running it tells."""
        place = moved(directory, call.directory)
        makefile: Makefile | None = None if place is None else self.by_directory.get(place)
        if makefile is not None:
            around = (each for each in call.around if each[0] in makefile.yielding)
            given = (*around, *call.given)
            yield from (self._told(makefile, given) if given else makefile).asked(call)

    def _told(self, makefile: Makefile, given: _Given) -> Makefile:
        """`makefile` with its variables as they are `given`, its lines under names of their own where they differ."""
        path = makefile.path
        if (path, given) not in self._others:
            plain = {each.key: each for each in makefile.lines}
            self._left -= len(plain)
            content = self._parts.files[path] if self._left >= 0 else b""
            told = self._others[path, given] = read_makefile(path, content, self._parts, given)
            for target in told.targets.values():
                target.lines = [_named(each, given) if each != plain.get(each.key) else each for each in target.lines]
        return self._others[path, given]


def _named(script: Script, given: _Given) -> Script:
    return replace(script, name=f"{script.name} given {given}", instead=script.name)
