"""The projects of an Nx workspace, and what each of their targets runs: project.json, package.json and nx.json.

Facts: nx.dev "Project Configuration" (`targets`, `command`, `dependsOn`, `implicitDependencies`; of one target in both
files project.json says more; scripts of a package.json are targets, unless `includedScripts` has others), "nx.json"
(`targetDefaults`, by executor or by name), "run-commands" (`command`, `commands`, `cwd` from the root, `env`).
"""

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from posixpath import basename, join, normpath

from msgspec import Struct

from migcheck.regex import regex
from migcheck.scripts.directories import moved
from migcheck.scripts.file_names import NX, NX_PROJECT, PACKAGE
from migcheck.scripts.jsonc import json_object, without_comments
from migcheck.scripts.script import Script
from migcheck.scripts.tasks.managers import ScriptCall
from migcheck.scripts.tasks.packages import Packages

Said = Mapping[str, object]
"""An object of JSON, as it stands in a file."""

_RUN_COMMANDS = regex(r"(?:nx|@(?:nx|nrwl)/workspace):run-commands")
_RUN_SCRIPT = regex(r"(?:nx|@(?:nx|nrwl)/workspace):run-script")
_MOST_COMMANDS = 100
_MOST_BEFORE = 100
"""Targets that go before one. No person writes more."""
_SAYS = frozenset({"command", "commands"})
_SELF, _DEPENDENCIES = "self", "dependencies"


class NxProject(Struct, frozen=True, dict=True):
    """A project in the directory `place` of the workspace at `root`. `targets` are what its files say of each by name.

    `path` is the file that says most of it, and `text` what stands there.
    """

    place: str
    root: str
    name: str
    path: str
    text: str
    targets: Mapping[str, Said]
    implicit: tuple[str, ...]
    tags: tuple[str, ...]
    included: tuple[str, ...] | None
    defaults: Said

    def has(self, target: str, packages: Packages) -> bool:
        """Whether it has such a target, or such a configuration of one: `target:configuration`."""
        plain, _, configuration = target.rpartition(":")
        if target not in self.targets and plain in self.targets:
            return configuration in _configurations(self.targets[plain])
        return target in self.targets or next(self._of_package(target, packages), None) is not None

    @property
    def all(self) -> Iterator[str]:
        """Its targets, and each configuration of one that has commands of its own."""
        for name, said in self.targets.items():
            yield name
            for configuration, more in islice(_configurations(said).items(), _MOST_BEFORE):
                if _SAYS & _object(more).keys():
                    yield f"{name}:{configuration}"

    def before(self, target: str) -> tuple[str, ...]:
        """What goes before a target, as `dependsOn` has it: `name`, `^name`, or `project:name`."""
        listed = self._said(target).get("dependsOn")
        found = (name for each in (listed if isinstance(listed, list) else ()) for name in _before(each))
        return tuple(islice(found, _MOST_BEFORE))

    def scripts(self, target: str, packages: Packages) -> Iterator[Script]:
        """What a target runs; nothing where that is the executor's secret."""
        said = self._said(target)
        executor, options = str(said.get("executor", "")), _object(said.get("options"))
        if "command" in said or _RUN_COMMANDS.fullmatch(executor):
            yield from self._commands(target, {"command": said.get("command"), **options})
        elif _RUN_SCRIPT.fullmatch(executor):
            yield from self._of_package(str(options.get("script", target)), packages)
        elif not executor:
            yield from self._of_package(target, packages)

    def _said(self, target: str) -> Said:
        """What its files say of a target; of a configuration of one, with that over the options."""
        if target in self.targets:
            return self._over_defaults(target)
        plain, _, configuration = target.rpartition(":")
        said = self._over_defaults(plain)
        more = _object(_configurations(said).get(configuration))
        options = _object(said.get("options"))
        # One command stands for all of several, and the other way round.
        kept = {key: each for key, each in options.items() if not (_SAYS & more.keys() and key in _SAYS)}
        return {**said, "options": {**kept, **more}}

    def _over_defaults(self, target: str) -> Said:
        """What its files say of a target, over what the workspace says of its executor, or of its name."""
        said = self.targets.get(target, {})
        defaults = _object(self.defaults.get(str(said.get("executor")))) or _object(self.defaults.get(target))
        if said.get("executor", defaults.get("executor")) != defaults.get("executor", said.get("executor")):
            defaults = {key: each for key, each in defaults.items() if key == "dependsOn"}
        if "command" in said:
            defaults = {key: each for key, each in defaults.items() if key not in ("executor", "command", "options")}
        options = {**_object(defaults.get("options")), **_object(said.get("options"))}
        return {**defaults, **said, "options": options}

    def _of_package(self, name: str, packages: Packages) -> Iterator[Script]:
        if self.place in packages.by_directory and (self.included is None or name in self.included):
            yield from packages.asked(ScriptCall((name,)), self.place)

    def _commands(self, target: str, options: Said) -> Iterator[Script]:
        found = [*_commands(options.get("command"), joined=True), *_commands(options.get("commands"), joined=False)]
        cwd = options.get("cwd")
        directory = moved(self.root, self._put_in(cwd)) if isinstance(cwd, str) else self.root
        env = tuple((name, value) for name, value in _object(options.get("env")).items() if isinstance(value, str))
        for number, each in enumerate(found[:_MOST_COMMANDS]):
            name = f"targets.{target}/{number}" if len(found) > 1 else f"targets.{target}"
            line = self._line(*([target] if target in self.targets else target.rsplit(":", 1)), each)
            yield Script(self.path, name, line, self._put_in(each), directory, settings=env)

    def _put_in(self, text: str) -> str:
        """`text` with what Nx puts in for its names."""
        place = self.place.removeprefix(f"{self.root}/") if self.root != "." else self.place
        named = {"{projectRoot}": place, "{workspaceRoot}": ".", "{projectName}": self.name}
        for name, value in named.items():
            text = text.replace(name, value)
        return text

    def _line(self, *names: str) -> int:
        """Where the last of `names` stands, behind the others: the first place of it where no other follows."""
        at = 0
        for each in names:
            found = self.text.find(json.dumps(each, ensure_ascii=False), at)
            at = found if found >= 0 else at
        return self.text.count("\n", 0, at) + 1


def read_projects(root: str, files: Mapping[str, bytes], packages: Packages) -> dict[str, NxProject]:
    """The projects of the workspace whose nx.json lies in `root`, by directory."""
    within = "" if root == "." else f"{root}/"
    places = {normpath(path[: -len(NX_PROJECT)] or "."): path for path in files if basename(path) == NX_PROJECT}
    found = dict.fromkeys((*places, *packages.by_directory))
    defaults = _object(_read(files, join(root, NX)).get("targetDefaults"))
    return {
        place: _project(place, root, files, defaults) for place in found if place == root or place.startswith(within)
    }


def _project(place: str, root: str, files: Mapping[str, bytes], defaults: Said) -> NxProject:
    own, manifest = normpath(join(place, NX_PROJECT)), normpath(join(place, PACKAGE))
    package = _read(files, manifest)
    told, more = _read(files, own), _object(package.get("nx"))
    here = own if own in files else manifest
    targets = {name: _object(each) for name, each in _object(more.get("targets")).items()}
    for name, each in _object(told.get("targets")).items():
        targets[name] = {**targets.get(name, {}), **_object(each)}
    named = (told.get("name"), more.get("name"), package.get("name"), basename(place))
    included = more.get("includedScripts")
    return NxProject(
        place,
        root,
        next(each for each in named if isinstance(each, str)),
        here,
        files.get(here, b"").decode("utf-8", "replace"),
        targets,
        (*_texts(told.get("implicitDependencies")), *_texts(more.get("implicitDependencies"))),
        (*_texts(told.get("tags")), *_texts(more.get("tags"))),
        _texts(included) if isinstance(included, list) else None,
        defaults,
    )


def _configurations(said: Said) -> Said:
    return _object(said.get("configurations"))


def _commands(said: object, *, joined: bool) -> Iterator[str]:
    """The commands that are said: one, whose words may be `joined`, or a list of them."""
    match said:
        case str():
            yield said
        case list() if joined:
            yield " ".join(_texts(said))
        case list():
            texts = (_object(each).get("command") if isinstance(each, dict) else each for each in said)
            yield from (each for each in texts if isinstance(each, str))
        case _:
            pass


def _before(said: object) -> Iterator[str]:
    if isinstance(said, str):
        yield said
        return
    entry = _object(said)
    target, projects = entry.get("target"), entry.get("projects", _SELF)
    if not isinstance(target, str):
        return
    if entry.get("dependencies") is True:
        yield f"^{target}"
        return
    for each in (projects,) if isinstance(projects, str) else _texts(projects):
        yield {_SELF: target, "{self}": target, _DEPENDENCIES: f"^{target}"}.get(each, f"{each}:{target}")


def _read(files: Mapping[str, bytes], path: str) -> Said:
    text = files.get(normpath(path), b"").decode("utf-8-sig", "replace")
    return json_object(text) or json_object(without_comments(text)) or {}


def _object(said: object) -> Said:
    return said if isinstance(said, dict) else {}


def _texts(said: object) -> tuple[str, ...]:
    return tuple(each for each in said if isinstance(each, str)) if isinstance(said, list) else ()
