"""Git's hooks, where a package.json has them: for husky, yorkie, simple-git-hooks, pre-commit and lint-staged.

Facts: typicode.github.io/husky, version 4 (`husky.hooks`, run in the package's directory); yorkie (`gitHooks`);
simple-git-hooks (each command becomes a hook, which git runs at the top); pre-commit of npm (names of scripts, a list
or a text with commas, which may stand at `run`); lint-staged, "Configuration" (commands by pattern). lefthook does not
read a package.json.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import chain, islice
from posixpath import dirname

from msgspec import Struct

from migcheck.drizzle.placed_json import Placed, PlacedList
from migcheck.regex import regex
from migcheck.scripts.script import Script

Members = Mapping[str, Placed | PlacedList]
_TOP = "."
_BLOCKS = (
    ("husky", "hooks", True),
    ("gitHooks", "", False),
    ("simple-git-hooks", "", False),
    ("lint-staged", "linters", True),
)
"""Of each tool its key, the key within it that may hold the commands, and whether the package is where they run."""
_OF_SCRIPTS = ("pre-commit", "precommit", "pre-push", "prepush")
_SEPARATOR = regex(r"[,\s]+")
_NAME = regex(r"[\w:.@/-]+", re.ASCII)
_MOST = 500


def hooks_in(path: str, members: Members, lines: Callable[[int], Mapping[str, int]]) -> Iterator[Script]:
    """What hooks run of the package.json at `path`. Nobody but a person begins it.

    `lines` gives the line of each name from a line on.
    """
    own = dirname(path) or _TOP
    for number, each in enumerate(islice(chain(_commands(members, own, lines), _scripts(members)), _MOST)):
        yield Script(path, f"hooks/{number}", each.line, each.text, each.directory)


class _Hook(Struct, frozen=True):
    """A command, its line, and where it is run."""

    line: int
    text: str
    directory: str


def _commands(members: Members, own: str, lines: Callable[[int], Mapping[str, int]]) -> Iterator[_Hook]:
    for key, inner, directory in _BLOCKS:
        begin, found = _block(members.get(key))
        hooks = found.get(inner, found)
        named = lines(begin) if found else {}
        for name, told in hooks.items() if isinstance(hooks, dict) else ():
            line = named.get(name, begin) if isinstance(name, str) else begin
            yield from (_Hook(line, each, own if directory else _TOP) for each in _texts(told))


def _scripts(members: Members) -> Iterator[_Hook]:
    """The scripts that the package pre-commit is told to run."""
    for key in _OF_SCRIPTS:
        if (member := members.get(key)) is not None:
            names = (name for each in _texts(_run(member)) for name in _SEPARATOR.split(each))
            yield from (_Hook(member.line, f"npm run {each}", _TOP) for each in names if _NAME.fullmatch(each))


def _block(member: Placed | PlacedList | None) -> tuple[int, dict[object, object]]:
    """An object among the members, with its line; empty for anything else."""
    if isinstance(member, Placed) and isinstance(member.value, dict):
        return member.line, member.value
    return 1, {}


def _run(member: Placed | PlacedList) -> object:
    match member:
        case PlacedList(items=items):
            return [each.value for each in items]
        case Placed(value=dict() as value):
            return value.get("run")
        case Placed(value=value):
            return value


def _texts(told: object) -> list[str]:
    """A text, or those of a list."""
    return [each for each in (told if isinstance(told, list) else [told]) if isinstance(each, str)]
