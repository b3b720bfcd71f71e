"""What turbo runs before the tasks that it is told to run, as turbo.json has it (`dependsOn`).

Facts: turborepo.dev "Configuring tasks" (a name, `^name`, `package#name`, `//#name` for the package at the root),
"Package Configurations" (a package's own turbo.json; `extends` of a task, `$TURBO_EXTENDS$`), "Package and Task Graphs"
(what goes before a task is run for a package that has no script for that task as well), "Single-package workspaces".
What turbo 2 calls `tasks` is turbo 1's `pipeline`. A task that no turbo.json has ends turbo before it runs anything.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import islice
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from msgspec import Struct, field

from migcheck.paths import upwards
from migcheck.scripts.directories import moved
from migcheck.scripts.file_names import TURBOS
from migcheck.scripts.jsonc import read_jsonc
from migcheck.scripts.script import Script
from migcheck.scripts.tasks.chosen import directories
from migcheck.scripts.tasks.managers import RunIn, ScriptCall
from migcheck.scripts.tasks.packages import Packages
from migcheck.scripts.tasks.workspaces import Workspaces
from migcheck.scripts.yaml_nodes import BadYamlError, items, member, members, text

if TYPE_CHECKING:
    from yaml import Node

_ROOT = "//"
_AND_INHERITED = "$TURBO_EXTENDS$"
_MOST_BEFORE = 100
"""Tasks that go before one. No person writes more."""
_MOST = 500_000
"""Steps from one task to another that are taken for a repository."""
Task = tuple[str, str]
"""The directory of a package, and the name of a task."""


class _Config(Struct, frozen=True):
    """A turbo.json: what goes before each of its tasks, None where it does not say that.

    `extends` is as it says; nothing in that of a root. `without` are the tasks that its package has not.
    """

    tasks: Mapping[str, tuple[str, ...] | None]
    extends: tuple[str, ...] = ()
    without: frozenset[str] = frozenset()


class TurboTasks(Struct, dict=True):
    """The tasks of the workspaces that turbo is told of."""

    workspaces: Workspaces
    _nexts: dict[tuple[Task, str], tuple[Task, ...] | None] = field(default_factory=dict)
    # Those that were taken.
    _steps: list[Task] = field(default_factory=list)

    def before(self, call: ScriptCall, directory: str | None) -> Iterator[Script]:
        """The scripts that go before those that `call`, made from `directory`, asks turbo for by their names."""
        anywhere = call.every or call.packages
        here = moved("." if directory is None and anywhere else directory, call.directory)
        root = None if here is None else self._root(here)
        if here is None or root is None:
            return
        packages = Packages(self.workspaces.packages)
        places = tuple(self._places(call, here, root))
        named = {(place, name) for name in call.names for place in places}
        of_packages = {task for each in call.names if "#" in each for task in self._meant(each, root)}
        for place, name in self._behind([*named, *of_packages], root):
            if (place, name) not in named and "*" not in name:
                yield from packages.asked(ScriptCall((name,), hooks=call.hooks), place)

    def _places(self, call: ScriptCall, here: str, root: str) -> Iterator[str]:
        """The packages that turbo is to run something of: those that are chosen, the one at hand, or all."""
        if call.packages:
            found = directories(RunIn(packages=call.packages), here, self.workspaces.packages)
            yield from (each for each in found if each is not None)
        elif here == root:
            yield from (root, *self.workspaces.members(root).values())
        elif (package := Packages(self.workspaces.packages).around(here)) is not None:
            yield package.directory

    def _behind(self, asked: Iterable[Task], root: str) -> Iterator[Task]:
        """The tasks that are `asked`, and all that go before one of them."""
        left, seen = sorted(asked), set[Task]()
        for each in left:
            if each not in seen and len(self._steps) < _MOST:
                seen.add(each)
                before = self._next(each, root)
                if before is not None:
                    yield each
                    left += (other for other in before if other not in seen)
                    self._steps.extend(before)

    def _next(self, task: Task, root: str) -> tuple[Task, ...] | None:
        """The tasks that go before one; None where turbo knows of no such task."""
        if (task, root) not in self._nexts:
            before = self._told(task, root)
            found = None if before is None else [each for name in before for each in self._meant(name, root, task[0])]
            self._nexts[task, root] = None if found is None else tuple(dict.fromkeys(found))
        return self._nexts[task, root]

    def _meant(self, name: str, root: str, place: str = "") -> Iterator[Task]:
        """The tasks that an entry of `dependsOn` of a package in `place` is for."""
        package, of_package, task = name.rpartition("#")
        if name.startswith("^"):
            yield from ((each, name[1:]) for each in self.workspaces.needed(place, root))
        elif of_package:
            there = root if package == _ROOT else self.workspaces.members(root).get(package)
            yield from () if there is None else ((there, task),)
        else:
            yield place, name

    def _told(self, task: Task, root: str) -> tuple[str, ...] | None:
        """What goes before a task, by the turbo.json of its package, else by the root's; None where neither has it."""
        place, name = task
        inherited, config = self._inherited(task, root), self._configs.get(place)
        if place == root or config is None:
            return inherited
        if config.extends != (_ROOT,) or name in config.without:
            return None
        if name not in config.tasks:
            return inherited
        own = config.tasks[name]
        if own is None or _AND_INHERITED in own:
            return (*(inherited or ()), *(own or ()))
        return own

    def _inherited(self, task: Task, root: str) -> tuple[str, ...] | None:
        """What the turbo.json of the root says: of the package's task, or of all of that name."""
        place, name = task
        tasks = self._configs[root].tasks
        if place == root:
            names = (f"{_ROOT}#{name}", *((name,) if self.workspaces.is_one(root) else ()))
        else:
            package = self.workspaces.packages.get(place)
            is_member = package is not None and self.workspaces.members(root).get(package.name) == place
            names = (f"{package.name}#{name}", name) if package is not None and is_member else ()
        return next((tasks[each] or () for each in names if each in tasks), None)

    def _root(self, here: str) -> str | None:
        """The root of the workspace that `here` lies in: the nearest with a turbo.json that extends none."""
        configs = self._configs
        return next((each for each in upwards(here) if each in configs and not configs[each].extends), None)

    @cached_property
    def _configs(self) -> Mapping[str, _Config]:
        """The turbo.json files that can be read, by directory; none where turbo finds two."""
        found: dict[str, _Config] = {}
        paths = [path for path in self.workspaces.files if basename(path) in TURBOS]
        places = Counter(dirname(path) or "." for path in paths)
        for path in paths:
            place = dirname(path) or "."
            if places[place] == 1 and (config := _read(self.workspaces.files[path])) is not None:
                found[place] = config
        return found


def _read(content: bytes) -> _Config | None:
    try:
        document = read_jsonc(content)
    except BadYamlError:
        return None
    tasks = dict(members(member(document, "tasks") or member(document, "pipeline")))
    # A task that inherits nothing of the root's is what else stands there: no task where that is nothing.
    alone = [name for name, node in tasks.items() if text(member(node, "extends")) == "false"]
    return _Config(
        {name: _before(node, inherits=name not in alone) for name, node in tasks.items()},
        tuple(map(text, items(member(document, "extends")))),
        frozenset(name for name in alone if len(list(members(tasks[name]))) == 1),
    )


def _before(task: "Node", *, inherits: bool) -> tuple[str, ...] | None:
    node = member(task, "dependsOn")
    if node is None:
        return None if inherits else ()
    names = map(text, islice(items(node), _MOST_BEFORE))
    return tuple(each for each in names if inherits or each != _AND_INHERITED)
