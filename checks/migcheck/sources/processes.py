"""Which commands source code runs as processes, of which no one is given a database on this machine.

Facts: nodejs.org "Child process"; execa and zx, `$`; bun.sh "Shell" and "Spawn".
"""

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from migcheck.regex import regex
from migcheck.scripts.databases import is_local, is_local_url, names_a_database
from migcheck.scripts.shell.command import Command
from migcheck.scripts.shell.parsed import UnreadableScriptError, read_shell
from migcheck.sources.module import Call, Module
from migcheck.typescript.imports import Import
from migcheck.typescript.plain import BesideFile, Fields, Unread, Value
from migcheck.typescript.syntax import bare, field, text_of
from migcheck.typescript.values import text_with_gaps, value_of

if TYPE_CHECKING:
    from tree_sitter import Node

_PROCESSES = frozenset({"child_process", "node:child_process", "execa", "zx", "bun", "shelljs", "cross-spawn"})
_OF_BUN = frozenset({"Bun.spawn", "Bun.spawnSync"})
_TAGS = frozenset({"$", "Bun.$"})
_MAKE_A_DATABASE = regex(
    r"@?testcontainers(?:/.*)?|@electric-sql/pglite|drizzle-orm/pglite(?:/.*)?|embedded-postgres|pg-mem"
)
_UNKNOWN = "$UNKNOWN"


class Started(Struct, frozen=True):
    """A command, and the directory that it is run in; None where that is left to the program."""

    command: Command
    directory: str | BesideFile | Unread | None


def makes_a_database(module: Module) -> bool:
    """Whether a file makes a database, for itself."""
    return any(_MAKE_A_DATABASE.fullmatch(each) for each in module.loads)


def started(call: Call, module: Module) -> Iterator[Started]:
    """What a call runs, if it starts a process."""
    if not _starts_a_process(call, module):
        return
    given = (value_of(each, module) for each in call.arguments)
    options = next((each for each in given if isinstance(each, Fields)), None)
    if options is not None and _is_given_a_local_one(options.get("env")):
        return
    cwd = None if options is None else options.items.get("cwd")
    place = cwd if isinstance(cwd, str | BesideFile | Unread | None) else Unread("")
    for command in _commands(call, module):
        if not is_local(command):
            yield Started(command, place)


def _starts_a_process(call: Call, module: Module) -> bool:
    to = call.imported
    if to is None and call.callee in module.constants:
        to = _promised(module.constants[call.callee], module)
    return (to is not None and to.source in _PROCESSES) or call.callee in _OF_BUN or call.callee in _TAGS


def _promised(node: "Node", module: Module) -> Import | None:
    """What `promisify(exec)` makes a promise of."""
    if text_of(field(node, "function")).rpartition(".")[2] != "promisify":
        return None
    arguments = field(node, "arguments")
    named = text_of(next(iter(arguments.named_children), None)) if arguments is not None else ""
    first, _, rest = named.partition(".")
    binding = module.imports.get(first)
    return Import(binding.source, rest or binding.name) if binding is not None else None


def _commands(call: Call, module: Module) -> tuple[Command, ...]:
    """What a call that starts a process runs: a script for a shell, or a program and its arguments."""
    if not call.arguments:
        return ()
    first, *others = map(bare, call.arguments)
    given = next((each for each in (first, *others[:1]) if each is not None and each.type == "array"), None)
    template = first.parent if first is not None and call.callee in _TAGS else None
    if given is not None:
        words = [_text(each, module) for each in given.named_children]
        words = words if given is first else [_text(first, module), *words]
        text = shlex.join(words)
    elif template is not None and template.type == "template_string":
        text = text_with_gaps(template, module, _UNKNOWN)
    else:
        text = _text(first, module)
    try:
        return read_shell(text)
    except UnreadableScriptError:
        return ()


def _text(node: "Node | None", module: Module) -> str:
    """The value of an expression; where only running tells, a word that stands for it."""
    if node is not None and node.type in ("string", "template_string"):
        return text_with_gaps(node, module, _UNKNOWN)
    value = value_of(node, module)
    return value if isinstance(value, str) else _UNKNOWN


def _is_given_a_local_one(env: Value | None) -> bool:
    """Whether the variables that a process is given hold the address of a database on this machine."""
    named = env.items.items() if isinstance(env, Fields) else ()
    return any(names_a_database(name) and isinstance(value, str) and is_local_url(value) for name, value in named)
