"""The recipes of a Makefile. Each line of one is a script of its own: make gives it a shell of its own.

Facts: gnu.org "GNU make", "Including Other Makefiles" (a name begins where make runs), "Special Built-in Target Names"
(`.IGNORE`, `.ONESHELL`, `.POSIX`), "Using One Shell" (prefixes count on the first line), "Choosing the Shell", "Using
Variables in Recipes" (they are expanded when the recipe is run).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from posixpath import dirname, join, normpath

from msgspec import Struct, field

from migcheck.scripts.command import ShellOptions
from migcheck.scripts.compose_settings import SETTINGS
from migcheck.scripts.runner_calls import MakeCall
from migcheck.scripts.script import Script

_UNKNOWN = "$VARIABLE"
IGNORES = ".IGNORE"
"""Why a recipe goes on where one of its lines fails."""
_MOST_TARGETS = 50
_MOST_INCLUDED = 50
_LONGEST = 500
"""Characters of a variable. Each can stand in a line many times."""
# Blanks are cut off afterwards: a pattern that leaves them out looks for them again at each of them.
_EXPORT = re.compile(r" *(?P<un>un)?export(?P<names>[ \t][^#=:]*)?(?:#.*)?")
_EXPORTED = re.compile(r"(?:override\s+)?export\s")
_EVERY = ".EXPORT_ALL_VARIABLES"
_RULE = re.compile(r"(?P<targets>[^\s#:=][^#:=]*)::?(?!=)(?P<needs>[^#;=]*)(?:;(?P<first>.*)|(?:#.*)?)")
_SETTING = re.compile(
    r"(?:(?:export|override)\s+)*(?P<name>[\w.-]+)\s*(?P<how>\?|\+|!|:{1,3})?=(?P<value>[^#]*)(?:#.*)?"
)
_INCLUDE = re.compile(r" *[-s]?include[ \t](?P<names>[^#]*)(?:#.*)?")
_REFERENCE = re.compile(r"\$(?:\((?P<round>[\w.-]+)\)|\{(?P<curly>[\w.-]+)\})")
_PREFIX = re.compile(r"[@+\s]*(?P<ignores>-)?[@+\s]*")


Given = tuple[tuple[str, str], ...]
"""Variables of the environment, with their values."""


class Target(Struct):
    """What make does for a target: first what it `needs`, then its lines."""

    needs: dict[str, None] = field(default_factory=dict)
    lines: list[Script] = field(default_factory=list)


class Makefile(Struct, frozen=True):
    """A Makefile's targets, in their order."""

    directory: str
    targets: Mapping[str, Target]

    @property
    def lines(self) -> Iterator[Script]:
        """Every line of every recipe, those of several targets once."""
        found = {line.key: line for target in self.targets.values() for line in target.lines}
        return iter(found.values())

    def asked(self, call: MakeCall) -> Iterator[Script]:
        """The lines that `call` has make run."""
        left = list(call.targets or tuple(self.targets)[:1])
        seen: set[str] = set()
        while left:
            name = left.pop()
            if name not in seen and name in self.targets:
                seen.add(name)
                left += self.targets[name].needs
                yield from self.targets[name].lines


class Parts(Struct):
    """The files that Makefiles may include. `left` are the bytes that they may take together: one can be in many."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    left: int = 4 * 1024 * 1024

    def named(self, path: str) -> Iterator[str]:
        """The files at `path`, which may be a pattern of the shell."""
        if path in self.files:
            yield path
        elif "*" in path and self.left > 0:
            self.left -= len(self.files)
            yield from (each for each in self.files if _matches(each, path))

    def taken(self, path: str) -> bytes:
        """What stands in the file at `path`; nothing where that were too much."""
        self.left -= len(self.files[path])
        return self.files[path] if self.left >= 0 else b""


class _Line(Struct, frozen=True):
    """A line of a recipe, without its prefix; `ignores`: that tells make to look past its failure."""

    path: str
    number: int
    text: str
    ignores: bool


class _Recipe(Struct):
    """The lines of one rule, for each of its targets."""

    targets: Sequence[str]
    lines: list[_Line] = field(default_factory=list)


def read_makefile(path: str, content: bytes, parts: Parts | None = None, directory: str | None = None) -> Makefile:
    """The Makefile at `path`. Of its conditions every branch counts, and its functions are not run.

    `directory` is where make runs, where that is not its own.
    """
    reader = _Reader(path, directory or dirname(path) or ".", parts or Parts(), named=directory is not None)
    reader.read(path, content)
    return Makefile(reader.directory, reader.made())


class _Reader(Struct):
    """What was read of the Makefile at `path`, which is run in `directory`, and of what it includes.

    `named`: a command names it.
    """

    path: str
    directory: str
    parts: Parts
    named: bool = False
    targets: dict[str, Target] = field(default_factory=dict)
    recipes: list[_Recipe] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=lambda: {"MAKE": "make"})
    special: dict[str, set[str]] = field(default_factory=dict)
    included: set[str] = field(default_factory=set)
    exported: dict[str, bool] = field(default_factory=dict)

    def read(self, path: str, content: bytes) -> None:
        """Read a file to its end, and on the way what it includes."""
        for number, text in _logical_lines(content.decode("utf-8", "replace")):
            if text.startswith("\t"):
                self._recipe_line(path, number, text)
            elif include := _INCLUDE.fullmatch(text):
                self._include(include["names"])
            elif export := _EXPORT.fullmatch(text):
                names = (export["names"] or "").split() or [_EVERY]
                self.exported |= dict.fromkeys(names[:_MOST_TARGETS], export["un"] is None)
            elif setting := _SETTING.fullmatch(text):
                if _EXPORTED.match(text):
                    self.exported[setting["name"]] = True
                self._set(setting["name"], setting["how"] or "", setting["value"].strip())
            elif rule := _RULE.fullmatch(text):
                self._rule(rule["targets"].split()[:_MOST_TARGETS], rule["needs"].split())
                if rule["first"] is not None:
                    self._recipe_line(path, number, rule["first"])

    def _set(self, name: str, how: str, value: str) -> None:
        if how == "?" and name in self.settings:
            return
        before = self.settings.get(name, "")
        told = f"{before} {value}".strip() if how == "+" else value
        if how.startswith(":"):
            # Of a variable that is expanded at once, what it was may be a part.
            told = told.replace(f"$({name})", before).replace(f"${{{name}}}", before)
        # What a shell would have to say, nobody here knows.
        self.settings[name] = told if len(told) <= _LONGEST and how != "!" else _UNKNOWN

    def _include(self, names: str) -> None:
        for name in self._expanded(names).split():
            for path in self.parts.named(normpath(join(self.directory, name))):
                if path not in self.included and len(self.included) < _MOST_INCLUDED:
                    self.included.add(path)
                    self.read(path, self.parts.taken(path))

    def _rule(self, names: Sequence[str], needs: Sequence[str]) -> None:
        for each in names:
            if each.startswith("."):
                self.special.setdefault(each, set()).update(needs or ("",))
        targets = [each for each in names if not each.startswith(".")]
        self.recipes.append(_Recipe(targets))
        for each in targets:
            self.targets.setdefault(each, Target()).needs |= dict.fromkeys(needs)

    def _recipe_line(self, path: str, number: int, text: str) -> None:
        prefix = _PREFIX.match(text)
        assert prefix is not None
        if self.recipes:
            line = _Line(path, number, text[prefix.end() :], ignores=prefix["ignores"] is not None)
            self.recipes[-1].lines.append(line)

    def made(self) -> Mapping[str, Target]:
        """The targets with what a shell is given for each."""
        flags = f"{self.settings.get('SHELL', '')} {self.settings.get('.SHELLFLAGS', '')}"
        options = ShellOptions(errexit=".POSIX" in self.special).told(flags)
        given = self._handed_on()
        for recipe in self.recipes:
            together = [recipe.lines] if ".ONESHELL" in self.special else [[each] for each in recipe.lines]
            scripts = [self._script(lines, options, recipe.targets, given) for lines in together if lines]
            for name in recipe.targets:
                self.targets[name].lines += scripts
        return self.targets

    def _script(self, lines: Sequence[_Line], options: ShellOptions, targets: Sequence[str], given: Given) -> Script:
        first = lines[0]
        texts = [self._expanded(each.text).replace("$$", "$") for each in lines]
        ignored = self.special.get(IGNORES, set())
        return Script(
            first.path,
            # What is included is run in as many directories as there are that include it.
            str(first.number) if first.path == self.path and not self.named else f"{first.number} for {self._run_as}",
            first.number,
            "\n".join(texts),
            self.directory,
            options,
            goes_on="a `-` before it" if first.ignores else IGNORES if not ignored.isdisjoint(("", *targets)) else "",
            lines=tuple(_numbers(lines, texts)),
            settings=given,
        )

    def _handed_on(self) -> Given:
        """What is exported of what tells of Compose's files (gnu.org "GNU make", "Communicating Variables")."""
        every = self.exported.get(_EVERY, _EVERY in self.special)
        told = ((name, self.settings[name]) for name in SETTINGS if name in self.settings)
        found = ((name, value) for name, value in told if self.exported.get(name, every))
        return tuple((name, self._expanded(self._expanded(value)[: 4 * _LONGEST])) for name, value in found)

    @property
    def _run_as(self) -> str:
        return f"{self.path} in {self.directory}" if self.named else self.path

    def _expanded(self, text: str) -> str:
        return _REFERENCE.sub(lambda found: self.settings.get(found["round"] or found["curly"], _UNKNOWN), text)


def _numbers(lines: Sequence[_Line], texts: Sequence[str]) -> Iterator[int]:
    """The line in its file of each line of `texts`."""
    for each, text in zip(lines, texts, strict=True):
        yield from range(each.number, each.number + text.count("\n") + 1)


def _matches(path: str, pattern: str) -> bool:
    return path.count("/") == pattern.count("/") and fnmatchcase(path, pattern)


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their numbers; one that ends with a backslash goes on in the next."""
    begin, held = 1, list[str]()
    for number, each in enumerate(text.split("\n"), 1):
        begin = begin if held else number
        held.append(each)
        if not each.endswith("\\"):
            yield begin, "\n".join(held)
            held.clear()
