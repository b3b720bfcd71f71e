"""The recipes of a Makefile. Each line of one is a script of its own: make gives it a shell of its own."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from posixpath import dirname

from migcheck.scripts.calls import MakeCall
from migcheck.scripts.script import Script

_RULE = re.compile(r"(?P<targets>[^\s#:=][^#:=]*?)\s*::?(?!=)(?P<needs>[^#;=]*)(?:;.*)?(?:#.*)?")
_SETTING = re.compile(r"(?P<name>[\w.-]+)\s*(?:\?|:{1,3})?=\s*(?P<value>[^#]*?)\s*(?:#.*)?")
_REFERENCE = re.compile(r"\$(?:\((?P<round>[\w.-]+)\)|\{(?P<curly>[\w.-]+)\})")
_PREFIX = re.compile(r"[@+\s]*(?P<ignores>-)?[@+\s]*")


@dataclass(frozen=True, slots=True)
class Target:
    """What make does for a target: first what it `needs`, then its lines."""

    needs: tuple[str, ...]
    lines: tuple[Script, ...]


@dataclass(frozen=True)
class Makefile:
    """A Makefile's targets, in their order."""

    directory: str
    targets: Mapping[str, Target]

    @cached_property
    def lines(self) -> tuple[Script, ...]:
        """Every line of every recipe."""
        return tuple(line for target in self.targets.values() for line in target.lines)

    def asked(self, call: MakeCall) -> Iterator[Script]:
        """The lines that `call` has make run."""
        left = list(call.targets or tuple(self.targets)[:1])
        seen: set[str] = set()
        while left:
            name = left.pop(0)
            if name not in seen and name in self.targets:
                seen.add(name)
                left += self.targets[name].needs
                yield from self.targets[name].lines


def read_makefile(path: str, content: bytes) -> Makefile:
    """The Makefile at `path`. What is between its rules is not run: of functions and conditions every branch counts."""
    found: dict[str, Target] = {}
    names: tuple[str, ...] = ()
    settings = {"MAKE": "make"}
    for number, text in _logical_lines(content.decode("utf-8", "replace")):
        if text.startswith("\t"):
            for name in names:
                target = found[name]
                line = _line(path, f"{name}/{len(target.lines)}", number, text, settings)
                found[name] = Target(target.needs, (*target.lines, line))
        elif setting := _SETTING.fullmatch(text):
            settings[setting["name"]] = setting["value"]
        elif rule := _RULE.fullmatch(text):
            names = tuple(each for each in rule["targets"].split() if not each.startswith("."))
            for name in names:
                before = found.get(name, Target((), ()))
                found[name] = Target((*before.needs, *rule["needs"].split()), before.lines)
    return Makefile(dirname(path) or ".", found)


def _line(path: str, name: str, number: int, text: str, settings: Mapping[str, str]) -> Script:
    prefix = _PREFIX.match(text)
    assert prefix is not None
    told = _REFERENCE.sub(
        lambda found: settings.get(found["round"] or found["curly"], "$VARIABLE"), text[prefix.end() :]
    )
    goes_on = "a `-` before it" if prefix["ignores"] else ""
    return Script(path, name, number, told.replace("$$", "$"), dirname(path) or ".", goes_on=goes_on)


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their numbers; one that ends with a backslash goes on in the next."""
    begin, held = 1, ""
    for number, each in enumerate(text.split("\n"), 1):
        begin, held = (begin, f"{held}\n{each}") if held else (number, each)
        if not each.endswith("\\"):
            yield begin, held
            held = ""
