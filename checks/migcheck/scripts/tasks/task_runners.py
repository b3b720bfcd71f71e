"""What make, Task and just are told to run: the files of each, and which of them a call goes to."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from posixpath import dirname, join, normpath
from typing import TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from migcheck.paths import upwards
from migcheck.scripts.calls import TAKE_IN, Call, FileCall
from migcheck.scripts.directories import moved
from migcheck.scripts.file_names import JUSTFILES, MAKEFILES, TASKFILES, files_called
from migcheck.scripts.named_files import Named, named_to_tools
from migcheck.scripts.script import Key, Script
from migcheck.scripts.shell.command import Command, ShellOptions
from migcheck.scripts.tasks.justfile import Justfile, read_justfile
from migcheck.scripts.tasks.make_parts import Parts
from migcheck.scripts.tasks.makefile import Makefile, read_makefile
from migcheck.scripts.tasks.runner_calls import JustCall, MakeCall, RunnerCall, TaskCall
from migcheck.scripts.tasks.taskfile import read_taskfile

_MOST = 5_000
"""Scripts of one file. No person writes more; aliases can."""
_MOST_NAMED = 50
Found = TypeVar("Found")
_ReadAt = tuple[str, str]
"""The path of a file, and the directory that it is run in."""


class TaskRunners(Struct, dict=True):
    """What `files` say to make, Task and just."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    _others: dict[tuple[Key, ShellOptions], Script] = field(default_factory=dict)
    _makefiles_away: dict[_ReadAt, Makefile] = field(default_factory=dict)
    _taskfiles_away: dict[_ReadAt, Makefile] = field(default_factory=dict)
    _justfiles_away: dict[_ReadAt, Justfile] = field(default_factory=dict)

    @cached_property
    def makefiles(self) -> Mapping[str, Makefile]:
        """The Makefiles, by directory; of two in one, the one that make takes."""
        read = [
            read_makefile(path, content, self._parts)
            for name in MAKEFILES
            for path, content in files_called(self.files, name)
        ]
        return {each.directory: each for each in read}

    @cached_property
    def taskfiles(self) -> Mapping[str, Makefile]:
        """The Taskfiles, by directory; of several in one, the one that Task takes."""
        return self._by_directory(TASKFILES, self._taskfiles)

    @cached_property
    def justfiles(self) -> Mapping[str, Justfile]:
        """The justfiles, by directory."""
        return self._by_directory(JUSTFILES, self._justfiles)

    @property
    def scripts(self) -> Iterator[Script]:
        """Everything that they run."""
        named, taskfiles = self._named_makefiles.values(), self._taskfiles.values()
        for makefile in (*self.makefiles.values(), *named, *taskfiles):
            yield from islice(makefile.lines, _MOST)
        for justfile in self._justfiles.values():
            yield from islice(justfile.lines, _MOST)

    def asked(self, call: RunnerCall, directory: str | None) -> Iterator[Script]:
        """What `call`, made from `directory`, has its runner run; nothing where only running it tells."""
        place = moved(directory, call.directory)
        if place is None or place.startswith(".."):
            return
        named = normpath(join(place, call.file))
        match call:
            case MakeCall():
                makefile = self._makefile(named, place) if call.file else self.makefiles.get(place)
                yield from () if makefile is None else makefile.asked(call)
            case TaskCall(names=names):
                away = self._away(directory, call)
                taskfile = self._taskfile(named, away) if call.file else _nearest(self.taskfiles, place, call)
                yield from () if taskfile is None else taskfile.asked(MakeCall(names))
            case JustCall():
                away = self._away(directory, call)
                justfile = self._justfile(named, away) if call.file else _nearest(self.justfiles, place, call)
                yield from () if justfile is None else justfile.asked(call)

    def called(self, script: Script, call: Call) -> Script:
        """`script`, which a shell has at hand, as `call` has it run.

        That is under a name of its own where the shell is stricter than it says itself, and that matters to what it
        runs; nobody begins that.
        """
        if not isinstance(call, FileCall):
            return script
        told = replace(script, options=script.options.stricter_by(call.options))
        if not _goes_on_otherwise(script, told) or len(self._others) >= _MOST:
            return script
        name = f"{script.name} given {len(self._others)}"
        other = replace(told, name=name, instead=script.origin[1], started_by=None)
        return self._others.setdefault((script.key, told.options), other)

    def _away(self, directory: str | None, call: TaskCall | JustCall) -> str | None:
        """Where the file that is named is run; empty: where it lies. None where only running tells."""
        return moved(directory, call.place) if call.place else ""

    def _makefile(self, path: str, directory: str) -> Makefile | None:
        """The Makefile that is named, which may lie anywhere, as it is run in `directory`."""
        found = self._named_makefiles.get((path, directory))
        return found or self._read_for(self._makefiles_away, self._read_makefile, path, directory)

    def _read_makefile(self, path: str, content: bytes, directory: str) -> Makefile:
        return read_makefile(path, content, self._parts, directory)

    def _taskfile(self, named: str, directory: str | None) -> Makefile | None:
        """The Taskfile that is named, or the one in the directory that is."""
        names = (named, *(normpath(join(named, each)) for each in reversed(TASKFILES)))
        path = next((each for each in names if each in self.files), named)
        if not directory:
            return None if directory is None else self._taskfiles.get(path)
        return self._read_for(self._taskfiles_away, read_taskfile, path, directory)

    def _justfile(self, path: str, directory: str | None) -> Justfile | None:
        """The justfile that is named."""
        if not directory:
            return None if directory is None else self._justfiles.get(path)
        return self._read_for(self._justfiles_away, read_justfile, path, directory)

    def _read_for(
        self, found: dict[_ReadAt, Found], read: Callable[[str, bytes, str], Found], path: str, directory: str
    ) -> Found | None:
        """The file at `path` as it is run in `directory`, which is read when that is first asked for."""
        place = path, directory
        if place not in found and path in self.files and len(found) < _MOST_NAMED and not directory.startswith(".."):
            found[place] = read(path, self._parts.taken(path), directory)
        return found.get(place)

    @cached_property
    def _parts(self) -> Parts:
        return Parts(self.files)

    @cached_property
    def named(self) -> frozenset[Named]:
        """What commands name to a tool."""
        return named_to_tools(self.files)

    @cached_property
    def _named_makefiles(self) -> Mapping[tuple[str, str], Makefile]:
        """The Makefiles that commands name, by path and by where make runs then."""
        places = sorted(each for named in self.named if named.tool == "make" for each in named.places(self.files))
        return {
            each: read_makefile(each[0], self.files[each[0]], self._parts, each[1]) for each in places[:_MOST_NAMED]
        }

    @cached_property
    def _taskfiles(self) -> Mapping[str, Makefile]:
        """Every Taskfile, by path; those that commands name among them."""
        return {path: read_taskfile(path, self.files[path]) for path in self._paths(TASKFILES, "task")}

    @cached_property
    def _justfiles(self) -> Mapping[str, Justfile]:
        return {path: read_justfile(path, self.files[path]) for path in self._paths(JUSTFILES, "just")}

    def _paths(self, names: Sequence[str], tool: str) -> Iterator[str]:
        named = (path for each in self.named if each.tool == tool for path, _ in each.places(self.files))
        called = (path for name in names for path, _ in files_called(self.files, name))
        return iter(dict.fromkeys((*called, *islice(sorted(named), _MOST_NAMED))))

    def _by_directory(self, names: Sequence[str], read: Mapping[str, Found]) -> Mapping[str, Found]:
        """What of `read` is called so, by directory; of two in one, the later name's."""
        return {dirname(path) or ".": read[path] for name in names for path, _ in files_called(self.files, name)}


def _nearest(found: Mapping[str, Found], directory: str, call: TaskCall | JustCall) -> Found | None:
    """What of `found` lies in `directory`, or where the call names none, in the nearest above it that has one."""
    places = upwards(directory) if call.directory == "." else (directory,)
    return next((found[each] for each in places if each in found), None)


def _goes_on_otherwise(script: Script, told: Script) -> bool:
    """Whether one of the two goes on after a failure at which the other ends, or takes in what may."""
    return script.options != told.options and any(map(_differ, script.commands, told.commands))


def _differ(one: Command, other: Command) -> bool:
    return one.goes_on != other.goes_on or (one.options != other.options and one.words[0] in TAKE_IN)
