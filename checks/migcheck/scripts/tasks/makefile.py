"""The recipes of a Makefile. Each line of one is a script of its own: make gives it a shell of its own.

Facts: gnu.org "GNU make", "Including Other Makefiles" (a name begins where make runs), "Conditional Syntax" (a tab may
not stand before one), "Special Built-in Target Names" (`.IGNORE`, `.ONESHELL`, `.POSIX`), "Using One Shell" (prefixes
count on the first line), "Choosing the Shell", "Using Variables in Recipes" (they are expanded when it is run).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from posixpath import dirname, join, normpath

from msgspec import Struct, field

from migcheck.regex import regex
from migcheck.scripts.script import Script
from migcheck.scripts.shell.command import ShellOptions
from migcheck.scripts.tasks.make_calls import MakeCall
from migcheck.scripts.tasks.make_conditions import Conditions
from migcheck.scripts.tasks.make_variables import EVERY, Variables

IGNORES = ".IGNORE"
"""Why a recipe goes on where one of its lines fails."""
_MOST_TARGETS = _MOST_INCLUDED = 50
_DEFINE = regex(r" *(?:(?:export|override)[ \t]+)*define[ \t]")
_ENDEF = regex(r" *endef(?:[ \t#]|$)")
_EXPORT = regex(r" *export(?P<names>[ \t][^#=:]*)?(?:#.*)?")
_RULE = regex(r"(?P<targets>[^\s#:=][^#:=]*)::?(?!=)(?P<needs>[^#;=]*)(?:;(?P<first>.*)|(?:#.*)?)")
_INCLUDE = regex(r" *[-s]?include[ \t](?P<names>[^#]*)(?:#.*)?")
_MAKE = regex(r"^make(?=\s)")
_PREFIX = regex(r"[@+\s]*(?P<ignores>-)?[@+\s]*")


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


class Target(Struct):
    """What make does for a target: first what it `needs`, then its lines."""

    needs: dict[str, None] = field(default_factory=dict)
    lines: list[Script] = field(default_factory=list)


class Makefile(Struct, frozen=True):
    """A Makefile's targets, in their order. `yielding` are its variables that give way to the environment."""

    path: str
    directory: str
    targets: Mapping[str, Target]
    yielding: frozenset[str]

    @property
    def lines(self) -> Iterator[Script]:
        """Every line of every recipe, those of several targets once."""
        found = {line.key: line for target in self.targets.values() for line in target.lines}
        return iter(found.values())

    def asked(self, call: MakeCall) -> Iterator[Script]:
        """The lines that `call` has make run: its targets in their order, and behind each what it needs."""
        left = [*reversed(call.targets or tuple(self.targets)[:1])]
        seen: set[str] = set()
        while left:
            name = left.pop()
            if name not in seen and name in self.targets:
                seen.add(name)
                left += reversed(self.targets[name].needs)
                yield from self.targets[name].lines


class _Line(Struct, frozen=True):
    """A line of a recipe, without its prefix; `ignores`: that tells make to look past its failure.

    `not_in_ci`: it stands in a branch that CI does not take.
    """

    path: str
    number: int
    text: str
    ignores: bool
    not_in_ci: bool


class _Recipe(Struct):
    """The lines of one rule, for each of its targets."""

    targets: Sequence[str]
    lines: list[_Line] = field(default_factory=list)


def read_makefile(
    path: str, content: bytes, parts: Parts | None = None, given: Iterable[tuple[str, str]] = ()
) -> Makefile:
    """The Makefile at `path`, where the command line says what is `given` of its variables.

    Of its conditions every branch counts that CI may take, and its functions are not run.
    """
    reader = _Reader(path, dirname(path) or ".", parts or Parts(), Variables(dict(given)))
    reader.read(path, content)
    return reader.made()


class _Reader(Struct):
    """What was read of the Makefile at `path`, which is run in `directory`, and of what it includes."""

    path: str
    directory: str
    parts: Parts
    variables: Variables
    conditions: Conditions = field(default_factory=Conditions)
    targets: dict[str, Target] = field(default_factory=dict)
    recipes: list[_Recipe] = field(default_factory=list)
    special: dict[str, set[str]] = field(default_factory=dict)
    included: set[str] = field(default_factory=set)

    def read(self, path: str, content: bytes) -> None:
        """Read a file to its end, and on the way what it includes."""
        defines = False
        for number, text in _logical_lines(content.decode("utf-8", "replace")):
            if defines or _DEFINE.match(text):
                # What stands there is a text.
                defines = _ENDEF.match(text) is None
            elif self.conditions.take(text, self.variables.values):
                pass
            elif text.startswith("\t"):
                self._recipe_line(path, number, text)
            else:
                self._said(path, number, text.strip())

    def _said(self, path: str, number: int, text: str) -> None:
        """Take what a line says that is none of a recipe; where CI does not read it, no variables and no needs."""
        in_ci = self.conditions.in_ci
        if include := _INCLUDE.fullmatch(text):
            self._include(include["names"])
        elif (export := _EXPORT.fullmatch(text)) and in_ci:
            self.variables.export((export["names"] or "").split()[:_MOST_TARGETS])
        elif rule := _RULE.fullmatch(text):
            needs = () if in_ci is False else rule["needs"].split()
            self._rule(rule["targets"].split()[:_MOST_TARGETS], needs)
            if rule["first"] is not None:
                self._recipe_line(path, number, rule["first"])
        elif in_ci is not False:
            self.variables.take(text, sure=in_ci is True)

    def _include(self, names: str) -> None:
        for name in self.variables.expanded(names).split():
            for path in self.parts.named(normpath(join(self.directory, name))):
                if path not in self.included and len(self.included) < _MOST_INCLUDED:
                    self.included.add(path)
                    self.read(path, self.parts.taken(path))

    def _rule(self, names: Sequence[str], needs: Sequence[str]) -> None:
        for each in names:
            if each.startswith(".") and self.conditions.in_ci is not False:
                self.special.setdefault(each, set()).update(needs or ("",))
        targets = [each for each in names if not each.startswith(".")]
        self.recipes.append(_Recipe(targets))
        for each in targets:
            self.targets.setdefault(each, Target()).needs |= dict.fromkeys(needs)

    def _recipe_line(self, path: str, number: int, text: str) -> None:
        prefix = _PREFIX.match(text)
        assert prefix is not None
        if self.recipes:
            not_in_ci = self.conditions.in_ci is False
            line = _Line(path, number, text[prefix.end() :], bool(prefix["ignores"]), not_in_ci)
            self.recipes[-1].lines.append(line)

    def made(self) -> Makefile:
        """The targets with what a shell is given for each."""
        if EVERY in self.special:
            self.variables.export(())
        flags = f"{self.variables.values.get('SHELL', '')} {self.variables.values.get('.SHELLFLAGS', '')}"
        options, given = ShellOptions(errexit=".POSIX" in self.special).told(flags), self.variables.handed_on()
        for recipe in self.recipes:
            in_one = [each for each in recipe.lines if not each.not_in_ci] or recipe.lines
            together = [in_one] if ".ONESHELL" in self.special else [[each] for each in recipe.lines]
            made = [self._script(lines, recipe.targets, options, given) for lines in together if lines]
            for name in recipe.targets:
                self.targets[name].lines += made
        return Makefile(self.path, self.directory, self.targets, frozenset(self.variables.yielding))

    def _script(
        self, lines: Sequence[_Line], targets: Sequence[str], options: ShellOptions, given: tuple[tuple[str, str], ...]
    ) -> Script:
        first = lines[0]
        texts = [self.variables.expanded(_MAKE.sub("$(MAKE)", each.text)).replace("$$", "$") for each in lines]
        ignored = self.special.get(IGNORES, set())
        return Script(
            first.path,
            # What is included is run in as many directories as there are that include it.
            str(first.number) if first.path == self.path else f"{first.number} for {self.path}",
            first.number,
            "\n".join(texts),
            self.directory,
            options,
            goes_on="a `-` before it" if first.ignores else IGNORES if not ignored.isdisjoint(("", *targets)) else "",
            lines=tuple(_numbers(lines, texts)),
            settings=given,
            not_in_ci=first.not_in_ci,
        )


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their numbers; one that ends with a backslash goes on in the next."""
    begin, held = 1, list[str]()
    for number, each in enumerate(text.split("\n"), 1):
        begin = begin if held else number
        held.append(each)
        if not each.endswith("\\"):
            yield begin, "\n".join(held)
            held.clear()


def _numbers(lines: Sequence[_Line], texts: Sequence[str]) -> Iterator[int]:
    """The line in its file of each line of `texts`."""
    for each, text in zip(lines, texts, strict=True):
        yield from range(each.number, each.number + text.count("\n") + 1)


def _matches(path: str, pattern: str) -> bool:
    return path.count("/") == pattern.count("/") and fnmatchcase(path, pattern)
