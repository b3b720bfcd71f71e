"""Files that commands name to a tool, whatever those are called: `make -f build/rules`, `docker compose -f stack.yml`.

So does COMPOSE_FILE.

A glance at texts, before anything is parsed: what is named here and is not there does no harm.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache

from msgspec import Struct

from migcheck.regex import regex
from migcheck.scripts.images.compose_variable import files_of, values_in

_NAMED = regex(
    rb"(?P<tool>make|MAKE[)}]|compose|just|task)\b[^\n]{0,120}?\s(?:-f|-t|--(?:make|just|task)?file)[= ]{0,2}"
    rb"\\?[\"']?(?:\.{1,2}/)*(?P<path>[\w@+./-]{1,200})",
    re.ASCII | re.IGNORECASE,
)
_TOOLS = (b"make", b"MAKE", b"compose", b"just", b"task")
_FLAGS = (b" -f", b" -t", b"file")
_MOST = 100


class Named(Struct, frozen=True):
    """What is named to `tool` (make, compose, just, task): the end of a path, as it is written without `../`."""

    tool: str
    path: str

    def places(self, files: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
        """The files that it may be, each with the directory from which it would be named so."""
        for each in files:
            if each == self.path or each.endswith(f"/{self.path}"):
                yield each, each.removesuffix(self.path).rstrip("/") or "."


def named_to_tools(files: Mapping[str, bytes]) -> frozenset[Named]:
    """Everything that texts of `files` name to a tool."""
    found = set[Named]()
    for content in files.values():
        if len(found) < _MOST and any(each in content for each in _TOOLS) and any(each in content for each in _FLAGS):
            found |= _in_text(content)
        if len(found) < _MOST:
            paths = {each for value in values_in(content) or () for each in files_of(value)}
            found |= {Named("compose", path) for each in paths if (path := each.lstrip("./"))}
    return frozenset(sorted(found, key=lambda each: (each.tool, each.path))[:_MOST])


@cache
def _tool(told: bytes) -> str:
    return told.decode().lower().rstrip(")}")


def _in_text(content: bytes) -> set[Named]:
    return {Named(_tool(each["tool"]), each["path"].decode()) for each in _NAMED.finditer(content)}
