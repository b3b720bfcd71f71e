"""Tasks that stand in other files than package.json, as if they were its scripts: deno.json's, and Nx's project.json.

Facts: docs.deno.com "deno task": a task is a text, or an object with `command`; it is run where its file lies, the
nearest file upwards counts, and a name may have `*`. nx.dev "Project Configuration" and "run-commands" (`command`,
`commands`, `cwd` from the root, `env`): what a target says goes before the script of that name. What goes before a task
(`dependencies`, `dependsOn`), `targetDefaults`, tags and what package.json tells Nx are not read.
"""

from collections.abc import Iterator, Mapping
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from migcheck.paths import upwards
from migcheck.scripts.directories import moved
from migcheck.scripts.file_names import DENOS, NX, NX_PROJECT, files_called
from migcheck.scripts.jsonc import read_jsonc
from migcheck.scripts.script import Script
from migcheck.scripts.tasks.packages import Package, Packages
from migcheck.scripts.yaml_nodes import BadYamlError, items, line, member, members, text

if TYPE_CHECKING:
    from yaml import Node

_SAYS = ("command", "commands")
_RUNS_COMMANDS = ":run-commands"


def read_deno(files: Mapping[str, bytes]) -> Packages:
    """The tasks of the deno.json files, by directory; of two files in one, those of deno.json."""
    found: dict[str, Package] = {}
    for name in reversed(DENOS):
        for path, content in files_called(files, name):
            place = dirname(path) or "."
            found[place] = Package(place, "", dict(_of_deno(path, content, place)))
    return Packages(found)


def _of_deno(path: str, content: bytes, place: str) -> Iterator[tuple[str, Script]]:
    for name, node in members(member(_document(content), "tasks")):
        command = node if text(node) else member(node, "command")
        if command is not None and text(command):
            yield name, Script(path, name, line(command), text(command), place)


def is_nx_used(files: Mapping[str, bytes]) -> bool:
    """Whether there is a workspace of Nx."""
    return any(True for _ in files_called(files, NX))


def read_nx(files: Mapping[str, bytes], packages: Packages) -> Packages:
    """`packages`, with the targets that the project.json files have, below an nx.json, in place of their scripts."""
    roots = {dirname(path) or "." for path, _ in files_called(files, NX)}
    found = dict(packages.by_directory)
    for path, content in files_called(files, NX_PROJECT):
        place = dirname(path) or "."
        root = next((each for each in upwards(place) if each in roots), None)
        if root is not None:
            found[place] = _project(path, _document(content), root, found.get(place))
    return Packages(found)


def targets_of(nx: Packages) -> Iterator[Script]:
    """What the targets run that are no scripts of a package."""
    every = (each for package in nx.by_directory.values() for each in package.scripts.values())
    return (each for each in every if basename(each.path) == NX_PROJECT)


def _project(path: str, document: "Node | None", root: str, package: Package | None) -> Package:
    place = dirname(path) or "."
    scripts = dict(package.scripts) if package else {}
    for name, node in members(member(document, "targets")):
        if _is_run_by_another(node):
            scripts.pop(name, None)
        elif commands := [each for each in _commands(node) if text(each)]:
            scripts[name] = _target(path, name, node, commands, root)
    named = text(member(document, "name")) or (package.name if package else "")
    return Package(place, named or basename(place), scripts)


def _is_run_by_another(target: "Node") -> bool:
    """Whether an executor runs it that has commands of its own, or a configuration may have others."""
    executor = text(member(target, "executor"))
    several = members(member(target, "configurations"))
    others = any(member(each, key) is not None for _, each in several for key in _SAYS)
    return others or bool(executor and not executor.endswith(_RUNS_COMMANDS))


def _commands(target: "Node") -> Iterator["Node"]:
    for around in (target, member(target, "options")):
        for each in (each for key in _SAYS for each in items(member(around, key))):
            yield member(each, "command") or each


def _target(path: str, name: str, target: "Node", commands: list["Node"], root: str) -> Script:
    place = (dirname(path) or ".").removeprefix(f"{root}/")
    told = "\n".join(map(text, commands))
    cwd = text(member(target, "options", "cwd")) or "."
    told, cwd = (each.replace("{projectRoot}", place).replace("{workspaceRoot}", ".") for each in (told, cwd))
    return Script(
        path,
        f"targets.{name}",
        line(commands[0]),
        told,
        moved(root, cwd),
        lines=tuple(line(each) for each in commands for _ in text(each).split("\n")),
        settings=tuple((key, text(value)) for key, value in members(member(target, "options", "env"))),
    )


def _document(content: bytes) -> "Node | None":
    try:
        return read_jsonc(content)
    except BadYamlError:
        return None
