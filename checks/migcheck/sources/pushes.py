"""Where source code runs `drizzle-kit push`, or does what it does.

Facts: drizzle-kit 0.31 and 1.0.0-rc.5, `drizzle-kit/api`: what `pushSchema` finds is done by
the `apply` that it gives back.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

from migcheck.regex import regex
from migcheck.scripts.calls import Push, calls_of
from migcheck.scripts.databases import is_local_url
from migcheck.sources.later import Holder
from migcheck.sources.module import Call, Module
from migcheck.sources.processes import makes_a_database, started
from migcheck.typescript.plain import BesideFile, Unread

TOOL = "drizzle-kit"
"""What a file holds that pushes."""

_WORDS = (TOOL.encode(), b"pushSchema")
_GLANCE = regex(rb"drizzle-kit.{0,200}?\bpush\b|\bpushSchema\b", re.DOTALL)
_API = regex(r"drizzle-kit/api(?:-postgres)?")


class PushCall(Struct, frozen=True):
    """A call that pushes. `holder` is the function it stands in.

    `command` is what is run, for a sentence; `push` is None for what `drizzle-kit/api` does. `directory` is where the
    command is run; None where that is left to the program.
    """

    path: str
    line: int
    holder: Holder
    command: str
    push: Push | None
    directory: str | BesideFile | Unread | None = None


def may_push(content: bytes) -> bool:
    """Whether a file may hold such a call: quick, before it is parsed."""
    return any(each in content for each in _WORDS) and _GLANCE.search(content) is not None


def push_calls(module: Module) -> Iterator[PushCall]:
    """The calls that push to a database which lasts, as far as that is plain to see."""
    if makes_a_database(module):
        return
    applies = any(each.callee.rpartition(".")[2] == "apply" for each in module.calls)
    for call in module.calls:
        to = call.imported
        if to is not None and applies and to.name == "pushSchema" and _API.fullmatch(to.source):
            yield PushCall(module.path, call.line, call.holder, "pushSchema()", None)
        else:
            yield from _of_process(call, module)


def _of_process(call: Call, module: Module) -> Iterator[PushCall]:
    for each in started(call, module):
        for push in calls_of(each.command.words):
            if isinstance(push, Push) and not is_local_url(push.url):
                yield PushCall(module.path, call.line, call.holder, f"`{each.command}`", push, each.directory)
