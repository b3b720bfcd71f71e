"""Paths and texts that JavaScript makes of constants alone: what `+` and Node's `path` come to.

Source: Node's documentation of `path.join`, `path.resolve`, `__dirname` and `import.meta.dirname`.
"""

import re
from collections.abc import Sequence
from posixpath import normpath
from typing import TypeVar

from msgspec import Struct

from migcheck.regex import regex

# Longer than any path; constants that are added to themselves must not fill the memory.
_LONGEST = 4096
# What is read of Node's `path`.
FUNCTIONS = frozenset({"join", "resolve", "dirname"})
_PATH = r"""["'](?:node:)?path["']"""
_MODULE = regex(
    rf"\bimport\s+(?:\*\s*as\s+)?([A-Za-z_$][\w$]*)\s+from\s+{_PATH}"
    rf"|\bconst\s+([A-Za-z_$][\w$]*)\s*=\s*require\(\s*{_PATH}\s*\)"
)
_MEMBERS = regex(r"\{([^{}]*)\}\s*(?:from\s+|=\s*require\(\s*)" + _PATH)
_WORD = regex(r"(?<![\w$] as )\b(?:join|resolve|dirname)\b(?!\s+as\b)")
_CALL = regex(r"(?:(?P<module>[A-Za-z_$][\w$]*)\.)?(?P<name>join|resolve)\(")
_DIRECTORY = regex(
    r"__dirname(?![\w$])|import\.meta\.dirname(?![\w$])"
    r"|(?:(?P<module>[A-Za-z_$][\w$]*)\.)?(?P<name>dirname)\(\s*(?:url\.)?fileURLToPath\(\s*import\.meta\.url\s*\)\s*\)"
)
_Other = TypeVar("_Other")


class Here(Struct, frozen=True):
    """A path that begins in the directory of the file: `path` is what stands behind that."""

    path: str = ""


class PathCalls(Struct, frozen=True):
    """What a file calls Node's module `path` and those of its functions that it imports by name."""

    modules: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()

    def directory(self, source: str, at: int) -> int:
        """Where what stands at `at` ends, if it is the directory of the file; else 0."""
        found = _DIRECTORY.match(source, at)
        return found.end() if found and (found["name"] is None or self._is_nodes(found)) else 0

    def call(self, source: str, at: int) -> str:
        """`join` or `resolve`, where a call of that of Node begins at `at`; else empty."""
        found = _CALL.match(source, at)
        return found["name"] if found and self._is_nodes(found) else ""

    def _is_nodes(self, found: "re.Match[str]") -> bool:
        module = found["module"]
        return found["name"] in self.names if module is None else module in self.modules


def path_calls(source: str) -> PathCalls:
    """What `source` imports of Node's `path`."""
    modules = (name for found in _MODULE.finditer(source) for name in found.groups() if name)
    names = (name for found in _MEMBERS.finditer(source) for name in _WORD.findall(found[1]))
    return PathCalls(frozenset(modules), frozenset(names))


def added(one: _Other | str | Here, other: _Other | str | Here) -> str | Here | None:
    """What `one + other` is, where both are texts; None where that is not plain."""
    match one, other:
        case str(), str() if len(one) + len(other) <= _LONGEST:
            return one + other
        case Here(path), str() if len(path) + len(other) <= _LONGEST and (path or other).startswith("/"):
            return Here(path + other)
        case _:
            return None


def joined(name: str, parts: "Sequence[_Other | str | Here]") -> str | Here | None:
    """What `path.join(…)` is, or where `name` says so `path.resolve(…)`; None where that is not plain."""
    texts = [each for each in parts if isinstance(each, str)]
    first = parts[0] if parts else None
    begins = isinstance(first, Here)
    if len(texts) + begins != len(parts) or (name == "resolve" and any(each.startswith("/") for each in texts)):
        return None
    path = normpath("/".join(each for each in texts if each) or ".")
    return Here(_behind(f"{first.path}/{path}")) if isinstance(first, Here) else path


def _behind(path: str) -> str:
    return "/" + normpath(path.lstrip("/") or ".")
