"""The tasks of deno.json and deno.jsonc.

Facts: docs.deno.com "deno task": a task is a text, or an object with `command` and `dependencies`; it is run where its
file lies; the nearest file upwards counts, before the scripts of a package.json beside it; a name may have `*`.
"""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from posixpath import dirname
from typing import TYPE_CHECKING

from msgspec import Struct, field

from migcheck.paths import upwards
from migcheck.scripts.directories import moved
from migcheck.scripts.file_names import DENOS
from migcheck.scripts.jsonc import read_jsonc
from migcheck.scripts.script import Script
from migcheck.scripts.tasks.makefile import Makefile, Target
from migcheck.scripts.tasks.managers import ScriptCall
from migcheck.scripts.tasks.runner_calls import MakeCall
from migcheck.scripts.yaml_nodes import BadYamlError, items, line, member, members, text

if TYPE_CHECKING:
    from yaml import Node


class DenoTasks(Struct, frozen=True):
    """The tasks of each file, by its directory."""

    by_directory: Mapping[str, Makefile] = field(default_factory=dict)

    @property
    def scripts(self) -> Iterator[Script]:
        """Everything that they run."""
        return (each for one in self.by_directory.values() for each in one.lines)

    def asked(self, call: ScriptCall, directory: str | None) -> Iterator[Script]:
        """The scripts that `call` runs from `directory`; nothing where no task is called so."""
        place = moved(directory, call.directory)
        if call.every and place == ".":
            found = [*self.by_directory.values()]
        else:
            found = [] if place is None or call.packages else self._around(place)
        for one in found:
            names = [each for each in one.targets if any(fnmatchcase(each, wanted) for wanted in call.names)]
            yield from one.asked(MakeCall(tuple(names))) if names else ()

    def _around(self, place: str) -> list[Makefile]:
        return [self.by_directory[each] for each in upwards(place) if each in self.by_directory][:1]


def read_deno(files: Mapping[str, bytes]) -> DenoTasks:
    """The tasks of all of `files`; of two files in one directory, those of deno.json."""
    found: dict[str, Makefile] = {}
    for name in reversed(DENOS):
        for path, content in files.items():
            if path == name or path.endswith(f"/{name}"):
                found[dirname(path) or "."] = _read(path, content)
    return DenoTasks(found)


def _read(path: str, content: bytes) -> Makefile:
    directory = dirname(path) or "."
    try:
        tasks = member(read_jsonc(content), "tasks")
    except BadYamlError:
        tasks = None
    return Makefile(directory, {name: _task(path, directory, name, node) for name, node in members(tasks)})


def _task(path: str, directory: str, name: str, node: "Node") -> Target:
    command = node if text(node) else member(node, "command")
    told = text(command)
    scripts = [Script(path, name, line(command), told, directory)] if command is not None and told else []
    return Target(dict.fromkeys(text(each) for each in items(member(node, "dependencies"))), scripts)
