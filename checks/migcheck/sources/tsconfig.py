"""tsconfig.json: which files the compiler takes, and whether it writes what becomes of them.

Source: TypeScript's handbook, "TSConfig Reference" (files, include, exclude, extends, outDir, noEmit).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from posixpath import dirname, join, normpath, splitext

from msgspec import Struct
from msgspec.structs import replace

from migcheck.scripts.jsonc import json_object, without_comments

_DEEPEST = 10
_LEFT_OUT = ("node_modules", "bower_components", "jspm_packages")
_TYPESCRIPT = frozenset({".ts", ".tsx", ".mts", ".cts"})
_JAVASCRIPT = frozenset({".js", ".jsx", ".mjs", ".cjs"})
_WITHOUT_OUTPUT = ("noEmit", "emitDeclarationOnly")
_MANY = 1000
_MOST_STARS = 8
_ANY_DEPTH = "(?:[^/]+/)*"


class Compilation(Struct, frozen=True):
    """What a tsconfig says, with what it extends. Patterns and `out` are paths from the root; None: not said."""

    path: str
    files: tuple[str, ...] | None = None
    include: tuple[str, ...] | None = None
    exclude: tuple[str, ...] | None = None
    out: str | None = None
    emits: bool | None = None
    javascript: bool | None = None

    @property
    def writes(self) -> bool:
        """Whether the compiler writes programs, and to a directory that is known."""
        return self.out is not None and self.emits is not False

    def takes(self, path: str) -> bool:
        """Whether the file at `path` is compiled because the configuration names it (and not for who imports it)."""
        if path in (self.files or ()):
            return True
        kinds = _TYPESCRIPT | (_JAVASCRIPT if self.javascript else frozenset())
        if splitext(path)[1] not in kinds or path.endswith((".d.ts", ".d.mts", ".d.cts")):
            return False
        around = dirname(self.path)
        include = self.include if self.include is not None else () if self.files else (join(around, "**/*"),)
        default = (*(join(around, "**", each) for each in _LEFT_OUT), *((self.out,) if self.out else ()))
        exclude = self.exclude if self.exclude is not None else default
        return any(_fits(each, path) for each in include) and not any(_fits(each, path) for each in exclude)


def read_tsconfig(path: str, read: Callable[[str], bytes | None]) -> Compilation | None:
    """The tsconfig at `path`; None where it is not there or is no object. `read` gives a file's content.

    What is extended from a package is not looked for.
    """
    return _read(path, read, _DEEPEST)


def says_the_same(path: str, before: bytes, after: bytes, files: Callable[[], Iterable[str]]) -> bool:
    """Whether two contents of the tsconfig at `path` take the same of `files` and put the same out, whoever extends it.

    `files` are only asked for where the two name others.
    """
    one, other = _object(before), _object(after)
    if one is None or other is None:
        return False
    if tuple(_bases(one.get("extends"))) != tuple(_bases(other.get("extends"))):
        return False
    was, is_now = _said(path, one), _said(path, other)
    return was == is_now or (_but_for_files(was) == _but_for_files(is_now) and _take_the_same(was, is_now, files()))


def _but_for_files(said: Compilation) -> tuple[object, ...]:
    """What a tsconfig says, but for which files it names: only of what it names any."""
    return said.out, said.emits, said.javascript, bool(said.files), *(each is None for each in _named(said))


def _take_the_same(one: Compilation, other: Compilation, files: Iterable[str]) -> bool:
    """Whether each of `files` is named by both, or by neither, of the lists that they have."""
    pairs = list(zip(_named(one), _named(other), strict=True))
    return all(
        any(_fits(each, path) for each in was or ()) == any(_fits(each, path) for each in is_now or ())
        and (path in (was or ())) == (path in (is_now or ()))
        for path in files
        for was, is_now in pairs
    )


def _named(said: Compilation) -> tuple[tuple[str, ...] | None, ...]:
    return said.files, said.include, said.exclude


def _read(path: str, read: Callable[[str], bytes | None], depth: int) -> Compilation | None:
    content = read(path) if depth else None
    root = _object(content) if content is not None else None
    if root is None:
        return None
    found = Compilation(path)
    for each in _bases(root.get("extends")):
        base = next(filter(None, (_read(one, read, depth - 1) for one in _places(path, each))), None)
        found = _over(found, base) if base is not None else found
    return replace(_over(found, _said(path, root)), path=path)


def _object(content: bytes) -> Mapping[str, object] | None:
    """What a tsconfig says; None where it is no object, or broken."""
    return json_object(without_comments(content.decode("utf-8-sig", "replace")))


def _said(path: str, root: Mapping[str, object]) -> Compilation:
    around = dirname(path)
    options = root.get("compilerOptions")
    options = options if isinstance(options, dict) else {}
    no_emit = [each for key in _WITHOUT_OUTPUT if isinstance(each := options.get(key), bool)]
    out = options.get("outDir")
    return Compilation(
        path=path,
        files=_paths(around, root.get("files")),
        include=_paths(around, root.get("include")),
        exclude=_paths(around, root.get("exclude")),
        out=_path(around, out) if isinstance(out, str) else None,
        emits=not any(no_emit) if no_emit else None,
        javascript=_flag(options.get("allowJs")),
    )


def _over(base: Compilation, own: Compilation) -> Compilation:
    """`own` with what it does not say itself taken from `base`."""
    names = ("files", "include", "exclude", "out", "emits", "javascript")
    return replace(base, **{each: getattr(own, each) for each in names if getattr(own, each) is not None})


def _bases(value: object) -> Iterator[str]:
    yield from (each for each in (value if isinstance(value, list) else (value,)) if isinstance(each, str))


def _places(path: str, extended: str) -> Iterator[str]:
    if extended.startswith("."):
        place = normpath(join(dirname(path), extended))
        yield from (place, f"{place}.json", f"{place}/tsconfig.json")


def _paths(around: str, value: object) -> tuple[str, ...] | None:
    if not isinstance(value, list):
        return None
    return tuple(_path(around, each) for each in value[:_MANY] if isinstance(each, str))


def _path(around: str, written: str) -> str:
    return normpath(join(around, written.replace("${configDir}", ".")))


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _fits(pattern: str, path: str) -> bool:
    found = _compiled(pattern)
    return found is not None and found.fullmatch(path) is not None


@cache
def _compiled(pattern: str) -> "re.Pattern[str] | None":
    """A pattern of tsconfig as a regular expression; a directory stands for all that is in it.

    None where it holds more stars than anybody writes: trying them takes time that grows with their number's power.
    """
    if pattern.count("*") > _MOST_STARS:
        return None
    *around, last = pattern.split("/")
    body = "".join(_ANY_DEPTH if each == "**" else f"{_part(each)}/" for each in around)
    if last == "**":
        return re.compile(f"{body}.*")
    names_a_file = last == "*" or splitext(last)[1] not in ("", ".*")
    return re.compile(f"{body}{_part(last)}" if names_a_file else f"{body}{_part(last)}(?:/.*)?")


def _part(part: str) -> str:
    return "".join({"*": "[^/]*", "?": "[^/]"}.get(each, re.escape(each)) for each in part)
