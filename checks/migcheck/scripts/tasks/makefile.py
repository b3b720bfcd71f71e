"""The recipes of a Makefile. Each line of one is a script of its own: make gives it a shell of its own.

Facts: gnu.org "GNU make", "Including Other Makefiles" (a name begins where make runs), "Special Built-in Target Names"
(`.IGNORE`, `.ONESHELL`, `.POSIX`), "Using One Shell" (prefixes count on the first line), "Choosing the Shell", "Using
Variables in Recipes" (they are expanded when the recipe is run).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from posixpath import dirname, join, normpath

from msgspec import Struct, field
from msgspec.structs import replace

from migcheck.regex import regex
from migcheck.scripts.script import Script
from migcheck.scripts.shell.command import ShellOptions
from migcheck.scripts.tasks.make_lines import Definition, Line, statements
from migcheck.scripts.tasks.make_parts import Parts
from migcheck.scripts.tasks.make_variables import EVERY, Given, Variables, assignment_in
from migcheck.scripts.tasks.runner_calls import MakeCall

IGNORES = ".IGNORE"
"""Why a recipe goes on where one of its lines fails."""
_MOST_TARGETS = _MOST_INCLUDED = 50
# Blanks are cut off afterwards: a pattern that leaves them out looks for them again at each of them.
_EXPORT = regex(r" *(?P<un>un)?export(?P<names>[ \t][^#=:]*)?(?:#.*)?")
_RULE = regex(r"(?P<targets>[^\s#:=][^#:=]*)::?(?!=)(?P<needs>[^#;=]*)(?:;(?P<first>.*)|(?:#.*)?)")
_OF_TARGETS = regex(r"(?P<targets>[^\s#:=][^#:=]*)::?(?!=)\s*(?P<told>[^#=;]*=.*)", re.DOTALL)
# They may give back any line.
_RUN = ("$(eval", "${eval", "$(call", "${call", "$(foreach", "${foreach")
_INCLUDE = regex(r" *[-s]?include[ \t](?P<names>[^#]*)(?:#.*)?")
_PREFIX = regex(r"[@+\s]*(?P<ignores>-)?[@+\s]*")


class Target(Struct):
    """What make does for a target: first what it `needs`, then its lines."""

    needs: dict[str, None] = field(default_factory=dict)
    lines: list[Script] = field(default_factory=list)


class Makefile(Struct, frozen=True):
    """A Makefile's targets, in their order; `recipes` is what their lines are made of, where calls can change that."""

    directory: str
    targets: Mapping[str, Target]
    recipes: "Recipes | None" = None

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
                recipes = self.recipes if call.settings or call.environment_first else None
                yield from self.targets[name].lines if recipes is None else recipes.lines_of(name, call)


class _Line(Struct, frozen=True):
    """A line of a recipe, without its prefix; `ignores`: that tells make to look past its failure."""

    path: str
    number: int
    text: str
    ignores: bool


class _Recipe(Struct):
    """The lines of one rule, for each of its targets; `made` are they without what any command line says."""

    targets: Sequence[str]
    lines: list[_Line] = field(default_factory=list)
    made: list[Script] = field(default_factory=list)


def read_makefile(path: str, content: bytes, parts: Parts | None = None, directory: str | None = None) -> Makefile:
    """The Makefile at `path`. Of its conditions every branch counts, and its functions are not run.

    That is so of targets, of their lines and of words in these: of two that say a variable, the last counts. An address
    of a database that one of them alone says is none. `directory` is where make runs, where that is not its own.
    """
    reader = _Reader(path, directory or dirname(path) or ".", parts or Parts(), named=directory is not None)
    reader.read(path, content)
    return reader.made()


class _Reader(Struct):
    """What was read of the Makefile at `path`, which is run in `directory`, and of what it includes.

    `named`: a command names it. `open`: lines of a recipe may follow.
    """

    path: str
    directory: str
    parts: Parts
    named: bool = False
    targets: dict[str, Target] = field(default_factory=dict)
    recipes: list[_Recipe] = field(default_factory=list)
    variables: Variables = field(default_factory=Variables)
    special: dict[str, set[str]] = field(default_factory=dict)
    included: set[str] = field(default_factory=set)
    open: bool = False

    def read(self, path: str, content: bytes, *, sure: bool = True) -> None:
        """Read a file to its end, and on the way what it includes. `sure`: no condition is around it."""
        for each in statements(content.decode("utf-8", "replace"), sure=sure):
            match each:
                case Definition(told):
                    self.variables.assign(told)
                    self.open = False
                # Where no rule is open, a tab is a blank.
                case Line(number, text) if text.startswith("\t") and (self.open or not assignment_in(text.strip())):
                    self._recipe_line(path, number, text)
                case Line(number, text, clear):
                    text = text.strip(" \t")
                    rule = self._said(text, sure=clear)
                    self.open = rule is not None or (self.open and text[:1] in ("", "#"))
                    if rule is not None and rule["first"] is not None:
                        self._recipe_line(path, number, rule["first"])

    def _said(self, text: str, *, sure: bool) -> re.Match[str] | None:
        """Take what a line says that is none of a recipe; where it is a rule, give that back."""
        if include := _INCLUDE.fullmatch(text):
            self._include(include["names"], sure=sure)
        elif export := _EXPORT.fullmatch(text):
            names = (export["names"] or "").split()
            self.variables.export(names[:_MOST_TARGETS], exported=export["un"] is None, sure=sure)
        elif assignment := assignment_in(text, sure=sure):
            self.variables.assign(assignment)
        elif text.startswith(_RUN):
            self.variables.doubt_all()
        elif (told := _OF_TARGETS.fullmatch(text)) and (assignment := assignment_in(told["told"])):
            self.variables.assign_for_targets(assignment)
        elif rule := _RULE.fullmatch(text):
            self._rule(rule["targets"].split()[:_MOST_TARGETS], rule["needs"].split(), sure=sure)
            return rule
        return None

    def _include(self, names: str, *, sure: bool) -> None:
        """Read what is included; behind what cannot be, nothing that was said is sure."""
        for name in self.variables.expanded(names).split():
            read = [self._reads(path, sure=sure) for path in self.parts.named(normpath(join(self.directory, name)))]
            if not read or not all(read):
                self.variables.doubt_all()

    def _reads(self, path: str, *, sure: bool) -> bool:
        """Read a file that is included; False where it is left out, since it was read before or is too much."""
        if path in self.included or len(self.included) >= _MOST_INCLUDED:
            return False
        self.included.add(path)
        self.read(path, self.parts.taken(path), sure=sure)
        return self.parts.left >= 0

    def _rule(self, names: Sequence[str], needs: Sequence[str], *, sure: bool) -> None:
        if EVERY in names:
            self.variables.export((), exported=True, sure=sure)
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

    def made(self) -> Makefile:
        """The targets with what a shell is given for each."""
        run_as = f"{self.path} in {self.directory}" if self.named else self.path
        flags = f"{self.variables.values.get('SHELL', '')} {self.variables.values.get('.SHELLFLAGS', '')}"
        options = ShellOptions(errexit=".POSIX" in self.special).told(flags)
        own = "" if self.named else self.path
        recipes = Recipes(self.recipes, self.variables, self.special, options, self.directory, own, run_as)
        recipes.make(self.targets)
        return Makefile(self.directory, self.targets, recipes)


class Recipes(Struct):
    """The recipes of a Makefile that is run in `directory`, from which the lines of its targets are made.

    `own` is the file whose lines need no other name than their number; the others are those `run_as` says. `left` is
    how much may still be made anew for what a command line says: letters, and variables.
    """

    recipes: Sequence[_Recipe]
    variables: Variables
    special: Mapping[str, set[str]]
    options: ShellOptions
    directory: str
    own: str
    run_as: str
    left: int = 2_000_000
    known: dict[tuple[str, Given, bool], list[Script]] = field(default_factory=dict)
    by_target: dict[str, list[_Recipe]] = field(default_factory=dict)

    def make(self, targets: Mapping[str, Target]) -> None:
        """Make the lines of `targets`, without what any command line says."""
        for recipe in self.recipes:
            recipe.made += self._scripts(recipe, self.variables)
            for name in recipe.targets:
                self.by_target.setdefault(name, []).append(recipe)
                targets[name].lines += recipe.made

    def lines_of(self, name: str, call: MakeCall) -> list[Script]:
        """The lines of the target `name` with what `call` says; one that is no other by that is the same."""
        recipes = self.by_target.get(name, [])
        if self.left < 0:
            return [each for recipe in recipes for each in recipe.made]
        asked = name, call.settings, call.environment_first
        if asked not in self.known:
            self.left -= len(self.variables.values) + sum(len(each.text) for one in recipes for each in one.made)
            variables = self.variables.over(call.settings, environment_first=call.environment_first)
            number = len(self.known)
            self.known[asked] = [
                _told_apart(plain, other, f"{plain.name} in {number}")
                for recipe in recipes
                for plain, other in zip(recipe.made, self._scripts(recipe, variables), strict=True)
            ]
        return self.known[asked]

    def _scripts(self, recipe: _Recipe, variables: Variables) -> list[Script]:
        together = [recipe.lines] if ".ONESHELL" in self.special else [[each] for each in recipe.lines]
        made = [self._script(lines, recipe.targets, variables) for lines in together if lines]
        return [replace(each, settings=variables.handed_on()) for each in made]

    def _script(self, lines: Sequence[_Line], targets: Sequence[str], variables: Variables) -> Script:
        first = lines[0]
        texts = [variables.expanded(each.text).replace("$$", "$") for each in lines]
        ignored = self.special.get(IGNORES, set())
        return Script(
            first.path,
            # What is included is run in as many directories as there are that include it.
            str(first.number) if first.path == self.own else f"{first.number} for {self.run_as}",
            first.number,
            "\n".join(texts),
            self.directory,
            self.options,
            goes_on="a `-` before it" if first.ignores else IGNORES if not ignored.isdisjoint(("", *targets)) else "",
            lines=tuple(_numbers(lines, texts)),
        )


def _told_apart(plain: Script, other: Script, name: str) -> Script:
    """`plain`, or under a name of its own `other`, where that is run in another way."""
    if (plain.text, plain.settings) == (other.text, other.settings):
        return plain
    return replace(other, name=name, instead=plain.name)


def _numbers(lines: Sequence[_Line], texts: Sequence[str]) -> Iterator[int]:
    """The line in its file of each line of `texts`."""
    for each, text in zip(lines, texts, strict=True):
        yield from range(each.number, each.number + text.count("\n") + 1)
