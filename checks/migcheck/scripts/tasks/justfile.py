"""The recipes of a justfile. Each line of one is a script of its own, but for a recipe that begins with `#!`.

Facts: just.systems/man: "Quick Start" (the way up to one; `just DIR/recipe`), "Recipe Parameters" (a recipe takes as
many of the words behind it as it may), "Dependencies", "Working Directory", "Settings" (`shell` is `sh -cu`),
"Attributes" (`[confirm]` asks, `[default]` stands for the first), "Shebang Recipes". What a justfile imports, its
modules, and values that are more than one text are not read.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from posixpath import basename, dirname

from msgspec import Struct, field

from migcheck.regex import regex
from migcheck.scripts.databases import names_a_database
from migcheck.scripts.script import Script
from migcheck.scripts.shell.command import ShellOptions
from migcheck.scripts.shell.programs import SHELLS
from migcheck.scripts.tasks.runner_calls import JustCall

IGNORES = "just: -"
"""Why a recipe goes on where one of its lines fails."""
_NAME = r"[A-Za-z_][\w-]{0,100}(?![\w-])"
_TEXT = r"'[^']*+'|\"[^\"\\]*+\""
_HEADER = regex(
    rf"@?(?P<name>{_NAME})(?P<parameters>(?:{_TEXT}|\([^()]*+\)|[^:'\"()])*+):(?!=)(?P<needs>[^#]*)", re.ASCII
)
_PARAMETER = regex(rf"(?P<many>[*+]?)\$?{_NAME}(?:\s*=\s*(?:{_TEXT}|\([^()]*+\)|\S+))?", re.ASCII)
_NEED = regex(rf"\(\s*(?P<called>{_NAME})[^()]*+\)?|(?P<plain>{_NAME})", re.ASCII)
_VALUE = regex(rf"(?P<export>export\s+)?(?P<name>{_NAME})\s*:=\s*(?P<value>{_TEXT})\s*(?:#.*)?", re.ASCII)
_ALIAS = regex(rf"alias\s+(?P<alias>{_NAME})\s*:=\s*(?P<name>{_NAME}).*", re.ASCII)
_SETTING = regex(rf"set\s+(?P<name>{_NAME})\s*(?::=)?(?P<value>.*)", re.ASCII)
_QUOTED = regex(r"'([^']*)'|\"([^\"]*)\"")
_INTERPOLATION = regex(r"\{\{\{\{|\{\{(?P<inner>[^{}]*+)\}\}")
_DEFAULT_SHELL = "sh -cu"
_HERE = frozenset({"justfile_directory()", "justfile_dir()", "source_directory()", "source_dir()"})
_PLACED = frozenset({"no-cd", "working-directory"})
"""What has recipes run elsewhere than where their justfile lies."""
_LONGEST = 500
"""Characters of a value, which can stand in a line many times."""
_MOST_EXPORTED = 20


class Recipe(Struct):
    """What just does for a recipe: what it `needs`, then its lines. `most` are the arguments that it takes.

    `attributes` are the words that stand before it in brackets, `body` its lines by number, as they are written.
    """

    most: int | None = 0
    needs: dict[str, None] = field(default_factory=dict)
    attributes: frozenset[str] = frozenset()
    body: list[tuple[int, str]] = field(default_factory=list)
    lines: list[Script] = field(default_factory=list)


class Justfile(Struct, frozen=True):
    """The recipes of a justfile, in their order."""

    recipes: Mapping[str, Recipe]

    @property
    def lines(self) -> Iterator[Script]:
        """Every line of every recipe."""
        found = {line.key: line for recipe in self.recipes.values() for line in recipe.lines}
        return iter(found.values())

    def asked(self, call: JustCall) -> Iterator[Script]:
        """The lines that `call` has just run."""
        left = list(self._begun(list(call.words)))
        seen: set[str] = set()
        while left:
            name = left.pop()
            recipe = self.recipes.get(name)
            if recipe is not None and name not in seen and ("confirm" not in recipe.attributes or call.yes):
                seen.add(name)
                left += recipe.needs
                yield from recipe.lines

    def _begun(self, words: list[str]) -> Iterator[str]:
        """The recipes that words of a command line begin; each takes the words behind it that it may."""
        if not words:
            first = next((name for name, each in self.recipes.items() if "default" in each.attributes), "")
            yield from [first] if first else [*self.recipes][:1]
        while words and words[0] in self.recipes:
            yield words[0]
            most = self.recipes[words[0]].most
            del words[: len(words) if most is None else most + 1]


def read_justfile(path: str, content: bytes, directory: str | None = None) -> Justfile:
    """The justfile at `path`, run in `directory` or else in its own."""
    reader = _Reader(path, directory)
    for number, line in enumerate(content.decode("utf-8", "replace").replace("\r\n", "\n").split("\n"), 1):
        if line[:1] in ("", " ", "\t"):
            reader.body.append((number, line))
        else:
            reader.read(line)
    return reader.made()


class _Reader(Struct):
    """What was read of the justfile at `path`; `away` is where it is run, where that is not its own directory."""

    path: str
    away: str | None
    recipes: dict[str, Recipe] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    exported: set[str] = field(default_factory=set)
    attributes: frozenset[str] = frozenset()
    body: list[tuple[int, str]] = field(default_factory=list)

    def read(self, line: str) -> None:
        """Take what a line says that is in no recipe's body."""
        self.body = []
        if line.startswith("["):
            self.attributes |= {*re.findall(r"[a-z][\w-]*", _QUOTED.sub("", line))}
            return
        if alias := _ALIAS.fullmatch(line):
            self.aliases[alias["alias"]] = alias["name"]
        elif setting := _SETTING.fullmatch(line):
            self.settings[setting["name"]] = setting["value"].strip() or "true"
        elif (value := _VALUE.fullmatch(line)) and len(value["value"]) <= _LONGEST:
            self.values[value["name"]] = value["value"][1:-1]
            self.exported |= {value["name"]} if value["export"] else set()
        elif header := _HEADER.match(line):
            self._recipe(header)
        self.attributes = self.attributes if line.startswith("#") else frozenset()

    def _recipe(self, header: re.Match[str]) -> None:
        parameters = [each["many"] for each in _PARAMETER.finditer(header["parameters"])]
        needs = (each["called"] or each["plain"] for each in _NEED.finditer(header["needs"]))
        recipe = self.recipes.setdefault(header["name"], Recipe(None if any(parameters) else len(parameters)))
        recipe.needs |= dict.fromkeys(needs)
        recipe.attributes |= self.attributes
        # Of two of one name, as there are for two systems, both count.
        self.body = recipe.body

    def made(self) -> Justfile:
        """The recipes by their names, with what a shell is given for each."""
        given = self._handed_on()
        for name, recipe in self.recipes.items():
            recipe.lines += self._scripts(name, recipe, given)
        others = {alias: self.recipes[name] for alias, name in self.aliases.items() if name in self.recipes}
        return Justfile(self.recipes | others)

    def _scripts(self, name: str, recipe: Recipe, given: tuple[tuple[str, str], ...]) -> Iterator[Script]:
        """The scripts of one recipe, which are `given` variables; none where it is for something else than a shell."""
        lines = [(number, text.strip()) for number, text in recipe.body if text.strip()]
        in_one = bool(lines) and lines[0][1].startswith("#!")
        words = [one or other for one, other in _QUOTED.findall(self.settings.get("shell", ""))]
        shell = _shell(lines[0][1]) if in_one else " ".join(words) or _DEFAULT_SHELL
        program, _, flags = shell.partition(" ")
        if "script" in recipe.attributes or basename(program) not in SHELLS:
            return
        is_placed = not _PLACED.isdisjoint((*recipe.attributes, *self.settings))
        home = (dirname(self.path) or ".") if self.away is None else self.away
        for several in [lines] if in_one else _joined(lines):
            written = several[0][1]
            bare = written if in_one else written.lstrip("@-")
            texts = [bare, *(text for _, text in several[1:])]
            yield Script(
                path=self.path,
                name=f"{name}/{several[0][0]}{'' if self.away is None else f' in {self.away}'}",
                line=several[0][0],
                text="\n".join(self._filled(each, here=not is_placed and self.away is None) for each in texts),
                directory=None if is_placed else home,
                options=ShellOptions().told(flags),
                goes_on=IGNORES if "-" in written.removesuffix(bare) else "",
                lines=tuple(number for number, _ in several),
                settings=given,
            )

    def _filled(self, text: str, *, here: bool) -> str:
        """`text`, with what the interpolations in it stand for; `here`: it is run where the justfile lies."""

        def value(found: re.Match[str]) -> str:
            inner = (found["inner"] or "").strip()
            quoted = _QUOTED.fullmatch(inner)
            known = "." if inner in _HERE and here else inner[1:-1] if quoted else self.values.get(inner, "$VALUE")
            return "{{" if found["inner"] is None else known

        return _INTERPOLATION.sub(value, text)

    def _handed_on(self) -> tuple[tuple[str, str], ...]:
        """The databases' addresses that a shell is given."""
        every = self.values if self.settings.get("export") == "true" else self.exported
        told = ((name, self.values[name]) for name in sorted(every) if names_a_database(name))
        return tuple(islice(told, _MOST_EXPORTED))


def _shell(shebang: str) -> str:
    """The shell that the first line of a body names, with its flags."""
    return " ".join(each for each in shebang.removeprefix("#!").split() if basename(each) != "env" and each != "-S")


def _joined(lines: Sequence[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    """The lines that are run together: one that ends with a backslash goes on in the next."""
    held: list[tuple[int, str]] = []
    for each in lines:
        held.append(each)
        if not each[1].endswith("\\"):
            yield held
            held = []
    if held:
        yield held
