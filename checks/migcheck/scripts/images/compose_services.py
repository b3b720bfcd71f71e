"""What the containers of a service of Compose's are told to run, and whether a database goes with them.

Facts: docs.docker.com "Compose file reference": `command` and `entrypoint` (a list, or a text that is split as a shell
would and given to no shell; the command is handed to the entrypoint as its arguments), `environment` (a mapping, or a
list of `NAME=value`), `build`, `depends_on`, `profiles`, "Interpolation" (`${NAME:-default}`).
"""

import re
import shlex
from collections.abc import Container, Mapping
from posixpath import basename, join

from msgspec import Struct

from migcheck.regex import regex
from migcheck.scripts.ci.own_database import is_own
from migcheck.scripts.databases import is_database_image, names_a_database
from migcheck.scripts.directories import home, moved
from migcheck.scripts.images.compose_files import Layers, told
from migcheck.scripts.reach import Starter
from migcheck.scripts.script import Script
from migcheck.scripts.shell.options import split
from migcheck.scripts.shell.programs import SHELLS
from migcheck.scripts.yaml_nodes import first_members, is_list, items, line, member, text

_PRODUCTION = regex(r"(?:docker-)?compose[.-]prod(?:uction)?\.ya?ml")
_DEFAULT = regex(r"\$\{\w+:?-(?P<default>[^{}]*)\}", re.ASCII)
_DATABASE = regex(r"(?:db|database|pg|postgres(?:ql)?|postgis)[-_]?\d*", re.ASCII | re.IGNORECASE)
_ENTRYPOINT, _COMMAND = "entrypoint", "command"
_NULL = "tag:yaml.org,2002:null"
_ASKS_FOR_SCRIPT = regex(r"-\w*c", re.ASCII)
LONGEST = 2_000
"""Characters of an entrypoint that are looked at for a shell script: each word is read in quadratic time."""


class Service(Struct, frozen=True):
    """A service: what it runs, by the key that says so, what it `needs`, and whether a profile keeps it out.

    `entrypoint` is what runs the words that stand for its command; None where its image has one, or none.
    """

    scripts: Mapping[str, Script]
    needs: tuple[str, ...] = ()
    profiled: bool = False
    entrypoint: Script | None = None


class Project(Struct, frozen=True):
    """What Compose makes of the files `paths` together. `directories` are those that hold a package.

    `name` tells it from all others.
    """

    paths: tuple[str, ...]
    directories: Container[str]
    name: str = ""

    def read(self, services: Mapping[str, Layers]) -> dict[str, Service]:
        """Each of the services; one for production starts by itself.

        Any other is a person's own until something starts it, its database with it.
        """
        served = is_served(services)
        return {name: self._service(name, layers, served=served) for name, layers in services.items()}

    def _service(self, name: str, layers: Layers, *, served: bool) -> Service:
        said = {key: found for key in (_ENTRYPOINT, _COMMAND) if (found := _words(layers, key)) is not None}
        scripts = {key: self._script(f"{name}/{key}", layers, each, served=served) for key, each in said.items()}
        begun = scripts.get(_ENTRYPOINT)
        if begun is not None and _COMMAND in scripts and not runs_script(begun.text):
            words = _Words(said[_COMMAND].path, said[_COMMAND].line, f"{begun.text.strip()} {said[_COMMAND].text}")
            scripts = {_COMMAND: self._script(f"{name}/{_COMMAND}", layers, words, served=served)}
        return Service(scripts, tuple(needs(layers)), bool(told(layers, "profiles")), begun)

    def _script(self, name: str, layers: Layers, words: "_Words", *, served: bool) -> Script:
        alone = self.paths == (words.path,)
        told = (words.path, *self.paths) if len(self.paths) == 1 else (words.path,)
        production = any(_PRODUCTION.fullmatch(basename(each)) for each in told)
        return Script(
            words.path,
            name if alone else f"{name} in {self.name}",
            words.line,
            words.text,
            self._directory(layers),
            started_by=Starter.START if production else None,
            own_database=not production and is_own(_addresses(layers), words.text, served=served),
        )

    def _directory(self, layers: Layers) -> str | None:
        """Where the image of a service is built from, if a package lies there, or where it is said, if one lies above.

        None where no package does: what lies in the image, nobody here knows.
        """
        for layer, node in reversed(told(layers, "build")):
            context = text(node) or text(member(node, "context"))
            if context:
                place = moved(layer.directory, context)
                if place is not None and place in self.directories:
                    return place
                break
        place = home(join(layers[-1].directory or ".", "compose.yaml").removeprefix("./"), self.directories)
        return place if place in self.directories or place == "." else None


class _Words(Struct, frozen=True):
    """What a container is told, and where: in the file at `path`, from `line` on."""

    path: str
    line: int
    text: str


def _words(layers: Layers, key: str) -> _Words | None:
    """What the uppermost file says; None where none says anything, or that it is nothing."""
    found = told(layers, key)
    if not found or found[-1][1].tag == _NULL:
        return None
    layer, node = found[-1]
    words = shlex.join(map(text, items(node))) if is_list(node) else text(node)
    return _Words(layer.path, line(node), words) if words else None


def needs(layers: Layers) -> list[str]:
    """The services that one waits for."""
    found = told(layers, "depends_on")
    named = [name for _, node in found for name, _ in first_members(node)]
    return [*named, *(text(each) for _, node in found for each in items(node))]


def _addresses(layers: Layers) -> dict[str, str]:
    found: dict[str, str] = {}
    for _, node in told(layers, "environment"):
        named = ((name, text(value)) for name, value in first_members(node))
        listed = (text(each).partition("=")[::2] for each in items(node))
        for name, value in (*named, *listed):
            if names_a_database(name):
                found[name] = _DEFAULT.sub(lambda each: each["default"], value)
    return found


def is_served(services: Mapping[str, Layers]) -> bool:
    """Whether a Postgres is among services: by its image, or by its name where the file tells of no image."""
    return any(_is_database(name, layers) for name, layers in services.items())


def _is_database(name: str, layers: Layers) -> bool:
    image = "".join(text(node) for _, node in told(layers, "image")[-1:])
    unsaid = not image or "$" in image
    return is_database_image(image) or (unsaid and _DATABASE.fullmatch(name) is not None)


def runs_script(entrypoint: str) -> bool:
    """Whether an entrypoint is a shell script, which does with the command what it likes."""
    words = split(entrypoint[:LONGEST])
    at = next((number for number, word in enumerate(words, 1) if basename(word) in SHELLS), len(words))
    behind = words[at:]
    return any(each.endswith((".sh", ".bash")) for each in words) or (
        bool(behind) and not _ASKS_FOR_SCRIPT.fullmatch(behind[-1])
    )
