"""Which functions a shell script may call, and from where in it."""

from collections.abc import Collection, Iterator, Mapping

from msgspec import Struct

from migcheck.regex import regex
from migcheck.scripts.script import Key, Script
from migcheck.scripts.shell.arms import Arm
from migcheck.scripts.shell.command import Command

# What they are told is no function's name.
_TOOLS = frozenset(("echo", "printf", "git", "npx", "npm", "pnpm", "yarn", "bun", "bunx", "docker", "drizzle-kit"))
_RUN_WORDS = frozenset(("eval", "exec", "command", "builtin", "time", "trap", "env", "sudo", "xargs", "nohup", "bash"))
_NAME = regex(r"[\w-]+")
# What begins a command, whatever the grammar made of it.
_AT_ONCE = regex(
    r"(?:^|[;&|({!`]|\b(?:then|do|else|if|while|until|time)\b)[ \t]*(?=(?P<name>[\w-]{1,100})(?![\w-]|[ \t]*\())"
)
_ENDS = regex(r"\}|\besac\b")
ANY = "$"
"""What stands for the name of any function."""


class Choice(Struct, frozen=True):
    """An item of a `case`, and the script that it stands in: somebody who calls that has to choose it."""

    key: Key
    arm: Arm


class Within(Struct, frozen=True):
    """The function and the item that a command stands in."""

    function: str = ""
    choice: Choice | None = None


OUTSIDE = Within()


def place_of(command: Command, script: Script) -> Within:
    """Where `command` of `script` stands."""
    return Within(command.function, None if command.arm is None else Choice(script.key, command.arm))


def calls_in(script: Script, functions: Collection[str]) -> Iterator[tuple[Within, set[str]]]:
    """The names of `functions` that `script` may call, from each place; `ANY` stands for all."""
    places: dict[int, set[Within]] = {}
    names = frozenset((*functions, ANY))
    for command in script.commands:
        place = place_of(command, script)
        places.setdefault(command.line, set()).add(place)
        if called := called_by(command) & names:
            yield place, called
    if functions:
        yield from _in_text(script, functions, places)


def _in_text(
    script: Script, functions: Collection[str], places: Mapping[int, set[Within]]
) -> Iterator[tuple[Within, set[str]]]:
    """What the lines of it begin commands with. A line is where its commands are; one that has none, outside of all."""
    patterns = {each for command in script.commands if command.arm is not None for each in command.arm.own}
    for row, line in enumerate(script.text.split("\n")):
        for found in _AT_ONCE.finditer(line):
            name = found["name"]
            if name not in functions:
                continue
            around = places.get(script.lines[row] if row < len(script.lines) else script.line + row, ())
            if not around and name in patterns and line[found.start("name") + len(name) :].startswith(")"):
                continue
            known = around if around and not _ENDS.search(line, 0, found.start()) else {OUTSIDE}
            yield from ((place, {name}) for place in known)


def begun_in(line: str) -> frozenset[str]:
    """What begins commands in a line of a script, whatever the grammar made of it."""
    return frozenset(each["name"] for each in _AT_ONCE.finditer(line))


def called_by(command: Command) -> set[str]:
    """The functions that `command` may call, or hands the name of on; `ANY` where only running tells."""
    program, *others = command.words
    if "$" in program or (program in _RUN_WORDS and any("$" in each for each in others)):
        return {ANY}
    handed_on = others if program not in _TOOLS else ()
    return {program, *(name for each in handed_on for name in _NAME.findall(each))}
