"""Functions of shell scripts that nobody calls: what stands in them is not run.

Where that cannot be told, a function counts as called.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from posixpath import basename

from msgspec import Struct

from migcheck.regex import regex
from migcheck.scripts.command import Command
from migcheck.scripts.script import Key, Script

_TAKES_IN = regex(r"(?:^|(?<=[\s;&|({\"'`]))(?:\.|source)[ \t]+(?P<what>[^\n;&|]{1,200})")
# What they are told is no function's name.
_TOOLS = frozenset(("echo", "printf", "git", "npx", "npm", "pnpm", "yarn", "bun", "bunx", "docker", "drizzle-kit"))
_RUN_WORDS = frozenset(("eval", "exec", "command", "builtin", "time", "trap", "env", "sudo", "xargs", "nohup", "bash"))
_NAME = regex(r"[\w-]+")
# What begins a command, whatever the grammar made of it.
_AT_ONCE = regex(
    r"(?:^|[;&|({!`]|\b(?:then|do|else|if|while|until|time)\b)[ \t]*(?=(?P<name>[\w-]{1,100})(?![\w-]|[ \t]*\())",
    re.MULTILINE,
)
_ANY = "$"
_MOST = 1_000


class Functions(Struct, frozen=True, dict=True):
    """The functions of `scripts`, for who wants to know whether one is called."""

    scripts: tuple[Script, ...]

    def is_called(self, name: str, script: Script) -> bool:
        """Whether the function `name` of `script` may be called, in it or in a script that is run together with it."""
        if script.key not in self._known:
            self._known[script.key] = frozenset().union(*map(_called, self._together(script)))
        called = self._known[script.key]
        return name in called or _ANY in called or _NAME.fullmatch(name) is None

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
            if not each.name:
                shells.setdefault(basename(each.path), []).append(each)
        for each in self.scripts:
            for taken in _taken_in(each.text, shells):
                found.setdefault(each.key, []).append(taken)
                found.setdefault(taken.key, []).append(each)
        return found

    @cached_property
    def _known(self) -> dict[Key, frozenset[str]]:
        return {}


def _taken_in(text: str, shells: Mapping[str, list[Script]]) -> list[Script]:
    """The scripts that `text` may take in: where only running tells which, any."""
    whats = (each["what"].strip("\"' \t") for each in _TAKES_IN.finditer(text))
    names = {re.split(r"[\s\"']", basename(each), maxsplit=1)[0] for each in whats}
    told = shells if any("$" in each or "*" in each for each in names) else names & shells.keys()
    return [each for name in told for each in shells[name]][:_MOST]


def _called(script: Script) -> frozenset[str]:
    """The names of functions that `script` may call: `_ANY` stands for all."""
    found = {each["name"] for each in _AT_ONCE.finditer(script.text)}
    for each in script.commands:
        found |= _called_by(each)
    return frozenset(found)


def _called_by(command: Command) -> set[str]:
    """What `command` may call, hands the name of on, or only running tells."""
    program, *others = command.words
    if "$" in program or (program in _RUN_WORDS and any("$" in each for each in others)):
        return {_ANY}
    handed_on = others if program not in _TOOLS else ()
    return {program, *(name for each in handed_on for name in _NAME.findall(each))}
