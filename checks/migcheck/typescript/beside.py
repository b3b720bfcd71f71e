"""What a file takes from another beside it, one step far: what that file takes from others is not read.

Facts: Node's documentation of `require` (a name as it is, or with an ending, or the `index` of a directory);
TypeScript's of `moduleResolution` (`./base.js` may be written for `base.ts`).
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from posixpath import dirname, join, normpath, relpath, splitext

from migcheck.regex import regex
from migcheck.typescript.imports import Import, Imported, nothing
from migcheck.typescript.plain import BesideFile, Fields, Unread, Url, Value
from migcheck.typescript.syntax import LARGEST

Beside = Callable[[str], bytes | None]
"""What lies at a path of the tree that a script is read from; None where nothing does that can be read."""


def nowhere(_path: str) -> bytes | None:
    """Beside what is read alone."""
    return None


_ENDS = (".ts", ".mts", ".cts", ".js", ".mjs", ".cjs", ".json")
_COMPILED = {".js": ".ts", ".mjs": ".mts", ".cjs": ".cts"}
_MODULE = regex(rb"\b(?:from\s{0,9}|require\(\s{0,9})[\"'](?P<module>\.{1,2}(?:/[\w@./-]{0,200})?)[\"']")
_MOST = 50


def importing(path: str, beside: Beside) -> Imported:
    """What the script at `path` imports, of what lies `beside` it. Where nobody looks there, nothing is missing."""
    if beside is nowhere:
        return nothing
    return partial(_imported, path, beside)


def may_import(path: str, content: bytes) -> frozenset[str]:
    """The paths of what the script at `path` may import: a glance, before anything is parsed."""
    modules = (each["module"].decode() for each, _ in zip(_MODULE.finditer(content), range(_MOST), strict=False))
    return frozenset(each for module in modules for places in _places(path, module) for each in places)


def _imported(path: str, beside: Beside, origin: Import, line: int) -> Value:
    # It brings all that reads a file, and a hook only asks what may be imported.
    from migcheck.typescript.exported import export_of  # noqa: PLC0415

    for places in _places(path, origin.source):
        found = [(place, content) for place in places if (content := beside(place)) is not None]
        if len(found) == 1 and len(found[0][1]) <= LARGEST:
            place, content = found[0]
            value = export_of(place, content, origin.name)
            return _Moved(place, relpath(dirname(place) or ".", dirname(path) or "."), line).value(value)
        if found:
            return None
    return Unread(f'import from "{origin.source}", which is not there or cannot be read', line)


def _places(path: str, module: str) -> Iterator[tuple[str, ...]]:
    """Where a module may lie, likeliest first. Of several that are as likely none is meant: who runs it tells."""
    if not f"{module}/".startswith(("./", "../")):
        return
    plain = normpath(join(dirname(path), module))
    stem, end = splitext(plain)
    if f"{plain}/".startswith("../"):
        return
    if end in _ENDS:
        yield (plain,)
    if end in _COMPILED:
        yield (stem + _COMPILED[end],)
    if not f"/{module}".endswith(("/", "/.", "/..")):
        yield tuple(plain + each for each in _ENDS)
    yield tuple(normpath(f"{plain}/index{each}") for each in _ENDS)


class _Moved:
    """A value of the file at `place`, in the directory `towards` of that which imports it in `line`."""

    def __init__(self, place: str, towards: str, line: int) -> None:
        self._place, self._towards, self._line = place, towards, line
        # A small file can say a constant in another as often as nobody could go through.
        self._known: dict[int, Value] = {}

    def value(self, value: Value) -> Value:
        if id(value) not in self._known:
            self._known[id(value)] = self._moved(value)
        return self._known[id(value)]

    def _moved(self, value: Value) -> Value:
        match value:
            case Unread():
                return self._unread(value)
            case Fields(items, rest):
                return Fields(
                    {key: self.value(each) for key, each in items.items()},
                    None if rest is None else self._unread(rest),
                )
            case BesideFile(path) if self._towards != ".":
                return BesideFile(normpath(join(self._towards, path)))
            case Url(path) if self._towards != ".":
                return Url(normpath(join(self._towards, path)))
            case tuple():
                return tuple(map(self.value, value))
            case _:
                return value

    def _unread(self, value: Unread) -> Unread:
        return replace(value, line=self._line, place=f"{self._place}:{value.line}")
