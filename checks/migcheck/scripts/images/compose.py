"""What containers of Docker Compose run, each file taken for itself, and which of them a call starts.

Facts: docs.docker.com "How Compose works" and compose-go 2, `cli`: names of files in their order, of two in a directory
the first counts, and the way up to one; "Compose file reference": `command` and `entrypoint` (a list, or a text that is
split as a shell would and given to no shell; the command is handed to the entrypoint as its arguments), `environment`
(a mapping, or a list of `NAME=value`), `build`, `depends_on`, `profiles`, "Interpolation" (`${NAME:-default}`), "Merge"
(of `command` and `entrypoint` what the later file says counts).
"""

import re
import shlex
from collections.abc import Container, Iterator, Mapping
from functools import cached_property
from itertools import islice
from posixpath import basename, dirname, join, normpath
from typing import TYPE_CHECKING

from msgspec import Struct, field

from migcheck.paths import upwards
from migcheck.regex import regex
from migcheck.scripts.ci.own_database import is_own
from migcheck.scripts.databases import is_database_image, names_a_database
from migcheck.scripts.directories import home, moved
from migcheck.scripts.images.compose_calls import ComposeCall
from migcheck.scripts.reach import Starter
from migcheck.scripts.script import Script
from migcheck.scripts.shell.options import split
from migcheck.scripts.shell.programs import SHELLS
from migcheck.scripts.yaml_nodes import (
    BadYamlError,
    first_members,
    is_list,
    items,
    line,
    member,
    members,
    read_yaml,
    text,
)

if TYPE_CHECKING:
    from yaml import Node

_NAME = regex(r"[\w.-]*compose[\w.-]*\.ya?ml")
_PRODUCTION = regex(r"(?:docker-)?compose[.-]prod(?:uction)?\.ya?ml")
_AT_HAND = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
_OVERRIDES = tuple(f"{name}.override.{end}" for name in ("compose", "docker-compose") for end in ("yml", "yaml"))
_NAMES_FILES = b"COMPOSE_FILE"
"""Where anything has it, which files are at hand only running tells."""
_TAKES_IN = regex(rb"^include:|^\s+extends:", re.MULTILINE)
_DEFAULT = regex(r"\$\{\w+:?-(?P<default>[^{}]*)\}", re.ASCII)
_DATABASE = regex(r"(?:db|database|pg|postgres(?:ql)?|postgis)[-_]?\d*", re.ASCII | re.IGNORECASE)
_OF_TEXT = regex(r"-\w*c", re.ASCII)
_LONGEST = 2_000
"""Characters of an entrypoint that are looked at for a shell script: each word is read in quadratic time."""
_MOST = 500
"""Services of one file. No person writes more; aliases can."""


class Service(Struct, frozen=True):
    """A service: what it runs, what it `needs`, and whether a profile keeps it out."""

    scripts: tuple[Script, ...]
    needs: tuple[str, ...] = ()
    profiled: bool = False


class Composes(Struct, dict=True):
    """The compose files among `files`, those at `paths`. `directories` are those that hold a package."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    paths: tuple[str, ...] = ()
    directories: Container[str] = ()
    _serving: dict[str, bool] = field(default_factory=dict)

    @property
    def scripts(self) -> Iterator[Script]:
        """Everything that they run."""
        return (each for services in self._read.values() for service in services.values() for each in service.scripts)

    def asked(self, call: ComposeCall, directory: str | None) -> Iterator[Script]:
        """What `call`, made from `directory`, has Compose run; nothing where only running it tells.

        Of a service that a later file gives other words, or a profile, an earlier one tells nothing.
        """
        named = [moved(directory, each) for each in call.files] or self._at_hand(directory)
        over = set[str]()
        for services in (self._read[each] for each in reversed(named) if each is not None and each in self._read):
            every = [name for name, each in services.items() if not each.profiled]
            left, seen = list(call.services or every), set[str]()
            while left:
                name = left.pop()
                if name in services and name not in seen:
                    seen.add(name)
                    left += services[name].needs
                    replaced = name in over or (call.instead and name in call.services)
                    yield from () if replaced else services[name].scripts
            over |= {name for name, each in services.items() if each.scripts or each.profiled}

    def may_serve(self) -> bool:
        """Whether a step of CI that starts Compose may start a Postgres: any file has one, or there is no file."""
        return not self.paths or any(map(self._serves, self.paths))

    @cached_property
    def _read(self) -> Mapping[str, Mapping[str, Service]]:
        """The services of each file."""
        return {path: self._services(path) for path in self.paths}

    @cached_property
    def _documents(self) -> "Mapping[str, Node | None]":
        return {path: _document(self.files[path]) for path in self.paths}

    def _at_hand(self, directory: str | None) -> list[str | None]:
        """The files that Compose takes in `directory`: the nearest upwards, and what overrides it."""
        for place in () if directory is None or self._is_told else upwards(directory):
            found = [self._first(names, place) for names in (_AT_HAND, _OVERRIDES)]
            if found[0] is not None:
                return found
        return []

    @cached_property
    def _is_told(self) -> bool:
        return any(_NAMES_FILES in each for each in self.files.values())

    def _first(self, names: tuple[str, ...], directory: str) -> str | None:
        return next((path for each in names if (path := normpath(join(directory, each))) in self._read), None)

    def _serves(self, path: str) -> bool:
        """Whether the file at `path` has a Postgres, or may: it takes in others, which are not read."""
        if path not in self._serving:
            services = islice(members(member(self._documents[path], "services")), _MOST)
            takes_in = _TAKES_IN.search(self.files[path]) is not None
            self._serving[path] = takes_in or any(_is_database(*each) for each in services)
        return self._serving[path]

    def _services(self, path: str) -> Mapping[str, Service]:
        """The services of one file."""
        found: dict[str, Service] = {}
        for name, node in islice(members(member(self._documents[path], "services")), _MOST):
            needs = member(node, "depends_on")
            named = (*(each for each, _ in first_members(needs)), *map(text, items(needs)))
            scripts = (self._script(path, name, node, said) for said in _said(node))
            found[name] = Service(tuple(scripts), tuple(filter(None, named)), member(node, "profiles") is not None)
        return found

    def _script(self, path: str, name: str, node: "Node", said: "_Said") -> Script:
        """What a container runs. One for production starts by itself; any other is a person's, its database with it.

        The files of a directory are often laid over each other: a Postgres in one of them goes with each.
        """
        production = _PRODUCTION.fullmatch(basename(path)) is not None
        beside = (each for each in self.paths if dirname(each) == dirname(path))
        return Script(
            path,
            f"{name}/{said.key}",
            said.line,
            said.words,
            self._directory(path, node),
            started_by=Starter.START if production else None,
            own_database=not production and is_own(_addresses(node), said.words, served=any(map(self._serves, beside))),
        )

    def _directory(self, path: str, node: "Node") -> str | None:
        """Where the image of a service is built from, if a package lies there, or where it is said, if one lies above.

        None where no package does: what lies in the image, nobody here knows.
        """
        build = member(node, "build")
        context = text(build) or text(member(build, "context"))
        built = moved(dirname(path) or ".", context) if context else None
        place = built if built in self.directories else home(path, self.directories)
        return place if place in self.directories or place == "." else None


def is_compose(path: str) -> bool:
    """Whether the file at `path` is a compose file, by its name."""
    return _NAME.fullmatch(basename(path)) is not None


def _document(content: bytes) -> "Node | None":
    try:
        return read_yaml(content)
    except BadYamlError:
        return None


class _Said(Struct, frozen=True):
    """What a container is told, by which key, and the line of it."""

    key: str
    line: int
    words: str


def _said(service: "Node") -> list[_Said]:
    nodes = [(key, each) for key in ("entrypoint", "command") if (each := member(service, key)) is not None]
    said = [_Said(key, line(each), words) for key, each in nodes if (words := _words(each))]
    match said:
        case [entrypoint, command] if not _runs_script(entrypoint.words):
            return [_Said(command.key, command.line, f"{entrypoint.words.strip()} {command.words}")]
        case _:
            return said


def _words(node: "Node") -> str:
    return shlex.join(map(text, items(node))) if is_list(node) else text(node)


def _runs_script(entrypoint: str) -> bool:
    """Whether an entrypoint is a shell script, which does with the command what it likes."""
    words = split(entrypoint[:_LONGEST])
    at = next((number for number, word in enumerate(words, 1) if basename(word) in SHELLS), len(words))
    told = words[at:]
    return any(each.endswith((".sh", ".bash")) for each in words) or (bool(told) and not _OF_TEXT.fullmatch(told[-1]))


def _addresses(service: "Node") -> dict[str, str]:
    node = member(service, "environment")
    named = ((name, text(value)) for name, value in first_members(node))
    listed = (text(each).partition("=")[::2] for each in items(node))
    return {
        name: _DEFAULT.sub(lambda each: each["default"], value)
        for name, value in (*named, *listed)
        if names_a_database(name)
    }


def _is_database(name: str, service: "Node") -> bool:
    """Whether a service is a Postgres: by its image, or by its name where the file tells of no image."""
    image = text(member(service, "image"))
    unsaid = not image or "$" in image
    return is_database_image(image) or (unsaid and _DATABASE.fullmatch(name) is not None)
