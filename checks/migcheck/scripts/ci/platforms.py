"""What a platform is told to run: vercel.json, netlify.toml, railway, fly.toml, render.yaml, nixpacks.toml, Procfile.

Facts: each platform's configuration reference, for the keys below; developers.cloudflare.com "Wrangler configuration",
"Custom builds" (`build.command` and `build.cwd`, those of an environment as well: `[env.dev.build]` is a person's own).
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from posixpath import basename, dirname, join, normpath

from msgspec.structs import replace

from migcheck.regex import regex
from migcheck.scripts.at_hand import is_named_at_hand
from migcheck.scripts.jsonc import json_object, without_comments
from migcheck.scripts.reach import Starter
from migcheck.scripts.script import Script
from migcheck.scripts.yaml_nodes import BadYamlError, items, line, members, nodes, read_yaml, text

_KEYS: Mapping[str, Starter] = {
    "buildCommand": Starter.BUILD,
    "installCommand": Starter.BUILD,
    "startCommand": Starter.START,
    "dockerCommand": Starter.START,
    "preDeployCommand": Starter.DEPLOY,
    "release_command": Starter.DEPLOY,
    "postdeploy": Starter.DEPLOY,
    "command": Starter.BUILD,
    "cmds": Starter.BUILD,
    "cmd": Starter.START,
}
# The parser takes a second for ten thousand.
_DEEP = regex(r"(?:[\w-]+\.){100}")
_PROCESS = regex(r"(?P<name>[\w-]+):\s*(?P<command>.+)", re.ASCII)


def read_platform(path: str, content: bytes) -> Iterator[Script]:
    """What the configuration at `path` has its platform run. Nothing where it cannot be read."""
    with suppress(BadYamlError, tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError):
        yield from _FILES[basename(path)](path, content)


def _of_yaml(path: str, content: bytes) -> Iterator[Script]:
    # JSON is YAML, but for tabs, which JSON has only between its tokens.
    for node in nodes(read_yaml(content.replace(b"\t", b" "))):
        for key, value in members(node):
            for each in items(value) if key in _KEYS else ():
                if text(each):
                    yield _script(path, key, line(each), text(each), _KEYS[key])


def _of_toml(path: str, content: bytes) -> Iterator[Script]:
    told = content.decode()
    if _DEEP.search(told):
        return
    yield from _in_table(path, told.split("\n"), tomllib.loads(told), "")


def _in_table(path: str, lines: list[str], table: Mapping[str, object], name: str) -> Iterator[Script]:
    for key, value in table.items():
        if isinstance(value, dict) and key != "dev":
            yield from _in_table(path, lines, value, key)
        starter = Starter.START if name == "processes" else _KEYS.get(key)
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, str) and starter is not None:
                yield _script(path, key, _line(lines, key, each), each, starter)


def _line(lines: list[str], key: str, command: str) -> int:
    named = (number for number, each in enumerate(lines, 1) if key in each and command[:20] in each)
    return next(named, next((number for number, each in enumerate(lines, 1) if key in each), 1))


def _of_processes(path: str, content: bytes) -> Iterator[Script]:
    for number, each in enumerate(content.decode().split("\n"), 1):
        if found := _PROCESS.fullmatch(each.strip()):
            starter = Starter.DEPLOY if found["name"] == "release" else Starter.START
            yield _script(path, found["name"], number, found["command"], starter)


def _of_wrangler(path: str, content: bytes) -> Iterator[Script]:
    told = content.decode("utf-8-sig")
    is_toml = path.endswith(".toml")
    if is_toml and _DEEP.search(told):
        return
    table = tomllib.loads(told) if is_toml else json_object(without_comments(told)) or {}
    environments = table.get("env")
    others = environments.items() if isinstance(environments, dict) else ()
    for name, each in (("", table), *others):
        match each:
            case {"build": {"command": str() as command, **build}}:
                starter = None if is_named_at_hand(name) else Starter.BUILD
                script = _script(path, "command", _line(told.split("\n"), "command", command), command, starter)
                yield replace(script, directory=normpath(join(dirname(path), str(build.get("cwd", "")))))
            case _:
                pass


def _script(path: str, key: str, number: int, command: str, starter: Starter | None) -> Script:
    return Script(path, f"{key}/{number}", number, command, dirname(path) or ".", started_by=starter)


_FILES: Mapping[str, Callable[[str, bytes], Iterator[Script]]] = {
    "vercel.json": _of_yaml,
    "app.json": _of_yaml,
    "railway.json": _of_yaml,
    "render.yaml": _of_yaml,
    "railway.toml": _of_toml,
    "netlify.toml": _of_toml,
    "fly.toml": _of_toml,
    "nixpacks.toml": _of_toml,
    **dict.fromkeys(("wrangler.toml", "wrangler.json", "wrangler.jsonc"), _of_wrangler),
    "Procfile": _of_processes,
}
