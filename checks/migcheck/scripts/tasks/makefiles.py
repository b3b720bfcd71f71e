"""The Makefiles of a repository, and which of them a call of make goes to."""

from collections.abc import Iterator, Mapping
from itertools import islice

from migcheck.scripts.directories import moved
from migcheck.scripts.file_names import MAKEFILES, files_called
from migcheck.scripts.script import Script
from migcheck.scripts.tasks.make_calls import MakeCall
from migcheck.scripts.tasks.make_parts import Parts
from migcheck.scripts.tasks.makefile import Makefile, read_makefile

_MOST = 5_000
"""Lines of one file. No person writes more."""


class Makefiles:
    """What `files` say to make, by directory; of two in one, the one that make takes."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        """All are read."""
        parts = Parts(files)
        every = (
            read_makefile(path, content, parts) for name in MAKEFILES for path, content in files_called(files, name)
        )
        self.by_directory = {each.directory: each for each in every}

    @property
    def scripts(self) -> Iterator[Script]:
        """Everything that they run."""
        for each in self.by_directory.values():
            yield from islice(each.lines, _MOST)

    def asked(self, call: MakeCall, directory: str | None) -> Iterator[Script]:
        """What `call`, made from `directory`, has make run; nothing where only running it tells."""
        place = moved(directory, call.directory)
        makefile: Makefile | None = None if place is None else self.by_directory.get(place)
        yield from () if makefile is None else makefile.asked(call)
