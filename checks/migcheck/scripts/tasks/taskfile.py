"""The tasks of a Taskfile, and of those that it includes. Each command of one is a script of its own, under `set -e`.

Facts: taskfile.dev "Guide" (names of files, the way up to one, `deps`; `ignore_error` reaches no task that is called),
"Including Taskfiles" (paths begin at the file that includes, `:task` is one of whoever includes, without `dir` what is
included is run where the file that includes is), "Schema reference" (short forms of a task and of its commands).
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING

from msgspec import Struct, field

from migcheck.regex import regex
from migcheck.scripts.databases import names_a_database
from migcheck.scripts.directories import moved
from migcheck.scripts.file_names import TASKFILES
from migcheck.scripts.script import Script
from migcheck.scripts.shell.command import ShellOptions
from migcheck.scripts.tasks.make_parts import Parts
from migcheck.scripts.tasks.makefile import Makefile, Target
from migcheck.scripts.yaml_nodes import BadYamlError, items, line, member, members, read_yaml, text

if TYPE_CHECKING:
    from yaml import Node

_OPTIONS = ShellOptions(errexit=True)
_IGNORES = "ignore_error: true"
_TEMPLATE = regex(r"\{\{[^{}]*\}\}")
_DEFAULT = "default"
_MOST = 5_000
"""Commands of one file. No person writes more; aliases can."""
_MOST_LETTERS = 500_000
"""Characters of all names together. Each level of includes can multiply them, by aliases."""
_LONGEST = 500
"""Characters of the name of a task or of what is included, of an address and of a directory: many have each of them."""
_MOST_SETTINGS = 20
"""Variables that all tasks are given, or one. Each command has them all."""
_MOST_FILES = 50
_DEEPEST = 5
_MOST_ALIASES = 10


def read_taskfile(path: str, content: bytes, parts: Parts | None = None, directory: str | None = None) -> Makefile:
    """The Taskfile at `path`, run in `directory` or else in its own; without a target where it cannot be read.

    What `parts` has not is passed over.
    """
    home = dirname(path) or "."
    reader = _Reader(path, parts or Parts(), "" if directory is None else f" in {directory}")
    reader.read(_Part(path, directory or home), content)
    return Makefile(directory or home, reader.found)


def included_by(path: str, content: bytes) -> Iterator[str]:
    """What the Taskfile at `path` includes of its repository, by its path."""
    try:
        document = read_yaml(content) if b"includes" in content else None
    except BadYamlError:
        return
    for _, node in members(member(document, "includes")):
        place = _place(path, text(node) or text(member(node, "taskfile")))
        yield from () if place is None else (place,)


def _place(path: str, named: str) -> str | None:
    """Where what the Taskfile at `path` includes lies; None where it is none of the repository."""
    elsewhere = not named or "{{" in named or "://" in named
    place = normpath(join(dirname(path), named))
    return None if elsewhere or place.startswith(("/", "..")) else place


class _Part(Struct, frozen=True):
    """A Taskfile, as it is included: `prefix` stands before the names of its tasks, which are run in `directory`.

    `above` is the prefix of the one that includes it. `without` are tasks that are left out, `deep` is how many include
    each other.
    """

    path: str
    directory: str | None
    prefix: str = ""
    above: str = ""
    without: frozenset[str] = frozenset()
    deep: int = 0


class _Reader(Struct):
    """What was read for the Taskfile at `root`; `away` says where it is run, where that is not its own directory.

    `left` are the commands that there may still be, `letters` the characters of names.
    """

    root: str
    parts: Parts
    away: str = ""
    found: dict[str, Target] = field(default_factory=dict)
    left: int = _MOST
    letters: int = _MOST_LETTERS
    files: int = _MOST_FILES

    def read(self, part: _Part, content: bytes) -> None:
        """Read a file to its end, with what it includes."""
        self.files -= 1
        try:
            document = read_yaml(content)
        except BadYamlError:
            return
        everywhere = self._settings(document)
        for name, node in members(member(document, "tasks")):
            if name not in part.without and len(name) <= _LONGEST:
                given = {**everywhere, **self._settings(node)}
                self._task(part, _Task(part, self.root, name, node, given, self.away))
        for name, node in members(member(document, "includes")):
            if self.files > 0 and part.deep < _DEEPEST and len(name) <= _LONGEST:
                self._include(part, name, node)

    def _settings(self, node: "Node | None") -> dict[str, str]:
        """What a Taskfile or a task sets of databases' addresses, where that is plain to see.

        Task lets the environment go before it: one that something else in the repository says otherwise is left out.
        """
        told = ((name, text(value)) for name, value in members(member(node, "env")) if names_a_database(name))
        plain = ((name, each) for name, each in told if each.isascii() and name.isidentifier() and "{{" not in each)
        short = (each for each in plain if max(map(len, each)) <= _LONGEST and each[0] not in self.parts.addresses)
        return dict(islice(short, _MOST_SETTINGS))

    def _task(self, part: _Part, task: "_Task") -> None:
        scripts = list(islice(task.scripts(), self.left))
        self.left -= len(scripts)
        names = (task.name, *(text(each) for each in items(member(task.node, "aliases"))))
        own = dict.fromkeys(self._afforded(f"{part.prefix}{each}" for each in names))
        target = Target(dict.fromkeys(self._afforded(task.needs())), scripts)
        self.found |= dict.fromkeys(own, target)

    def _afforded(self, names: Iterable[str]) -> Iterator[str]:
        """Of `names` those that there is still room for."""
        for each in names if self.letters > 0 else ():
            self.letters -= len(each)
            if self.letters < 0:
                return
            yield each

    def _include(self, part: _Part, name: str, node: "Node") -> None:
        flatten = text(member(node, "flatten")) == "true"
        place = text(member(node, "dir"))
        path = self._there(part, text(node) or text(member(node, "taskfile")))
        if path is None:
            return
        prefix = part.prefix if flatten else f"{part.prefix}{name}:"
        without = frozenset(text(each) for each in items(member(node, "excludes")))
        inner = _Part(path, _moved(part.directory, place), prefix, part.prefix, without, part.deep + 1)
        self.read(inner, self.parts.taken(path))
        aliases = (text(each) for each in items(member(node, "aliases")))
        names = () if flatten else (name, *islice((each for each in aliases if len(each) <= _LONGEST), _MOST_ALIASES))
        inside = {each.removeprefix(prefix): target for each, target in self.found.items() if each.startswith(prefix)}
        for each in names:
            if _DEFAULT in inside:
                for short in self._afforded([f"{part.prefix}{each}"]):
                    self.found.setdefault(short, inside[_DEFAULT])
            if each != name:
                afforded = self._afforded(f"{part.prefix}{each}:{one}" for one in inside)
                self.found |= zip(afforded, inside.values(), strict=False)

    def _there(self, part: _Part, named: str) -> str | None:
        """The file that is included: the one that is named, or the one in the directory that is; None where none is."""
        place = _place(part.path, named)
        if place is None:
            return None
        names = (place, *(normpath(join(place, each)) for each in reversed(TASKFILES)))
        return next((each for each in names if each in self.parts.files and each != part.path), None)


class _Task(Struct, frozen=True):
    """A task of a Taskfile that is read for the one at `root`.

    `given` are the variables that it is given.
    """

    part: _Part
    root: str
    name: str
    node: "Node"
    given: Mapping[str, str]
    away: str = ""

    def needs(self) -> Iterator[str]:
        """The tasks that it calls, before its commands or among them."""
        deps = (text(each) or text(member(each, "task")) for each in items(member(self.node, "deps")))
        for each in (*deps, *(text(member(each, "task")) for each in self._commands())):
            yield f"{self.part.above}{each[1:]}" if each.startswith(":") else f"{self.part.prefix}{each}"

    def scripts(self) -> Iterator[Script]:
        """Its commands."""
        place = text(member(self.node, "dir"))
        part = self.away if self.part.path == self.root else f" for {self.root}{self.away} as {self.part.prefix}"
        for number, each in enumerate(self._commands()):
            command = each if text(each) else member(each, "cmd")
            if command is not None and text(command):
                ignores = "true" in (text(member(one, "ignore_error")) for one in (each, self.node))
                yield Script(
                    self.part.path,
                    f"{self.name}/{number}{part}",
                    line(command),
                    _TEMPLATE.sub("$TEMPLATE", text(command)),
                    _moved(self.part.directory, place),
                    _OPTIONS,
                    goes_on=_IGNORES if ignores else "",
                    settings=tuple(self.given.items()),
                )

    def _commands(self) -> Iterator["Node"]:
        """In the short form a task is nothing but its commands."""
        named = [member(self.node, key) for key in ("cmd", "cmds")]
        yield from (each for one in named for each in items(one))
        yield from items(self.node)


def _moved(directory: str | None, place: str) -> str | None:
    if not place:
        return directory
    return None if "{{" in place or len(place) > _LONGEST else moved(directory, place)
