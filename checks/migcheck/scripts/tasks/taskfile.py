"""The tasks of a Taskfile. Each command of one is a script of its own, under `set -e`.

Facts: taskfile.dev "Guide" (names of files, the way up to one, `deps`; `ignore_error` reaches no task that is called),
"Schema reference" (short forms of a task and of its commands). What a Taskfile includes is not read. Its `env` is taken
at its word, though the environment goes before it.
"""

from collections.abc import Iterator
from itertools import islice
from posixpath import dirname
from typing import TYPE_CHECKING

from migcheck.regex import regex
from migcheck.scripts.databases import names_a_database
from migcheck.scripts.directories import moved
from migcheck.scripts.script import Script
from migcheck.scripts.shell.command import ShellOptions
from migcheck.scripts.tasks.makefile import Makefile, Target
from migcheck.scripts.yaml_nodes import BadYamlError, items, line, member, members, read_yaml, text

if TYPE_CHECKING:
    from yaml import Node

_OPTIONS = ShellOptions(errexit=True)
_IGNORES = "ignore_error: true"
_TEMPLATE = regex(r"\{\{[^{}]*\}\}")
_MOST = 5_000
"""Commands of one file, and tasks that one calls. No person writes more; aliases can."""
_LONGEST = 500
"""Characters of a name, an address and a directory: many have each of them."""
_MOST_SETTINGS = 20
"""Variables that all tasks are given, or one. Each command has them all."""


def read_taskfile(path: str, content: bytes, directory: str | None = None) -> Makefile:
    """The Taskfile at `path`, run in `directory` or else in its own; without a target where it cannot be read."""
    home = directory or dirname(path) or "."
    found: dict[str, Target] = {}
    try:
        document = read_yaml(content)
    except BadYamlError:
        document = None
    everywhere = _settings(document)
    left = _MOST
    for name, node in members(member(document, "tasks")):
        if len(name) <= _LONGEST:
            key = name if directory is None else f"{name} in {directory}"
            scripts = list(islice(_scripts(path, key, home, node, {**everywhere, **_settings(node)}), left))
            left -= len(scripts)
            target = Target(dict.fromkeys(islice(_needs(node), _MOST)), scripts)
            found |= dict.fromkeys((name, *(text(each) for each in items(member(node, "aliases")))), target)
    return Makefile(home, found)


def _settings(node: "Node | None") -> dict[str, str]:
    """What a Taskfile or a task sets of databases' addresses, where that is plain to see."""
    told = ((name, text(value)) for name, value in members(member(node, "env")) if names_a_database(name))
    plain = ((name, each) for name, each in told if name.isidentifier() and "{{" not in each)
    return dict(islice((each for each in plain if max(map(len, each)) <= _LONGEST), _MOST_SETTINGS))


def _scripts(path: str, key: str, home: str, task: "Node", given: dict[str, str]) -> Iterator[Script]:
    place = text(member(task, "dir"))
    for number, each in enumerate(_commands(task)):
        command = each if text(each) else member(each, "cmd")
        if command is not None and text(command):
            ignores = "true" in (text(member(one, "ignore_error")) for one in (each, task))
            yield Script(
                path,
                f"{key}/{number}",
                line(command),
                _TEMPLATE.sub("$TEMPLATE", text(command)),
                None if "{{" in place or len(place) > _LONGEST else moved(home, place or "."),
                _OPTIONS,
                goes_on=_IGNORES if ignores else "",
                settings=tuple(given.items()),
            )


def _needs(task: "Node") -> Iterator[str]:
    """The tasks that one calls, before its commands or among them."""
    yield from (text(each) or text(member(each, "task")) for each in items(member(task, "deps")))
    yield from (text(member(each, "task")) for each in _commands(task))


def _commands(task: "Node") -> Iterator["Node"]:
    """In the short form a task is nothing but its commands."""
    yield from (each for key in ("cmd", "cmds") for each in items(member(task, key)))
    yield from items(task)
