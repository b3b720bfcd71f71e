"""What the containers of a compose file for production are told to run.

Facts: docs.docker.com "Compose file reference", `command` and `entrypoint`: a list, or a text that is split as a shell
would and given to no shell.
"""

import re
import shlex
from collections.abc import Container, Iterator
from posixpath import basename
from typing import TYPE_CHECKING

from migcheck.scripts.directories import home
from migcheck.scripts.reach import Entry
from migcheck.scripts.script import Script
from migcheck.scripts.yaml_nodes import BadYamlError, items, line, member, members, read_yaml, text

if TYPE_CHECKING:
    from yaml import Node

_NAME = re.compile(r"(?:docker-)?compose[.-]prod(?:uction)?\.ya?ml")
_KEYS = ("entrypoint", "command")


def is_compose(path: str) -> bool:
    """Whether the file at `path` is a compose file for production, by its name. Any other is a person's own."""
    return _NAME.fullmatch(basename(path)) is not None


def read_compose(path: str, content: bytes, directories: Container[str]) -> Iterator[Script]:
    """What each service runs. None where the file cannot be read."""
    try:
        services = member(read_yaml(content), "services")
    except BadYamlError:
        return
    directory = home(path, directories)
    for name, service in members(services):
        for key in _KEYS:
            told = member(service, key)
            if told is not None and (words := _words(told)):
                yield Script(path, f"{name}/{key}", line(told), words, directory, entry=Entry.START)


def _words(told: "Node") -> str:
    return text(told) or shlex.join(text(each) for each in items(told))
