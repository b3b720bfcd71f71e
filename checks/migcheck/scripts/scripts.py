"""Everything a project runs: from what begins without a person, along what calls what, to what is run in the end."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from posixpath import basename, dirname, join, normpath

from migcheck.drizzle.config_file import is_config_name
from migcheck.scripts.calls import ActionCall, Call, FileCall, MakeCall, calls_of
from migcheck.scripts.command import Command
from migcheck.scripts.configs import Configs
from migcheck.scripts.databases import is_local
from migcheck.scripts.file_names import PACKAGE
from migcheck.scripts.managers import ScriptCall
from migcheck.scripts.reach import Reached, Step
from migcheck.scripts.read_scripts import ScriptFiles
from migcheck.scripts.script import Script
from migcheck.scripts.sources import is_run_as

# What a script needs to go on after a failure. In a package.json nothing but a script has these.
_IN_PACKAGE = re.compile(rb"\|\||;|(?<!&)&(?!&)|(?<!\|)\|(?!\|)")
_IN_YAML = re.compile(rb"\|\||;|&|\|[ \t]*\w|continue-on-error|allow_failure|set \+")
_ANYWHERE = re.compile(rb"")
_NOWHERE = re.compile(rb"(?!)")


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

    def may_ignore_failure(self) -> bool:
        """Whether anything could go on where it fails: a glance, before anything is parsed."""
        return any(_sign_in(path).search(content) for path, content in self.files.items())

    @cached_property
    def configs(self) -> Configs:
        """The drizzle.configs."""
        return Configs(self.files, self.folder, self.folders)

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        """Everything that every script calls."""
        return tuple(
            Run(script, command, call)
            for script in self._read.all
            for command in script.commands
            for call in calls_of(command.words)
        )

    def reach(self, run: Run) -> Reached | None:
        """How `run` comes to be run without a person; None where a person has to."""
        way = self._ways.get((run.script.path, run.script.name))
        return None if way is None else _further(way, run.script, run.command)

    def reached(self, path: str) -> Reached | None:
        """How the source file at `path`, or what is compiled of it, comes to be run without a person."""
        ways = (self.reach(run) for run in self.runs_of(path))
        found = [each for each in ways if each is not None]
        return min(found, key=lambda each: each.own_database, default=None)

    def runs_of(self, path: str) -> Iterator[Run]:
        """Every command that runs the source file at `path`, or what is compiled of it."""
        package = self._read.packages.around(path)
        for run in self.runs:
            if isinstance(run.call, FileCall) and is_run_as(path, self._named(run, run.call), package):
                yield run

    def package_of(self, path: str) -> str | None:
        """The directory of the package that `path` lies in; None where it lies in none."""
        package = self._read.packages.around(path)
        return None if package is None else package.directory

    def directory_of(self, run: Run) -> str | None:
        """Where the command of `run` runs, from the root; None where only running it tells."""
        return _below(run.script.directory, run.command.directory)

    def called(self, run: Run) -> Iterator[Script]:
        """The scripts that `run` runs."""
        match run.call:
            case ScriptCall() as call:
                yield from self._read.packages.asked(call, self.directory_of(run))
            case MakeCall() as call:
                place = _below(self.directory_of(run), call.directory)
                made = self._read.makefiles.get(place or ".")
                yield from made.asked(call) if made is not None else ()
            case FileCall() as call:
                yield from self._shell(self._named(run, call))
            case ActionCall(directory=directory):
                yield from self._actions.get(directory, ())
            case _:
                pass

    def leads(self, run: Run, wanted: Callable[[Run], bool]) -> bool:
        """Whether `run` is what is wanted, or runs scripts that come to it."""
        left, seen = [run], set[tuple[str, str]]()
        while left:
            each = left.pop()
            if wanted(each):
                return True
            for script in self.called(each):
                key = script.path, script.name
                if key not in seen:
                    seen.add(key)
                    left += self._by_script.get(key, ())
        return False

    def _named(self, run: Run, call: FileCall) -> str:
        """The path of the file that is run: from the root, or as an image or an unknown directory has it."""
        directory = self.directory_of(run)
        return call.path if directory is None else normpath(join(directory, call.path))

    def _shell(self, path: str) -> Iterator[Script]:
        """The shell script at `path`; where an image has it elsewhere, the only one of that name."""
        named = [each for each in self._read.shells if basename(each) == basename(path)]
        found = path if path in self._read.shells else named[0] if len(named) == 1 else None
        if found is not None:
            yield self._read.shells[found]

    @cached_property
    def _read(self) -> ScriptFiles:
        return ScriptFiles(self.files)

    @cached_property
    def _actions(self) -> Mapping[str, list[Script]]:
        """The steps of each action, by its directory."""
        found: dict[str, list[Script]] = {}
        for each in self._read.all:
            if basename(each.path) in ("action.yml", "action.yaml"):
                found.setdefault(dirname(each.path), []).append(each)
        return found

    @cached_property
    def _by_script(self) -> Mapping[tuple[str, str], list[Run]]:
        found: dict[tuple[str, str], list[Run]] = {}
        for run in self.runs:
            found.setdefault((run.script.path, run.script.name), []).append(run)
        return found

    @cached_property
    def _ways(self) -> Mapping[tuple[str, str], Reached]:
        """The shortest way to each script; one past a database of its own only where there is no other."""
        begin = [each for each in self._read.all if each.entry is not None]
        found: dict[tuple[str, str], Reached] = {}
        for own in (False, True):
            self._follow([each for each in begin if each.own_database is own], found)
        return found

    def _follow(self, begin: Iterable[Script], found: dict[tuple[str, str], Reached]) -> None:
        left = [(each, Reached(each.entry, (), each.own_database)) for each in begin if each.entry is not None]
        while left:
            following = []
            for script, way in left:
                key = script.path, script.name
                if key not in found:
                    found[key] = way
                    runs = self._by_script.get(key, ())
                    following += [
                        (each, _further(way, script, run.command)) for run in runs for each in self.called(run)
                    ]
            left = following


def _further(way: Reached, script: Script, command: Command) -> Reached:
    """`way`, and from there on `command`."""
    step = Step(script.at(command), str(command))
    return Reached(way.entry, (*way.steps, step), way.own_database or script.own_database or is_local(command))


def _below(directory: str | None, inner: str | None) -> str | None:
    if directory is None or inner is None:
        return None
    return normpath(join(directory, inner))


def _sign_in(path: str) -> re.Pattern[bytes]:
    name = basename(path)
    if is_config_name(name):
        return _NOWHERE
    return _IN_PACKAGE if name == PACKAGE else _IN_YAML if name.endswith((".yml", ".yaml")) else _ANYWHERE
