"""From what a command calls to the scripts that are run for it, and back: who calls what."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from posixpath import basename, dirname

from msgspec import Struct, field
from msgspec.structs import replace

from migcheck.scripts.calls import TAKE_IN, ActionCall, Call, FileCall, ProgramCall
from migcheck.scripts.file_names import ACTIONS
from migcheck.scripts.images.compose_calls import ComposeCall
from migcheck.scripts.read_scripts import ScriptFiles
from migcheck.scripts.runs import Asked, Run
from migcheck.scripts.script import Key, Script
from migcheck.scripts.shell.command import Command, ShellOptions
from migcheck.scripts.tasks.chosen import directories
from migcheck.scripts.tasks.make_calls import MakeCall
from migcheck.scripts.tasks.managers import RunIn, ScriptCall
from migcheck.scripts.tasks.packages import Packages

_MOST = 5_000
"""Scripts that are called in a stricter shell than their own."""


class Callees(Struct, dict=True):
    """The scripts of the files that were `read`, for who calls them."""

    read: ScriptFiles
    _followed: dict[Asked, tuple[Script, ...]] = field(default_factory=dict)
    _others: dict[tuple[Key, ShellOptions], Script] = field(default_factory=dict)

    def of(self, run: Run) -> tuple[Script, ...]:
        """The scripts that `run` runs."""
        # One can come to every package of a repository, so each is followed once.
        asked = run.asked
        if asked not in self._followed:
            self._followed[asked] = tuple(self._called(each, run.call) for each in self._follow(run))
        return self._followed[asked]

    def _called(self, script: Script, call: Call) -> Script:
        """`script` as `call` has it run, under a name of its own where a stricter shell has it end at a failure."""
        if not isinstance(call, FileCall):
            return script
        told = replace(script, options=script.options.stricter_by(call.options))
        if not _goes_on_otherwise(script, told) or len(self._others) >= _MOST:
            return script
        name = f"{script.name} given {len(self._others)}"
        other = replace(told, name=name, instead=script.origin[1], started_by=None)
        return self._others.setdefault((script.key, told.options), other)

    def _follow(self, run: Run) -> Iterator[Script]:
        directory = run.directory
        match run.call:
            case ScriptCall() as call:
                yield from self._of_packages(call, directory)
            case MakeCall() as call:
                yield from self.read.makefiles.asked(call, directory)
            case ComposeCall() as call:
                yield from self.read.composes.asked(call, directory)
            case FileCall() | ProgramCall() as call:
                yield from self.read.shell(run.named(call), placed=directory is not None)
            case ActionCall(directory=place):
                yield from self._actions.get(place, ())
            case _:
                pass

    def _of_packages(self, call: ScriptCall, directory: str | None) -> Iterator[Script]:
        packages = self.read.nx if call.nx else self.read.packages
        if call.packages and not (call.every and directory in (".", None)):
            yield from self._filtered(call, directory, packages)
        else:
            tasks = list(self.read.deno.asked(call, directory)) if call.deno else []
            yield from tasks or packages.asked(call, directory)
        if call.turbo:
            yield from self.read.turbo.before(call, directory)

    def _filtered(self, call: ScriptCall, directory: str | None, packages: Packages) -> Iterator[Script]:
        """The scripts of each package that the filters of `call` choose."""
        for place in directories(RunIn(packages=call.packages), directory, packages.by_directory):
            if place is not None:
                asked = ScriptCall(call.names, hooks=call.hooks, arguments=call.arguments)
                yield from packages.asked(asked, place)

    @cached_property
    def _actions(self) -> Mapping[str, list[Script]]:
        """The steps of each action, by its directory."""
        found: dict[str, list[Script]] = {}
        for each in self.read.all:
            if basename(each.path) in ACTIONS:
                found.setdefault(dirname(each.path), []).append(each)
        return found


def _goes_on_otherwise(script: Script, told: Script) -> bool:
    """Whether one of the two goes on after a failure at which the other ends, or takes in what may."""
    return script.options != told.options and any(map(_differ, script.commands, told.commands))


def _differ(one: Command, other: Command) -> bool:
    return one.goes_on != other.goes_on or (one.options != other.options and one.words[0] in TAKE_IN)


class Network(Struct, dict=True):
    """The `runs` of scripts, and what they come to."""

    runs: tuple[Run, ...]
    callees: Callees

    @cached_property
    def users(self) -> Mapping[Asked, list[Run]]:
        """The runs that ask each thing."""
        found: dict[Asked, list[Run]] = {}
        for run in self.runs:
            found.setdefault(run.asked, []).append(run)
        return found

    @cached_property
    def callers(self) -> Mapping[Key, list[Asked]]:
        """What asks for each script."""
        found: dict[Key, list[Asked]] = {}
        for asked, runs in self.users.items():
            for each in self.callees.of(runs[0]):
                found.setdefault(each.key, []).append(asked)
        return found
