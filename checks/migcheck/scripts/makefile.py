"""The recipes of a Makefile. Each line of one is a script of its own: make gives it a shell of its own."""

import re
from collections.abc import Iterator, Mapping
from posixpath import dirname

from msgspec import Struct, field

from migcheck.scripts.calls import MakeCall
from migcheck.scripts.script import Script

_MOST_TARGETS = 50
# Blanks are cut off afterwards: a pattern that leaves them out looks for them again at each of them.
_RULE = re.compile(r"(?P<targets>[^\s#:=][^#:=]*)::?(?!=)(?P<needs>[^#;=]*)(?:;.*)?(?:#.*)?")
_SETTING = re.compile(r"(?P<name>[\w.-]+)\s*(?:\?|:{1,3})?=(?P<value>[^#]*)(?:#.*)?")
_REFERENCE = re.compile(r"\$(?:\((?P<round>[\w.-]+)\)|\{(?P<curly>[\w.-]+)\})")
_PREFIX = re.compile(r"[@+\s]*(?P<ignores>-)?[@+\s]*")


class Target(Struct):
    """What make does for a target: first what it `needs`, then its lines."""

    needs: dict[str, None] = field(default_factory=dict)
    lines: list[Script] = field(default_factory=list)


class Makefile(Struct, frozen=True):
    """A Makefile's targets, in their order."""

    directory: str
    targets: Mapping[str, Target]

    @property
    def lines(self) -> Iterator[Script]:
        """Every line of every recipe, those of several targets once."""
        found = {line.key: line for target in self.targets.values() for line in target.lines}
        return iter(found.values())

    def asked(self, call: MakeCall) -> Iterator[Script]:
        """The lines that `call` has make run."""
        left = list(call.targets or tuple(self.targets)[:1])
        seen: set[str] = set()
        while left:
            name = left.pop()
            if name not in seen and name in self.targets:
                seen.add(name)
                left += self.targets[name].needs
                yield from self.targets[name].lines


def read_makefile(path: str, content: bytes) -> Makefile:
    """The Makefile at `path`. Of its conditions every branch counts, and its functions are not run."""
    found: dict[str, Target] = {}
    current: list[Target] = []
    settings = {"MAKE": "make"}
    for number, text in _logical_lines(content.decode("utf-8", "replace")):
        if text.startswith("\t"):
            line = _line(path, number, text, settings)
            for target in current:
                target.lines.append(line)
        elif setting := _SETTING.fullmatch(text):
            settings[setting["name"]] = setting["value"].strip()
        elif rule := _RULE.fullmatch(text):
            names = [each for each in rule["targets"].split() if not each.startswith(".")][:_MOST_TARGETS]
            current = [found.setdefault(name, Target()) for name in names]
            for target in current:
                target.needs |= dict.fromkeys(rule["needs"].split())
    return Makefile(dirname(path) or ".", found)


def _line(path: str, number: int, text: str, settings: Mapping[str, str]) -> Script:
    prefix = _PREFIX.match(text)
    assert prefix is not None
    told = _REFERENCE.sub(
        lambda found: settings.get(found["round"] or found["curly"], "$VARIABLE"), text[prefix.end() :]
    )
    goes_on = "a `-` before it" if prefix["ignores"] else ""
    return Script(path, str(number), number, told.replace("$$", "$"), dirname(path) or ".", goes_on=goes_on)


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their numbers; one that ends with a backslash goes on in the next."""
    begin, held = 1, list[str]()
    for number, each in enumerate(text.split("\n"), 1):
        begin = begin if held else number
        held.append(each)
        if not each.endswith("\\"):
            yield begin, "\n".join(held)
            held.clear()
