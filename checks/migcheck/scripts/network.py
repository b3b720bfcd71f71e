"""Who calls what, and what has to be chosen for that."""

from collections.abc import Mapping
from functools import cached_property

from msgspec import Struct, field

from migcheck.scripts.callees import Callees
from migcheck.scripts.reach import Starter
from migcheck.scripts.runs import Asked, Run
from migcheck.scripts.script import Key, Script
from migcheck.scripts.shell.arms import argument_of
from migcheck.scripts.shell.function_calls import Choice
from migcheck.scripts.shell.functions import Functions, Needs


class Network(Struct, dict=True):
    """The `runs` of `scripts`, and what they come to."""

    runs: tuple[Run, ...]
    scripts: tuple[Script, ...]
    callees: Callees
    _needs: dict[object, Needs] = field(default_factory=dict)

    def needs(self, run: Run) -> Needs:
        """What has to be chosen for `run`, by who calls its script. Whose script begins by itself needs nobody."""
        asked = run.script.key, run.command.function, run.command.arm
        if asked not in self._needs:
            found = self._functions.needs(run.command, run.script)
            self._needs[asked] = None if found and run.script.started_by is not None else found
        return self._needs[asked]

    def argument(self, run: Run, path: str) -> str | None:
        """The first argument that `run` gives the script at `path`, which it calls; None where nobody can tell."""
        # What a package.json or a Makefile runs may be given more by who calls that.
        whole = run.script.is_file or run.script.started_by is Starter.CI
        return argument_of(run.command.words, path, whole=whole)

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

    @cached_property
    def apart(self) -> frozenset[Choice]:
        """What has to be chosen of another script than the one that needs it."""
        needed = ((run.script.key, each) for run in self.runs for each in self.needs(run) or ())
        return frozenset(each for key, each in needed if each.key != key)

    @cached_property
    def choosing(self) -> Mapping[Key, list[Asked]]:
        """What asks for each script that is written in a file, in whatever way that is called."""
        found: dict[Key, list[Asked]] = {}
        for asked, runs in self.users.items():
            for each in {each.origin for each in self.callees.of(runs[0])}:
                found.setdefault(each, []).append(asked)
        return found

    @cached_property
    def begun(self) -> frozenset[Key]:
        """The scripts that begin by themselves."""
        return frozenset(each.key for each in self.scripts if each.started_by is not None)

    @cached_property
    def _functions(self) -> Functions:
        return Functions(self.scripts)
