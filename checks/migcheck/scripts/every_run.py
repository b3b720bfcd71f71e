"""Everything that scripts call, those as well that a call alone makes, and shell scripts where they are begun.

A shell script runs where it is called: `cd ..` leads from there.
"""

from collections.abc import Iterable, Iterator, Sequence
from posixpath import dirname

from msgspec import Struct, field
from msgspec.structs import replace

from migcheck.scripts.call_places import CallPlaces
from migcheck.scripts.callees import Callees
from migcheck.scripts.calls import Call, FileCall, ProgramCall
from migcheck.scripts.directories import moved
from migcheck.scripts.images.compose_calls import ComposeCall
from migcheck.scripts.runs import Asked, Run
from migcheck.scripts.script import Key, Script
from migcheck.scripts.shell.command import Command
from migcheck.scripts.tasks.make_calls import MakeCall
from migcheck.scripts.tasks.managers import ScriptCall

_MOST_ROUNDS = 5
"""How often what only a call makes may make more."""
_MOST_BEGINS = 20
"""Directories that one shell script is begun in."""
_FOLLOWED = (FileCall, ProgramCall, ScriptCall, MakeCall, ComposeCall)
_Begin = tuple[Script, str | None]


class EveryRun(Struct):
    """What was found so far."""

    callees: Callees
    places: CallPlaces
    _runs: dict[Key, list[Run]] = field(default_factory=dict)
    _begins: dict[Key, dict[str | None, Script]] = field(default_factory=dict)
    _called: set[Key] = field(default_factory=set)

    def of(self, scripts: Iterable[Script]) -> tuple[Run, ...]:
        """Everything that `scripts` and what they come to call, by script."""
        left = list(self._new((each, each.directory) for each in scripts))
        for _ in range(_MOST_ROUNDS):
            new = [run for each, directory in left for run in self._begun(each, directory)]
            called = [(each, run.directory) for run in new for each in self.callees.of(run)]
            self._called.update(each.key for each, _ in called)
            left = list(self._new(called))
        for key, begins in self._begins.items():
            script = next(iter(begins.values()))
            if self._is_shell(script):
                self._runs.setdefault(key, []).extend(self._in_place(script, tuple(begins)))
        return tuple(self._as_called([run for several in self._runs.values() for run in several]))

    def _new(self, begins: Iterable[_Begin]) -> Iterator[_Begin]:
        """Those of `begins` that are not known. Where a shell script begins first is where most are meant to."""
        for script, directory in begins:
            if script.key not in self._begins:
                self._begins[script.key] = {script.directory: script}
                yield script, script.directory
            known = self._begins[script.key]
            if self._is_shell(script) and directory not in known and len(known) < _MOST_BEGINS:
                known[directory] = script
                yield script, directory

    def _is_shell(self, script: Script) -> bool:
        return script.path in self.callees.read.shells

    def _begun(self, script: Script, directory: str | None) -> Iterator[Run]:
        """What `script` runs where it is begun in `directory`; of a shell script, what leads to other scripts."""
        first = script.key not in self._runs
        found = self._runs.setdefault(script.key, [])
        if not self._is_shell(script):
            new = [run for command in script.commands for run in self._calls(script, command, directory)]
        else:
            calls = (run for command in script.commands for run in self._calls(script, command, directory))
            new = [each for each in calls if isinstance(each.call, _FOLLOWED)]
            known = set() if first else {self._leads_to(each) for each in found}
            new = new if first else [each for each in new if self._leads_to(each) not in known]
        found += new
        yield from new

    def _leads_to(self, run: Run) -> object:
        """What tells a run of a command from others that it may be, begun elsewhere."""
        if isinstance(run.call, FileCall | ProgramCall):
            return run.command.line, run.command.words, run.named(run.call)
        return run.command.line, run.command.words, frozenset(each.key for each in self.callees.of(run))

    def _calls(self, script: Script, command: Command, directory: str | None) -> Iterator[Run]:
        begun = script if directory == script.directory else replace(script, directory=directory)
        here = moved(directory, command.directory)
        for call in begun.calls(command):
            for place in self.places.of(call, command, here):
                yield self._run(script, command, call, place)

    def _run(self, script: Script, command: Command, call: Call, place: str | None) -> Run:
        return Run(script, command, call, place, self.places.by_config(call, place), self.places.variable(call, place))

    def _in_place(self, script: Script, begins: Sequence[str | None]) -> Iterator[Run]:
        """What else a shell script calls, where that is of interest: of the directories that it is begun in, in one."""
        called = script.key in self._called
        several = (*begins[1:], script.directory) if called else (script.directory, dirname(script.path) or ".")
        for command in script.commands:
            heres = [moved(each, command.directory) for each in several]
            if not called:
                # Where nobody calls it, nobody knows what is above.
                heres = [None if each is not None and each.startswith("..") else each for each in heres]
            for call in script.calls(command):
                if not isinstance(call, _FOLLOWED):
                    found = (place for here in heres for place in self.places.of(call, command, here))
                    yield from (self._run(script, command, call, each) for each in self.places.best(call, found))

    def _as_called(self, runs: Sequence[Run]) -> Sequence[Run]:
        """`runs` without those of scripts that are only called in a way of their own, or by scripts like that."""
        replaced = {each.script.origin for each in runs if each.script.instead is not None}
        replaced -= {run.script.key for run in runs if run.script.started_by is not None}
        if not replaced:
            return runs
        asked = dict[Key, dict[Asked, Run]]()
        for run in runs:
            asked.setdefault(run.script.key, {})[run.asked] = run
        left = [each for each in asked if each not in replaced]
        for key in left:
            called = {each.key for run in asked.pop(key, {}).values() for each in self.callees.of(run)}
            left += replaced & called
            replaced -= called
        return [each for each in runs if each.script.key not in replaced]
