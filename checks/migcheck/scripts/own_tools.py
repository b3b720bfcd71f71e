"""What a person's own tools run unasked: a development container when it is made, git's hooks by lefthook.

Facts: containers.dev "Dev Container metadata reference", "Lifecycle scripts" (a text, a list, or an object of both; run
in the directory of the workspace); lefthook.dev "Configuration", `run`.
"""

import shlex
from collections.abc import Iterator
from posixpath import basename, dirname, join, normpath
from typing import TYPE_CHECKING

from migcheck.scripts.compose import Composes
from migcheck.scripts.databases import names_a_database, starts_a_database
from migcheck.scripts.file_names import LEFTHOOKS
from migcheck.scripts.jsonc import read_jsonc
from migcheck.scripts.own_database import is_own
from migcheck.scripts.script import Script
from migcheck.scripts.yaml_nodes import BadYamlError, is_list, items, line, member, members, nodes, read_yaml, text

if TYPE_CHECKING:
    from yaml import Node

_KEYS = (
    "initializeCommand",
    "onCreateCommand",
    "updateContentCommand",
    "postCreateCommand",
    "postStartCommand",
    "postAttachCommand",
)
_ENVIRONMENTS = ("containerEnv", "remoteEnv")
_HOME = ".devcontainer"


def read_own_tool(path: str, content: bytes, composes: Composes) -> Iterator[Script]:
    """What the configuration at `path` has run; nothing where it cannot be read. Nobody but a person begins it."""
    try:
        if basename(path) in LEFTHOOKS:
            yield from _of_lefthook(path, read_yaml(content))
        else:
            yield from _of_container(path, read_jsonc(content), composes)
    except BadYamlError:
        return


def _of_lefthook(path: str, document: "Node | None") -> Iterator[Script]:
    for node in nodes(document):
        for key, value in members(node):
            if key == "run" and text(value):
                yield Script(path, f"run/{line(value)}", line(value), text(value), ".")


def _of_container(path: str, document: "Node | None", composes: Composes) -> Iterator[Script]:
    settings = {
        name: text(value)
        for each in _ENVIRONMENTS
        for name, value in members(member(document, each))
        if names_a_database(name)
    }
    named = (normpath(join(dirname(path), text(each))) for each in items(member(document, "dockerComposeFile")))
    served = any(map(composes.has_a_database, named))
    served = served or any("postgres" in name for name, _ in members(member(document, "features")))
    place = path.split(f"{_HOME}/", maxsplit=1)[0] if f"{_HOME}/" in path else dirname(path)
    told = [each for key in _KEYS if (value := member(document, key)) is not None for each in _commands(value)]
    served = served or any(starts_a_database(each) for _, each in told)
    for number, (at, each) in enumerate(told):
        own = is_own(settings, each, served=served)
        yield Script(path, f"command/{number}", at, each, place.rstrip("/") or ".", own_database=own)


def _commands(told: "Node") -> Iterator[tuple[int, str]]:
    """The commands of one key, each with its line: a list is one command, an object holds several."""
    if is_list(told):
        yield line(told), shlex.join(text(each) for each in items(told))
    elif text(told):
        yield line(told), text(told)
    for _, each in members(told):
        yield from _commands(each) if not any(True for _ in members(each)) else ()
