"""What turbo runs before the tasks that it is told to run, as turbo.json has it (`dependsOn`).

Facts: turborepo.dev "Configuring tasks" (a name, `^name`, `package#name`, `//#name` for the package at the root). What
turbo 2 calls `tasks` is turbo 1's `pipeline`. A task that no turbo.json has ends turbo before it runs anything. Every
package below a turbo.json counts as one of its workspace, and as meant by its name; what a package's own turbo.json
says of a task takes the place of what the root's says.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import islice
from posixpath import basename, dirname, join, normpath

from msgspec import Struct, field

from migcheck.paths import lies_in, upwards
from migcheck.scripts.directories import moved
from migcheck.scripts.file_names import PACKAGE, TURBOS
from migcheck.scripts.jsonc import json_object, read_jsonc
from migcheck.scripts.script import Script
from migcheck.scripts.tasks.chosen import directories
from migcheck.scripts.tasks.managers import RunIn, ScriptCall
from migcheck.scripts.tasks.packages import Packages
from migcheck.scripts.yaml_nodes import BadYamlError, items, member, members, text

_ROOT = "//"
_NEEDED = ("dependencies", "devDependencies", "optionalDependencies")
# pnpm's, yarn's and npm's ways to say that no registry is asked.
_OF_REPOSITORY = ("workspace:", "file:", "link:", "portal:")
_MOST_BEFORE = 100
"""Tasks that go before one. No person writes more."""
_MOST = 100_000
"""Steps from one task to another that are taken for a repository."""
Task = tuple[str, str]
"""The directory of a package, and the name of a task."""
_Config = Mapping[str, tuple[str, ...] | None]
"""What goes before each task; None where it does not say that."""


class TurboTasks(Struct, dict=True):
    """The tasks of the turbo.json files among `files`. `left` is how many steps may still be taken."""

    files: Mapping[str, bytes]
    packages: Packages
    left: int = _MOST
    _needs: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def before(self, call: ScriptCall, directory: str | None) -> Iterator[Script]:
        """The scripts that go before those that `call`, made from `directory`, asks turbo for by their names."""
        anywhere = call.every or call.packages
        here = moved("." if directory is None and anywhere else directory, call.directory)
        root = None if here is None else self._root(here)
        if here is None or root is None:
            return
        named = {task for name in call.names for task in self._named(name, call, here, root)}
        left, seen = sorted(named), set[Task]()
        while left and self.left > 0:
            task = left.pop()
            before = None if task in seen else self._said(task, root)
            if before is not None:
                seen.add(task)
                new = [each for name in before for each in self._meant(name, task[0], root)]
                self.left -= 1 + len(new)
                left += new
        for place, name in sorted(seen - named):
            if "*" not in name:
                yield from self.packages.asked(ScriptCall((name,), hooks=call.hooks), place)

    def _root(self, here: str) -> str | None:
        """The outermost directory around `here` that has a turbo.json."""
        return next(iter([each for each in upwards(here) if each in self._configs][::-1]), None)

    def _named(self, name: str, call: ScriptCall, here: str, root: str) -> Iterator[Task]:
        """The tasks that `name` asks for: of one package, of those that are chosen, of the one at hand, or all."""
        if "#" in name:
            yield from self._meant(name, here, root)
        elif call.packages:
            found = directories(RunIn(packages=call.packages), here, self.packages.by_directory)
            yield from ((each, name) for each in found if each is not None)
        elif here == root:
            yield from ((each, name) for each in self.packages.by_directory if lies_in(each, root))
        elif (package := self.packages.around(here)) is not None:
            yield package.directory, name

    def _meant(self, name: str, place: str, root: str) -> Iterator[Task]:
        """The tasks that an entry of `dependsOn` of the package in `place` is for."""
        package, of_package, task = name.rpartition("#")
        if name.startswith("^"):
            yield from ((each, name[1:]) for each in self._needed(place))
        elif of_package:
            there = root if package == _ROOT else self._by_name.get(package)
            yield from () if there is None else ((there, task),)
        else:
            yield place, name

    def _said(self, task: Task, root: str) -> tuple[str, ...] | None:
        """What goes before a task; None where turbo knows of no such task."""
        place, name = task
        package, own, told = self.packages.by_directory.get(place), self._configs.get(place, {}), self._configs[root]
        if place != root and own.get(name) is not None:
            return own[name]
        names = [f"{_ROOT if place == root else package.name if package else ''}#{name}"]
        # The root's package has tasks of its own alone, unless it is the only one.
        names += [name] if place != root or len(self.packages.by_directory) == 1 else []
        known = [told[each] or () for each in names if each in told]
        return known[0] if known else () if place != root and name in own else None

    def _needed(self, place: str) -> tuple[str, ...]:
        """The packages of the repository that the one in `place` names among its dependencies."""
        if place not in self._needs:
            told = json_object(self.files.get(normpath(join(place, PACKAGE)), b"")) or {}
            parts = [part for key in _NEEDED if isinstance(part := told.get(key), dict)]
            named = [name for part in parts for name, version in part.items() if _is_of_repository(version)]
            found = sorted(self._by_name[each] for each in named if each in self._by_name)
            self._needs[place] = tuple(islice((each for each in found if each != place), _MOST_BEFORE))
        return self._needs[place]

    @cached_property
    def _by_name(self) -> Mapping[str, str]:
        """The directory of each package whose name no other has."""
        found: dict[str, list[str]] = {}
        for place, each in self.packages.by_directory.items():
            found.setdefault(each.name, []).append(place)
        return {name: places[0] for name, places in found.items() if name and len(places) == 1}

    @cached_property
    def _configs(self) -> Mapping[str, _Config]:
        """The turbo.json files, by directory."""
        paths = (path for path in self.files if basename(path) in TURBOS)
        return {dirname(path) or ".": _read(self.files[path]) for path in paths}


def _read(content: bytes) -> _Config:
    try:
        document = read_jsonc(content)
    except BadYamlError:
        return {}
    found: dict[str, tuple[str, ...] | None] = {}
    for name, task in members(member(document, "tasks") or member(document, "pipeline")):
        node = member(task, "dependsOn")
        inherits = node is None and text(member(task, "extends")) != "false"
        found[name] = None if inherits else tuple(map(text, islice(items(node), _MOST_BEFORE)))
    return found


def _is_of_repository(version: object) -> bool:
    """Whether a dependency of that version is a package of the repository, where it may be one of a registry."""
    return isinstance(version, str) and (version in ("", "*") or version.startswith(_OF_REPOSITORY))
