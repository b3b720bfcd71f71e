"""Who calls what, and along that the ways to each script: from what begins without a person."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from msgspec import Struct, field

from migcheck.scripts.arms import argument_of
from migcheck.scripts.callees import Callees
from migcheck.scripts.function_calls import Choice
from migcheck.scripts.functions import Functions, Needs
from migcheck.scripts.reach import Reached, Starter
from migcheck.scripts.runs import Asked, Run, further
from migcheck.scripts.script import Key, Script

_MOST_ARGUMENTS = 100
"""With which a script is called; where there are more, it may be called with any."""


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

    def argument(self, run: Run, script: Script) -> str | None:
        """The first argument that `run` gives `script`, which it calls; None where nobody can tell."""
        # What a package.json or a Makefile runs may be given more by who calls that.
        whole = run.script.is_file or run.script.started_by is Starter.CI
        return argument_of(run.command.words, script.path, whole=whole)

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
    def by_script(self) -> Mapping[Key, list[Run]]:
        """The runs of each script."""
        found: dict[Key, list[Run]] = {}
        for run in self.runs:
            found.setdefault(run.script.key, []).append(run)
        return found

    @cached_property
    def waiting(self) -> Mapping[Choice, list[Run]]:
        """The runs that need one of several choices, by each of them."""
        found: dict[Choice, list[Run]] = {}
        for run in self.runs:
            for each in self.needs(run) or ():
                found.setdefault(each, []).append(run)
        return found

    def is_chosen_from(self, script: Script) -> bool:
        """Whether callers of `script` may choose anything."""
        return (script.key, False) in self._choices or (script.origin, True) in self._choices

    def choices(self, script: Script) -> Sequence[Choice]:
        """What callers of `script` may choose."""
        return (*self._choices.get((script.key, False), ()), *self._choices.get((script.origin, True), ()))

    @cached_property
    def _choices(self) -> Mapping[tuple[Key, bool], list[Choice]]:
        found: dict[tuple[Key, bool], list[Choice]] = {}
        for each in self.waiting:
            found.setdefault((each.key, each.by_any), []).append(each)
        return found

    @cached_property
    def _functions(self) -> Functions:
        return Functions(self.scripts)


class _Arrival(Struct, frozen=True):
    """That a script is come to by a way, and the first argument that it gets; None where nobody can tell."""

    script: Script
    way: Reached
    argument: str | None = None


class Ways(Struct):
    """The ways to scripts, as far as they were `found`, shortest first."""

    network: Network
    found: dict[Key, Reached] = field(default_factory=dict)
    _chosen: dict[Choice, Reached] = field(default_factory=dict)
    _arguments: dict[Key, set[tuple[str | None, bool]]] = field(default_factory=dict)
    _followed: set[int] = field(default_factory=set)

    def to(self, run: Run) -> Reached | None:
        """The way to `run`; None where nobody comes to it."""
        way, needs = self.found.get(run.script.key), self.network.needs(run)
        if way is None or needs is None:
            return None if way is None else further(way, run)
        own = [self._chosen[each] for each in needs if each in self._chosen and each.key == run.script.key]
        best = min(own, key=lambda each: (each.own_database, len(each.steps)), default=way)
        return further(best, run) if own or any(each in self._chosen for each in needs) else None

    def spread(self, begin: Iterable[Script]) -> None:
        """Go on from what `begin` is, where somebody does, to all that it comes to."""
        asked = set[Asked]()
        left = [
            _Arrival(each, Reached(each.started_by, (), each.own_database, each.given))
            for each in begin
            if each.started_by
        ]
        while left:
            left = [each for run, way in self._come_to(left) for each in self._further(run, way, asked)]

    def _further(self, run: Run, way: Reached, asked: set[Asked]) -> Iterator[_Arrival]:
        first = run.asked not in asked
        asked.add(run.asked)
        # One can come to every package of a repository, so each is followed once, for all but its argument.
        for script in self.network.callees.of(run):
            if first or self.network.is_chosen_from(script):
                yield _Arrival(script, way, self.network.argument(run, script))

    def _come_to(self, arrivals: Iterable[_Arrival]) -> Iterator[tuple[Run, Reached]]:
        """The runs that nobody came to before, each with the way to it."""
        for run in (run for each in arrivals for run in self._opened(each)):
            way = self.to(run) if id(run) not in self._followed else None
            if way is not None:
                self._followed.add(id(run))
                yield run, way

    def _opened(self, arrival: _Arrival) -> Iterator[Run]:
        """The runs that `arrival` may be the first to come to."""
        key = arrival.script.key
        opened = list(self._choose(arrival))
        runs = [] if key in self.found else self.network.by_script.get(key, [])
        self.found.setdefault(key, arrival.way)
        yield from runs
        yield from (run for each in opened for run in self.network.waiting[each])

    def _choose(self, arrival: _Arrival) -> Iterator[Choice]:
        """What `arrival` chooses that nobody chose before, or only on a way past a database of its own."""
        key, own = arrival.script.key, arrival.way.own_database
        known = self._arguments.setdefault(key, set())
        argument = arrival.argument if len(known) < _MOST_ARGUMENTS else None
        if (argument, own) in known or not self.network.is_chosen_from(arrival.script):
            return
        known.add((argument, own))
        for each in self.network.choices(arrival.script):
            before = self._chosen.get(each)
            if (before is None or (before.own_database and not own)) and each.arm.may_be_chosen(argument):
                self._chosen[each] = arrival.way
                yield each


def ways_from(begin: Iterable[Script], network: Network) -> Ways:
    """The ways from what `begin` is. One past a database of its own is only where there is no other."""
    found, several = Ways(network), list(begin)
    for own in (False, True):
        found.spread(each for each in several if each.own_database is own)
    return found
