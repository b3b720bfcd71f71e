"""Where source code runs `drizzle-kit push`, or does what it does.

Facts: nodejs.org "Child process"; execa and zx, `$`; bun.sh "Shell" and "Spawn"; drizzle-kit 0.31 and 1.0.0-rc.5,
`drizzle-kit/api`: what `pushSchema` finds is done by the `apply` that it gives back.
"""

import re
import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from migcheck.scripts.calls import Push, calls_of
from migcheck.scripts.databases import is_local, is_local_url, names_a_database
from migcheck.scripts.shell import UnreadableScriptError, read_shell
from migcheck.sources.module import Call, Import, Module
from migcheck.sources.syntax import bare, field, text_of
from migcheck.sources.values import Fields, Place, Unread, Value, text_with_gaps, value_of

if TYPE_CHECKING:
    from tree_sitter import Node

    from migcheck.scripts.command import Command

TOOL = "drizzle-kit"
"""What a file holds that pushes."""

_GLANCE = re.compile(rb"drizzle-kit.{0,200}?\bpush\b|\bpushSchema\b", re.DOTALL)
_API = re.compile(r"drizzle-kit/api(?:-postgres)?")
_PROCESSES = frozenset({"child_process", "node:child_process", "execa", "zx", "bun", "shelljs", "cross-spawn"})
_OF_BUN = frozenset({"Bun.spawn", "Bun.spawnSync"})
_TAGS = frozenset({"$", "Bun.$"})
# Who has one of these makes a database, for itself.
_MAKE_A_DATABASE = re.compile(
    r"@?testcontainers(?:/.*)?|@electric-sql/pglite|drizzle-orm/pglite(?:/.*)?|embedded-postgres|pg-mem"
)
_UNKNOWN = "$UNKNOWN"


class PushCall(Struct, frozen=True):
    """A call that pushes. `holder` is the function it stands in; empty where the file itself calls it.

    `command` is what is run, for a sentence; `push` is None for what `drizzle-kit/api` does. `directory` is where the
    command is run; None where that is left to the program.
    """

    path: str
    line: int
    holder: str
    command: str
    push: Push | None
    directory: str | Place | Unread | None = None


def may_push(content: bytes) -> bool:
    """Whether a file may hold such a call: quick, before it is parsed."""
    return _GLANCE.search(content) is not None


def push_calls(module: Module) -> Iterator[PushCall]:
    """The calls that push to a database which lasts, as far as that is plain to see."""
    if any(_MAKE_A_DATABASE.fullmatch(each) for each in module.loads):
        return
    applies = any(each.callee.rpartition(".")[2] == "apply" for each in module.calls)
    for call in module.calls:
        to = call.imported
        if to is not None and applies and to.name == "pushSchema" and _API.fullmatch(to.source):
            yield PushCall(module.path, call.line, call.holder, "pushSchema()", None)
        elif _starts_a_process(call, module):
            yield from _of_process(call, module)


def _of_process(call: Call, module: Module) -> Iterator[PushCall]:
    given = (value_of(each, module) for each in call.arguments)
    options = next((each for each in given if isinstance(each, Fields)), None)
    if options is not None and _is_given_a_local_one(options.get("env")):
        return
    for command in _commands(call, module):
        for push in calls_of(command.words):
            if isinstance(push, Push) and not is_local(command) and not is_local_url(push.url):
                cwd = None if options is None else options.items.get("cwd")
                place = cwd if isinstance(cwd, str | Place | Unread | None) else Unread("")
                yield PushCall(module.path, call.line, call.holder, f"`{command}`", push, place)


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


def _commands(call: Call, module: Module) -> "tuple[Command, ...]":
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
