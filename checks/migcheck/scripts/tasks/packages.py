"""The package.json files of a repository: names, and scripts with their lines."""

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from posixpath import dirname

from msgspec import Struct
from msgspec.structs import replace

from migcheck.drizzle.placed_json import BadJsonError, Placed, read_object
from migcheck.paths import upwards
from migcheck.regex import regex
from migcheck.scripts.calls import Call, calls_of
from migcheck.scripts.directories import moved
from migcheck.scripts.jsonc import json_object
from migcheck.scripts.reach import Starter
from migcheck.scripts.script import Script
from migcheck.scripts.tasks.managers import ScriptCall

_LONGEST = 1_000
"""Of a script and what it is given."""
_NAME = regex(r'("(?:[^"\\]|\\.)*")\s*:')
# What npm and the platforms run unasked: npm docs "scripts" (life cycle), Vercel, Heroku, Google Cloud, Render.
_STARTERS: Mapping[str, Starter] = {
    **dict.fromkeys(
        ("build", "vercel-build", "now-build", "heroku-postbuild", "gcp-build", "render-build"), Starter.BUILD
    ),
    **dict.fromkeys(("preinstall", "install", "postinstall", "prepare"), Starter.BUILD),
    "start": Starter.START,
    "deploy": Starter.DEPLOY,
    "release": Starter.DEPLOY,
}

DEPENDENCIES = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")


class Package(Struct, frozen=True):
    """A package.json: its directory from the root, its name (empty where it has none), and its scripts by name."""

    directory: str
    name: str
    scripts: Mapping[str, Script]


class Packages(Struct, frozen=True):
    """All packages of a repository, by directory."""

    by_directory: Mapping[str, Package]

    def around(self, directory: str) -> Package | None:
        """The package that `directory` lies in; None where it leaves the repository."""
        return next((self.by_directory[each] for each in upwards(directory) if each in self.by_directory), None)

    def asked(self, call: ScriptCall, directory: str | None) -> Iterator[Script]:
        """The scripts that `call` runs from `directory`, with those that npm runs before and after them.

        Nothing where only running tells a directory: to guess would be to accuse. Filters are `chosen`'s matter.
        """
        for package in self._chosen(call, directory):
            for wanted in call.names:
                for name in _matching(wanted, package.scripts):
                    called = _with_hooks(name) if call.hooks else (name,)
                    found = (package.scripts[each] for each in called if each in package.scripts)
                    yield from (_given(each, call.arguments) if each.name == name else each for each in found)

    def _chosen(self, call: ScriptCall, directory: str | None) -> Iterator[Package]:
        if call.every and directory in (".", None):
            yield from self.by_directory.values()
            return
        here = self._here(call, directory)
        if here is not None:
            yield here

    def _here(self, call: ScriptCall, directory: str | None) -> Package | None:
        """The package at hand; where a directory is named, the one in it: npm then looks in none above it."""
        place = moved(directory, call.directory)
        if place is None:
            return None
        return self.around(place) if call.directory == "." else self.by_directory.get(place)


def read_package(path: str, content: bytes) -> Package | None:
    """The package.json at `path`; None where it is none that npm could read."""
    try:
        # npm reads past a byte order mark.
        members = read_object(text := content.decode("utf-8-sig"))
    except (BadJsonError, UnicodeDecodeError):
        return None
    if members is None:
        return None
    directory = dirname(path) or "."
    name, scripts = members.get("name"), members.get("scripts")
    if not isinstance(scripts, Placed) or not isinstance(scripts.value, dict):
        scripts = Placed({}, 1)
    assert isinstance(scripts.value, dict)
    lines = _lines(text, scripts.line)
    return Package(
        directory,
        str(name.value) if isinstance(name, Placed) else "",
        {
            key: _script(path, key, lines.get(key, scripts.line), text, directory)
            for key, text in scripts.value.items()
            if isinstance(text, str)
        },
    )


def _lines(text: str, begin: int) -> dict[str, int]:
    """The line of each name from line `begin` on, of two that are equal the first."""
    found: dict[str, int] = {}
    for number, line in enumerate(text.split("\n")[begin - 1 :], begin):
        for name in _NAME.finditer(line):
            found.setdefault(json.loads(name[1], strict=False), number)
    return found


def _script(path: str, key: str, line: int, text: str, directory: str) -> Script:
    # JSON has a text on one line, whatever is in it.
    lines = (line,) * (text.count("\n") + 1) if "\n" in text else ()
    return Script(path, key, line, text, directory, started_by=_starter(key), lines=lines)


def _starter(name: str) -> Starter | None:
    plain = next((name.removeprefix(each) for each in ("pre", "post") if name.removeprefix(each) in _STARTERS), name)
    return _STARTERS.get(name) or _STARTERS.get(plain)


def _with_hooks(name: str) -> tuple[str, ...]:
    return f"pre{name}", name, f"post{name}"


def _given(script: Script, arguments: Sequence[str]) -> Script:
    """`script` with `arguments` behind it, under a name of its own where it calls something else then."""
    words = shlex.join(arguments)
    # A long one is parsed anew for all that it is given, in vain. A command that is given is seen where it stands.
    if not words or script.lines or len(script.text) + len(words) > _LONGEST or any(calls_of(arguments)):
        return script
    given = replace(
        script,
        name=f"{script.name} {words}",
        text=f"{script.text} {words}",
        started_by=None,
        instead=script.name,
        arguments=tuple(arguments),
    )
    return script if list(_calls(given)) == list(_calls(script)) else given


def _calls(script: Script) -> Iterator[Call]:
    return (call for command in script.commands for call in script.calls(command))


def _matching(wanted: str, names: Mapping[str, Script]) -> Iterator[str]:
    return (each for each in names if each == wanted or ("*" in wanted and fnmatchcase(each, wanted)))


def dependencies_of(content: bytes) -> frozenset[str]:
    """The names of what a package.json depends on, to run, to build or beside it; none where it cannot be read."""
    told = json_object(content) or {}
    parts = [told.get(each) for each in DEPENDENCIES]
    return frozenset(name for part in parts if isinstance(part, dict) for name in part)
