"""Everything a project runs: from what begins without a person, along what calls what, to what is run in the end."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from posixpath import basename, join, normpath

from migcheck.scripts.calls import Call, calls_of
from migcheck.scripts.command import Command
from migcheck.scripts.configs import Configs
from migcheck.scripts.databases import is_local_url, names_a_database
from migcheck.scripts.managers import ScriptCall
from migcheck.scripts.packages import FILE as PACKAGE_FILE
from migcheck.scripts.packages import Packages, read_package
from migcheck.scripts.reach import Reached, Step
from migcheck.scripts.script import Script
from migcheck.scripts.workflows import read_workflow

PATTERNS = ("**/package.json", ".github/workflows/*.yml", ".github/workflows/*.yaml")
"""The files that say what is run, as git's globs from the top."""


@dataclass(frozen=True, slots=True)
class Run:
    """One thing that a command of a script calls."""

    script: Script
    command: Command
    call: Call


@dataclass(frozen=True)
class Scripts:
    """What `files` say is run. `folder` is the migrations folder, `folders` are all there are."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    folder: str = ""
    folders: frozenset[str] = frozenset()

    def mentions(self, *words: str) -> bool:
        """Whether one file holds all of `words`: where none does, nothing has to be parsed."""
        wanted = [each.encode() for each in words]
        return any(all(each in content for each in wanted) for content in self.files.values())

    @cached_property
    def configs(self) -> Configs:
        """The drizzle.configs."""
        return Configs(self.files, self.folder, self.folders)

    @cached_property
    def packages(self) -> Packages:
        """The package.json files."""
        read = (read_package(path, content) for path, content in self.files.items() if basename(path) == PACKAGE_FILE)
        return Packages({each.directory: each for each in read if each is not None})

    @cached_property
    def all(self) -> tuple[Script, ...]:
        """Every script."""
        of_packages = (each for package in self.packages.by_directory.values() for each in package.scripts.values())
        return (*of_packages, *self._workflows)

    @cached_property
    def _workflows(self) -> tuple[Script, ...]:
        files = ((path, content) for path, content in self.files.items() if path.startswith(".github/"))
        return tuple(each for path, content in files for each in read_workflow(path, content))

    def runs(self) -> Iterator[Run]:
        """Everything that every script calls."""
        for script in self.all:
            for command in script.commands:
                for call in calls_of(command.words):
                    yield Run(script, command, call)

    def reach(self, run: Run) -> Reached | None:
        """How `run` comes to be run without a person; None where a person has to."""
        way = self._ways.get((run.script.path, run.script.name))
        if way is None:
            return None
        step = Step(run.script.at(run.command), str(run.command))
        own = way.own_database or run.script.own_database or _has_local_url(run.command)
        return Reached(way.entry, (*way.steps, step), own)

    def directory_of(self, run: Run) -> str | None:
        """Where the command of `run` runs, from the root; None where only running it tells."""
        return _below(run.script.directory, run.command.directory)

    @cached_property
    def _ways(self) -> Mapping[tuple[str, str], Reached]:
        """The shortest way to each script, one past a database of its own only where there is no other."""
        begin = [each for each in self.all if each.entry is not None]
        found: dict[tuple[str, str], Reached] = {}
        for own in (False, True):
            self._follow([each for each in begin if each.own_database is own], found)
        return found

    def _follow(self, begin: Iterable[Script], found: dict[tuple[str, str], Reached]) -> None:
        left = [(each, Reached(each.entry, (), each.own_database)) for each in begin if each.entry is not None]
        while left:
            following = []
            for script, way in left:
                if (script.path, script.name) in found:
                    continue
                found[script.path, script.name] = way
                for command in script.commands:
                    step = Step(script.at(command), str(command))
                    own = way.own_database or script.own_database
                    next_way = Reached(way.entry, (*way.steps, step), own)
                    following += [(each, next_way) for each in self.called(script, command)]
            left = following

    def called(self, script: Script, command: Command) -> Iterator[Script]:
        """The scripts that one of the commands of `script` runs."""
        directory = _below(script.directory, command.directory)
        for call in calls_of(command.words):
            match call:
                case ScriptCall():
                    yield from self.packages.asked(call, directory)
                case _:
                    pass


def _below(directory: str | None, inner: str | None) -> str | None:
    if directory is None or inner is None:
        return None
    return normpath(join(directory, inner))


def _has_local_url(command: Command) -> bool:
    return any(names_a_database(name) and is_local_url(value) for name, value in command.settings)
