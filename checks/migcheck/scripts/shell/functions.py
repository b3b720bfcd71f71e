"""Functions of shell scripts: what stands in one is run where it is called, and by whom that is called.

Where that cannot be told, a function counts as called.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from posixpath import basename

from msgspec import Struct, field
from msgspec.structs import replace

from migcheck.regex import regex
from migcheck.scripts.script import Key, Script
from migcheck.scripts.shell.command import Command
from migcheck.scripts.shell.function_calls import ANY, Choice, Within, calls_in, place_of

_TAKES_IN = regex(r"(?:^|(?<=[\s;&|({\"'`]))(?:\.|source)[ \t]+(?P<what>[^\n;&|]{1,200})")
_NAME = regex(r"[\w-]+")
_MOST = 1_000
_MOST_CHOICES = 100
"""Items of a `case` that one function is called from; one that is called from more counts as called."""
Needs = frozenset[Choice] | None
"""The items of which one has to be chosen for something to be run: where there are none, it never is.

None where nothing has to be chosen.
"""
NOBODY: Needs = frozenset()


class Functions(Struct, dict=True):
    """The functions of `scripts`, for who wants to know whether one is called."""

    scripts: tuple[Script, ...]
    _known: dict[Key, Mapping[str, Needs]] = field(default_factory=dict)

    def needs(self, command: Command, script: Script) -> Needs:
        """What has to be chosen for `command` of `script` to be run, in it or in a script that takes it in."""
        place = place_of(command, script)
        called = self._called(place.function, script) if place.function else None
        called = called and frozenset(_of(each, script) for each in called)
        return called if place.choice is None or called == NOBODY else frozenset((place.choice,))

    def _called(self, name: str, script: Script) -> Needs:
        if _NAME.fullmatch(name) is None:
            return None
        if script.origin not in self._known:
            together = tuple(self._together(self._written.get(script.origin, script)))
            known = _needed(together)
            self._known.update((each.key, known) for each in together)
        return self._known[script.origin].get(name, NOBODY)

    def _together(self, script: Script) -> Iterator[Script]:
        left, seen = [script], {script.key}
        while left:
            each = left.pop()
            yield each
            new = {found.key: found for found in self._beside.get(each.key, ()) if found.key not in seen}
            seen |= new.keys()
            left += new.values()

    @cached_property
    def _beside(self) -> Mapping[Key, list[Script]]:
        """Which scripts each takes in, and which take it in."""
        found: dict[Key, list[Script]] = {}
        shells: dict[str, list[Script]] = {}
        for each in self.scripts:
            if each.is_file:
                shells.setdefault(basename(each.path), []).append(each)
        for each in self.scripts:
            for taken in _taken_in(each.text, shells):
                found.setdefault(each.key, []).append(taken)
                found.setdefault(taken.key, []).append(each)
        return found

    @cached_property
    def _written(self) -> Mapping[Key, Script]:
        return {each.key: each for each in self.scripts}


def _of(choice: Choice, script: Script) -> Choice:
    """`choice` for what runs in `script`: of that, as it is called, or of another, in whatever way that is."""
    return replace(choice, key=script.key) if choice.key == script.origin else choice


def takes_in(text: str) -> bool:
    """Whether the script `text` may take in another (`. ./lib`)."""
    return _TAKES_IN.search(text) is not None


def _taken_in(text: str, shells: Mapping[str, list[Script]]) -> list[Script]:
    """The scripts that `text` may take in: where only running tells which, any."""
    whats = (each["what"].strip("\"' \t") for each in _TAKES_IN.finditer(text))
    names = {re.split(r"[\s\"']", basename(each), maxsplit=1)[0] for each in whats}
    told = shells if any("$" in each or "*" in each for each in names) else names & shells.keys()
    return [each for name in told for each in shells[name]][:_MOST]


def _needed(scripts: Sequence[Script]) -> Mapping[str, Needs]:
    """What each function of `scripts`, which are run together, needs to be called. Whose name is missing, never is."""
    functions = frozenset(each.function for script in scripts for each in script.commands if each.function)
    found: dict[str, Needs] = {}
    # What is called by the name that a variable has may be any.
    calls: dict[str, set[str]] = {ANY: set(functions)}
    left = list[str]()
    for place, names in (each for script in scripts for each in calls_in(script, functions)):
        if place.function:
            calls.setdefault(place.function, set()).update(names)
        else:
            left += _grown(found, names, _of_place(place))
    while left:
        name = left.pop()
        left += _grown(found, calls.get(name, ()), found[name])
    return found


def _of_place(place: Within) -> Needs:
    return None if place.choice is None else frozenset((place.choice,))


def _grown(found: dict[str, Needs], names: Iterable[str], needs: Needs) -> Iterator[str]:
    """Those of `names` that may be called by more than was `found`, once `needs` are added to that."""
    for name in names:
        known = found.get(name, NOBODY)
        if known is None or (needs is not None and needs <= known):
            continue
        both = None if needs is None else known | needs
        found[name] = None if both is None or len(both) > _MOST_CHOICES else both
        yield name
