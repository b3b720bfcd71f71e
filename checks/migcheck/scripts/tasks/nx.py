"""What Nx runs where it is asked for targets of projects, and before them.

Facts: nx.dev "Run Tasks" (`nx run project:target`, `nx target project`, `run-many`, `affected`), "Project
Configuration" (`dependsOn`: `^name` is for the projects that one depends on, past those that have no such target). What
a project depends on by what its code imports is not read.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cached_property
from itertools import islice
from posixpath import basename, dirname, join, normpath

from msgspec import Struct, field

from migcheck.paths import upwards
from migcheck.scripts.directories import moved
from migcheck.scripts.file_names import NX
from migcheck.scripts.script import Script
from migcheck.scripts.tasks.managers import ScriptCall
from migcheck.scripts.tasks.nx_projects import NxProject, read_projects
from migcheck.scripts.tasks.packages import Packages
from migcheck.scripts.tasks.workspaces import Workspaces

Task = tuple[str, str]
"""The directory of a project, and the name of a target."""

_TAG, _NOT = "tag:", "!"
_MOST_NEEDED = 200
_MOST = 100_000
"""Steps from one target to another that are taken for a repository."""


class NxTasks(Struct, dict=True):
    """The targets of the workspaces that Nx is told of."""

    workspaces: Workspaces
    _read: dict[str, Mapping[str, NxProject]] = field(default_factory=dict)
    _names: dict[str, Mapping[str, list[str]]] = field(default_factory=dict)
    _nexts: dict[tuple[Task, str], tuple[Task, ...]] = field(default_factory=dict)

    @property
    def is_used(self) -> bool:
        """Whether there is a workspace of Nx."""
        return bool(self._roots)

    @property
    def scripts(self) -> Iterator[Script]:
        """What the targets run that are no scripts of a package."""
        nothing = Packages({})
        for root in self._roots:
            for project in self._projects(root).values():
                for target in project.all:
                    yield from project.scripts(target, nothing)

    def root(self, call: ScriptCall, directory: str | None) -> str | None:
        """The directory of the nx.json that counts for `call` from `directory`; None where none does."""
        here = self._here(call, directory)
        return None if here is None else next((each for each in upwards(here) if each in self._roots), None)

    def asked(self, call: ScriptCall, directory: str | None, root: str) -> Iterator[Script]:
        """The scripts that `call`, made from `directory`, has Nx run in the workspace at `root`."""
        asked = [(place, name) for place in self._places(call, directory, root) for name in call.names]
        tasks = self._behind(asked, root) if not call.only else iter(asked)
        for place, name in tasks:
            yield from self._projects(root)[place].scripts(name, self._packages)

    def _here(self, call: ScriptCall, directory: str | None) -> str | None:
        anywhere = call.every or call.packages
        return moved("." if directory is None and anywhere else directory, call.directory)

    def _places(self, call: ScriptCall, directory: str | None, root: str) -> Iterator[str]:
        """The projects that are chosen: by name, by tag, by directory; the one at hand, or all."""
        projects = self._projects(root)
        without = [each[1:] for each in call.packages if each.startswith(_NOT)]
        wanted = [each for each in call.packages if not each.startswith(_NOT)]
        if call.every or wanted:
            for place, each in projects.items():
                chosen = not wanted or any(_is(name, each) for name in wanted)
                if chosen and not any(_is(name, each) for name in without):
                    yield place
            return
        here = self._here(call, directory)
        yield from () if here is None else [each for each in upwards(here) if each in projects][:1]

    def _behind(self, asked: list[Task], root: str) -> Iterator[Task]:
        """The tasks that are `asked`, and all that go before one of them."""
        left, seen = list(asked), set[Task]()
        for task in left:
            if task in seen or self._steps.total() > _MOST or not self._has(task, root):
                continue
            seen.add(task)
            yield task
            if (task, root) not in self._nexts:
                self._nexts[task, root] = tuple(dict.fromkeys(self._before(task, root)))
            left += (each for each in self._nexts[task, root] if each not in seen)
            self._steps[root] += len(self._nexts[task, root])

    def _before(self, task: Task, root: str) -> Iterator[Task]:
        place, name = task
        for each in self._projects(root)[place].before(name):
            of_project, _, target = each.partition(":")
            if each.startswith("^"):
                yield from self._upstream(place, each[1:], root)
            elif target and not self._has((place, each), root):
                yield from ((other, target) for other in self._named(root).get(of_project, ()))
            else:
                yield place, each

    def _upstream(self, place: str, name: str, root: str) -> Iterator[Task]:
        left, seen = [place], {place}
        for each in left:
            for other in self._needed(each, root):
                if other in seen:
                    continue
                seen.add(other)
                if self._has((other, name), root):
                    yield other, name
                else:
                    left.append(other)

    def _needed(self, place: str, root: str) -> tuple[str, ...]:
        """The projects that one depends on, by its package.json or because it says so."""
        projects = self._projects(root)
        said = (other for name in projects[place].implicit for other in self._named(root).get(name, ()))
        needed = (each for each in self.workspaces.needed(place, root) if each in projects)
        return tuple(islice(dict.fromkeys((*said, *needed)), _MOST_NEEDED))

    def _has(self, task: Task, root: str) -> bool:
        place, name = task
        return self._projects(root)[place].has(name, self._packages)

    def _projects(self, root: str) -> Mapping[str, NxProject]:
        if root not in self._read:
            self._read[root] = read_projects(root, self.workspaces.files, self._packages)
        return self._read[root]

    def _named(self, root: str) -> Mapping[str, list[str]]:
        """The directories of the projects of each name."""
        if root not in self._names:
            found: dict[str, list[str]] = {}
            for place, each in self._projects(root).items():
                found.setdefault(each.name, []).append(place)
            self._names[root] = found
        return self._names[root]

    @cached_property
    def _packages(self) -> Packages:
        return Packages(self.workspaces.packages)

    @cached_property
    def _roots(self) -> frozenset[str]:
        return frozenset(dirname(path) or "." for path in self.workspaces.files if basename(path) == NX)

    @cached_property
    def _steps(self) -> Counter[str]:
        """How many were taken in each workspace."""
        return Counter()


def _is(wanted: str, project: NxProject) -> bool:
    """Whether a project is one that is named: by its name, the end of it, its directory or a tag."""
    if wanted.startswith(_TAG):
        return any(fnmatchcase(each, wanted.removeprefix(_TAG)) for each in project.tags)
    path = normpath(join(project.root, wanted))
    return fnmatchcase(project.name, wanted) or project.place == path or project.name.partition("/")[2] == wanted
