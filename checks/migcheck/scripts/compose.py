"""What the containers of compose files are told to run, and whether a database goes with them.

Facts: docs.docker.com "Compose file reference": `command` and `entrypoint` (a list, or a text that is split as a shell
would and given to no shell; the command is handed to the entrypoint as its arguments), `environment` (a mapping, or a
list of `NAME=value`), `build`, `depends_on`, `profiles`, "Interpolation" (`${NAME:-default}`); "How Compose works"
(names of files, and of two in a directory which one counts).
"""

import re
import shlex
from collections.abc import Container, Iterator, Mapping, Sequence
from posixpath import basename, dirname, join, normpath
from typing import TYPE_CHECKING

from msgspec import Struct, field

from migcheck.scripts.compose_calls import ComposeCall
from migcheck.scripts.databases import is_database_image, names_a_database
from migcheck.scripts.directories import home, moved
from migcheck.scripts.own_database import is_own
from migcheck.scripts.programs import SHELLS
from migcheck.scripts.reach import Entry
from migcheck.scripts.script import Script
from migcheck.scripts.yaml_merged import Merged
from migcheck.scripts.yaml_nodes import BadYamlError, items, line, member, read_yaml, text

if TYPE_CHECKING:
    from yaml import Node

_NAME = re.compile(r"[\w.-]*compose[\w.-]*\.ya?ml")
_PRODUCTION = re.compile(r"(?:docker-)?compose[.-]prod(?:uction)?\.ya?ml")
_AT_HAND = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
_OVERRIDES = tuple(each.replace(".y", ".override.y") for each in _AT_HAND)
_DEFAULT = re.compile(r"\$\{\w+:?-(?P<default>[^{}]*)\}", re.ASCII)
_KEYS = ("entrypoint", "command")
_ASKS_FOR_SCRIPT = re.compile(r"-\w*c", re.ASCII)
_MOST = 500
"""Services of one file. No person writes more; aliases can."""
_LONGEST = 2_000
"""Characters of an entrypoint that are looked at for a shell script: each word is read in quadratic time."""


class Service(Struct, frozen=True):
    """A service: what it runs, by the key that says so, what it `needs`, and whether a profile keeps it out."""

    scripts: Mapping[str, Script]
    needs: tuple[str, ...] = ()
    profiled: bool = False


class Composes(Struct, frozen=True):
    """The services of every compose file, by its path."""

    by_path: Mapping[str, Mapping[str, Service]] = field(default_factory=dict)

    @property
    def scripts(self) -> Iterator[Script]:
        """Everything that they run."""
        return (each for one in self.by_path.values() for service in one.values() for each in service.scripts.values())

    def asked(self, call: ComposeCall, directory: str | None) -> Iterator[Script]:
        """What `call`, made from `directory`, has Compose run; nothing where only running it tells."""
        paths = self._at_hand(directory) if not call.files else [moved(directory, each) for each in call.files]
        services: dict[str, Service] = {}
        for path in paths:
            for name, each in self.by_path.get(path or "", {}).items():
                before = services.get(name, Service({}))
                needs, profiled = (*before.needs, *each.needs), before.profiled or each.profiled
                services[name] = Service({**before.scripts, **each.scripts}, needs, profiled)
        every = [name for name, each in services.items() if call.profiled or not each.profiled]
        left, seen = list(call.services or every), set[str]()
        while left:
            name = left.pop()
            if name in services and name not in seen:
                seen.add(name)
                left += services[name].needs
                if not (call.instead and name in call.services):
                    yield from services[name].scripts.values()

    def _at_hand(self, directory: str | None) -> list[str | None]:
        """The files that Compose takes in `directory` where none is named: the nearest upwards, what overrides it."""
        place = directory
        while place is not None and not place.startswith(".."):
            found = next((path for each in _AT_HAND if (path := normpath(join(place, each))) in self.by_path), None)
            if found is not None:
                overrides = (normpath(join(place, each)) for each in _OVERRIDES)
                return [found, *(each for each in overrides if each in self.by_path)]
            if place == ".":
                break
            place = dirname(place) or "."
        return []


def is_compose(path: str) -> bool:
    """Whether the file at `path` is a compose file, by its name."""
    return _NAME.fullmatch(basename(path)) is not None


def has_a_database(content: bytes) -> bool:
    """Whether a compose file has a Postgres among its services."""
    try:
        return _is_served(member(read_yaml(content), "services"))
    except BadYamlError:
        return False


def _is_served(services: "Node | None") -> bool:
    yaml = Merged()
    return any(is_database_image(text(yaml.member(each, "image"))) for _, each in yaml.members(services))


def read_compose(path: str, content: bytes, directories: Container[str]) -> Mapping[str, Service]:
    """The services of the compose file at `path`. None where it cannot be read.

    One for production starts by itself. Any other is a person's own until something starts it, its database with it.
    """
    try:
        services = member(read_yaml(content), "services")
    except BadYamlError:
        return {}
    reader = _Reader(path, directories, _is_served(services))
    named = list(reader.yaml.members(services))[:_MOST]
    return {name: reader.service(name, node) for name, node in named}


class _Reader(Struct):
    """What the file at `path` is read with. `served`: a Postgres is among its services."""

    path: str
    directories: Container[str]
    served: bool
    yaml: Merged = field(default_factory=Merged)

    def service(self, name: str, node: "Node") -> Service:
        told = {key: found for key in _KEYS if (found := self.yaml.member(node, key)) is not None}
        words = {key: text(each) or shlex.join(map(text, items(each))) for key, each in told.items()}
        if words.get("command") and words.get("entrypoint") and not _is_script(_split(words["entrypoint"][:_LONGEST])):
            words["command"] = f"{words.pop('entrypoint').strip()} {words['command']}"
        scripts = (self._script(f"{name}/{key}", node, line(told[key]), each) for key, each in words.items())
        depends = self.yaml.member(node, "depends_on")
        needs = (*(each for each, _ in self.yaml.members(depends)), *(text(each) for each in items(depends)))
        return Service(
            {each.name.rpartition("/")[2]: each for each in scripts if each.text},
            needs,
            self.yaml.member(node, "profiles") is not None,
        )

    def _script(self, name: str, service: "Node", number: int, words: str) -> Script:
        production = _PRODUCTION.fullmatch(basename(self.path)) is not None
        return Script(
            self.path,
            name,
            number,
            words,
            self._directory(service),
            entry=Entry.START if production else None,
            own_database=not production and is_own(self._addresses(service), words, served=self.served),
        )

    def _directory(self, service: "Node") -> str:
        """Where the image of a service is built from, if a package lies there."""
        build = self.yaml.member(service, "build")
        context = text(build) or text(self.yaml.member(build, "context"))
        place = moved(dirname(self.path) or ".", context) if context else None
        return place if place is not None and place in self.directories else home(self.path, self.directories)

    def _addresses(self, service: "Node") -> dict[str, str]:
        environment = self.yaml.member(service, "environment")
        told = ((name, text(value)) for name, value in self.yaml.members(environment))
        listed = (text(each).partition("=")[::2] for each in items(environment))
        found = ((name, _DEFAULT.sub(lambda each: each["default"], value)) for name, value in (*told, *listed))
        return {name: value for name, value in found if names_a_database(name)}


def _split(words: str) -> Sequence[str]:
    try:
        return shlex.split(words)
    except ValueError:
        return words.split()


def _is_script(words: Sequence[str]) -> bool:
    """Whether an entrypoint is a shell script, which does with the command what it likes."""
    at = next((number for number, word in enumerate(words, 1) if basename(word) in SHELLS), len(words))
    told = words[at:]
    return any(each.endswith((".sh", ".bash")) for each in words) or (
        bool(told) and not _ASKS_FOR_SCRIPT.fullmatch(told[-1])
    )
