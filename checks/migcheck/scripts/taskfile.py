"""The tasks of a Taskfile. Each command of one is a script of its own, for a shell under `set -e`.

Facts: taskfile.dev "Guide" (names of files, the way up to one, `deps`; `ignore_error` reaches no task that is called),
"Schema reference" (short forms of a task and of its commands).
"""

import re
import shlex
from collections.abc import Iterator, Mapping
from itertools import islice
from posixpath import dirname
from typing import TYPE_CHECKING

from msgspec import Struct

from migcheck.scripts.command import ShellOptions
from migcheck.scripts.databases import names_a_database
from migcheck.scripts.directories import moved
from migcheck.scripts.makefile import Makefile, Target
from migcheck.scripts.script import Script
from migcheck.scripts.yaml_nodes import BadYamlError, items, line, member, members, read_yaml, text

if TYPE_CHECKING:
    from yaml import Node

_OPTIONS = ShellOptions(errexit=True)
_IGNORES = "ignore_error: true"
_TEMPLATE = re.compile(r"\{\{[^{}]*\}\}")
_MOST = 5_000
"""Commands of one file. No person writes more; aliases can."""


def read_taskfile(path: str, content: bytes) -> Makefile:
    """The Taskfile at `path`; without a target where it cannot be read. What it includes is not followed."""
    found: dict[str, Target] = {}
    try:
        document = read_yaml(content)
    except BadYamlError:
        document = None
    everywhere, left = _addresses(document), _MOST
    for name, node in members(member(document, "tasks")):
        task = _Task(path, name, node, everywhere)
        scripts = list(islice(task.scripts(), left))
        left -= len(scripts)
        found[name] = Target(dict.fromkeys(task.needs()), scripts)
        found |= {text(each): found[name] for each in items(member(node, "aliases"))}
    return Makefile(dirname(path) or ".", found)


class _Task(Struct, frozen=True):
    """A task of the Taskfile at `path`. `everywhere` are the addresses of databases that all tasks are given."""

    path: str
    name: str
    node: "Node"
    everywhere: Mapping[str, str]

    def needs(self) -> Iterator[str]:
        """The tasks that it calls, before its commands or among them."""
        for each in items(member(self.node, "deps")):
            yield text(each) or text(member(each, "task"))
        yield from (text(member(each, "task")) for each in self._commands())

    def scripts(self) -> Iterator[Script]:
        """Its commands."""
        begin = dirname(self.path) or "."
        place = text(member(self.node, "dir"))
        given = {**self.everywhere, **_addresses(self.node)}
        export = "".join(f"export {name}={shlex.quote(value)}; " for name, value in given.items())
        for number, each in enumerate(self._commands()):
            command = each if text(each) else member(each, "cmd")
            if command is not None and text(command):
                ignores = "true" in (text(member(one, "ignore_error")) for one in (each, self.node))
                yield Script(
                    self.path,
                    f"{self.name}/{number}",
                    line(command),
                    export + _TEMPLATE.sub("$TEMPLATE", text(command)),
                    begin if not place else None if "{{" in place else moved(begin, place),
                    _OPTIONS,
                    goes_on=_IGNORES if ignores else "",
                )

    def _commands(self) -> Iterator["Node"]:
        """In the short form a task is nothing but its commands."""
        named = [member(self.node, key) for key in ("cmd", "cmds")]
        yield from (each for one in named for each in items(one))
        yield from items(self.node)


def _addresses(node: "Node | None") -> dict[str, str]:
    """What a Taskfile or a task sets of databases' addresses, word for word."""
    told = ((name, text(value)) for name, value in members(member(node, "env")) if names_a_database(name))
    return {name: value for name, value in told if value.isascii() and name.isidentifier() and "{{" not in value}
