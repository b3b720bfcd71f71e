"""Functions that a call keeps for later: a request, a signal, or a person who asks a program for a command.

Facts: expressjs.com "Routing" (Fastify, Hono and Koa as well), fastify.dev "Full declaration", hono.dev "Routing"
(`app.on("PURGE", "/path", handler)`), nodejs.org "Signal events", and the README of commander:
`.command("name <argument>")`, its `.action()`, `.alias()`, and `isDefault` for what is run where nothing is asked for;
of yargs: `yargs(hideBin(process.argv)).command("name", "what it is", builder, handler)`, or of `{ command, aliases,
handler }`, where `$0` and `*` stand for nothing that is asked for.
"""

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from migcheck.regex import regex
from migcheck.typescript.syntax import arguments_of, bare, field, keys_of, pairs_of, short, text_of

if TYPE_CHECKING:
    from tree_sitter import Node


class Holder(NamedTuple):
    """The function that a part of a file stands in, by its name; empty where that runs with its file.

    `words`: it does so only where the program is given one of these; a variable of its environment begins with `$`.
    """

    name: str = ""
    words: frozenset[str] = frozenset()


FILE = Holder()
"""What runs with its file."""
LATER = Holder("(later)")
"""In place of a function that nothing begins when its file is run."""
_VERBS = frozenset({"all", "delete", "get", "options", "patch", "post", "put"})
# A client takes a path as well, and calls what it is given when the answer is there.
_CLIENTS = regex(r"(?:.*\.)?\w*(?:https?|client|request|cache|redis|axios|agent|fetch\w*|\$)", re.IGNORECASE)
_ON = frozenset({"on", "once", "addListener"})
_PATH = regex(r"[\"'`]/.*[\"'`]", re.DOTALL)
# Those of HTTP, and what caches and WebDAV add: an event may be in capitals as well.
_METHOD = "GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE|CONNECT|QUERY|PURGE|MKCOL|PROPFIND|PROPPATCH"
_METHODS = regex(rf"\[?(?:[\"'`](?:{_METHOD})[\"'`][,\s]*)+\]?")
_SIGNAL = regex(r"[\"'`]SIG[A-Z\d]+[\"'`]")
_WORD = regex(r"[\"'`](?P<word>[a-zA-Z][\w:-]*)(?: [^\"'`]*)?[\"'`]", re.ASCII)
# Given words of its own, `yargs(["serve"])`, it runs a command of them whatever the program is given.
_YARGS = regex(r"yargs\((?:\w+\()?(?:(?:process\.)?argv(?:\.slice\(2\))?|Deno\.args)\)?\)")
_COMMAND, _ALIAS, _ALIASES = "command", "alias", "aliases"
_DEFAULT = "isDefault"
_LONGEST = 200
_FARTHEST = 20


def kept_for(call: "Node", holder: Holder) -> Holder | None:
    """In whose name the functions are run that `call`, in `holder`, keeps for later; None where it may be at once."""
    callee = bare(field(call, "function")) if call.type == "call_expression" else None
    if callee is None or callee.type != "member_expression":
        return None
    name = short(field(callee, "property"), _LONGEST)
    if name in _VERBS:
        client = _CLIENTS.fullmatch(short(field(callee, "object"), _LONGEST))
        return LATER if (_PATH.fullmatch(_first(call)) and not client) or _is_of_route(callee) else None
    if name in _ON or name == "route":
        return LATER if _is_of_signal_or_request(call) else None
    words = _of_yargs(call, callee) if name == _COMMAND else _of_command(callee) if name == "action" else None
    return asked_for(words, holder) if words else None


def are_variables(words: frozenset[str]) -> bool:
    """Whether nobody has to give a program any of `words`: they are variables of its environment, or none."""
    return all(each.startswith("$") for each in words)


def asked_for(words: Iterable[str], holder: Holder) -> Holder:
    """What `holder` does where the program is given one of `words`."""
    return Holder(holder.name, frozenset(words))


def is_later(holder: Holder) -> bool:
    """Whether `kept_for` or `asked_for` gave it."""
    return holder == LATER or bool(holder.words)


def alike(holder: Holder, other: Holder) -> Holder:
    """What `other` does where the program is given what `holder` asks for: of both, what a person gives."""
    return other if are_variables(holder.words) and other.words else asked_for(holder.words or other.words, other)


def _is_of_route(callee: "Node") -> bool:
    """Whether `callee` is of `app.route("/path")`, or behind other verbs of that."""
    for _ in range(_FARTHEST):
        call = bare(field(callee, "object"))
        if call is None or call.type != "call_expression":
            return False
        callee = bare(field(call, "function")) or call
        name = short(field(callee, "property"), _LONGEST)
        if name not in _VERBS:
            return name == "route" and _PATH.fullmatch(_first(call)) is not None
    return False


def _is_of_signal_or_request(call: "Node") -> bool:
    """Whether it is `.on("SIGTERM", …)`, `.on("PURGE", "/path", …)` or `.route({ method, url: "/path", handler })`."""
    first, *others = arguments_of(call) or (call,)
    if others:
        is_request = _METHODS.fullmatch(_first(call)) and _PATH.fullmatch(short(others[0], _LONGEST))
        return bool(is_request or _SIGNAL.fullmatch(_first(call)))
    told = pairs_of(first)
    return "method" in told and bool(_PATH.fullmatch(short(told.get("url") or told.get("path"), _LONGEST)))


def _of_yargs(call: "Node", callee: "Node") -> frozenset[str]:
    """What a person asks for what yargs is told of by `call`; none where it may be run unasked."""
    first, *others = arguments_of(call) or (call,)
    named = [first if others else pairs_of(first).get(_COMMAND), *_aliases(first)]
    named += [alias for each in others for alias in _aliases(each)]
    words = [each["word"] for node in named if (each := _WORD.fullmatch(short(node, _LONGEST)))]
    return frozenset(words if len(words) == len(named) and _is_of_yargs(callee) else ())


def _aliases(told: "Node") -> "Sequence[Node | None]":
    """The other names that the object `told` gives a command; None for what is not plain to see."""
    if _ALIASES not in keys_of(told):
        return ()
    value = bare(pairs_of(told).get(_ALIASES))
    return value.named_children if value is not None and value.type == "array" else (value,)


def _is_of_yargs(callee: "Node") -> bool:
    """Whether `callee` is of `yargs(process.argv)`, or behind other calls of that: many things have a `.command`."""
    for _ in range(_FARTHEST):
        call = bare(field(callee, "object"))
        if call is None or call.type != "call_expression":
            return False
        if _YARGS.fullmatch(short(call, _LONGEST)):
            return True
        callee = bare(field(call, "function")) or call
    return False


def _of_command(callee: "Node") -> frozenset[str]:
    """What a person asks for the command whose `.action` is `callee` by; none where it may be run unasked."""
    words = set[str]()
    for _ in range(_FARTHEST):
        call = bare(field(callee, "object"))
        if call is None or call.type != "call_expression":
            break
        callee = bare(field(call, "function")) or call
        name = short(field(callee, "property"), _LONGEST)
        if name not in (_COMMAND, _ALIAS, _ALIASES):
            continue
        word = _WORD.fullmatch(_first(call))
        if word is None or any(_DEFAULT in text_of(each) for each in arguments_of(call)[1:]):
            break
        words.add(word["word"])
        if name == _COMMAND:
            return frozenset(words)
    return frozenset()


def _first(call: "Node") -> str:
    """The source of the first argument, where that is short."""
    return short(next(iter(arguments_of(call)), None), _LONGEST)
